"""What collection's API tells: single pickups, lists, and the service's books.

Who may see what is part of each query: a resident the own pickups, a regulator those of the area.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from services.collection.adapters.mongo_pickups import MongoPickupSearch
from services.collection.application.desk import Desk, own_household_ids, owned
from services.collection.application.residents import note_of
from services.collection.application.stops import is_assigned
from services.collection.domain.pickup import Pickup
from services.collection.domain.states import State
from services.collection.entrypoints import views
from shared.http.auth import Anybody, Caller, Watcher
from shared.http.paging import Cursor, Limit, Page, decode_cursor, encode_cursor, link_next
from shared.kernel.aggregate import Stored
from shared.kernel.errors import NotFound

STAFF = frozenset({"operator", "collector", "regulator"})


@dataclass(frozen=True, slots=True)
class Registry:
    """What is read."""

    desk: Desk
    search: MongoPickupSearch
    books: Callable[[], dict[str, Any]]


def reading_router(registry: Registry) -> APIRouter:
    """Return the routes that read pickups, and the service's books."""
    router = APIRouter(prefix="/v1", tags=["reading"])
    search = registry.search

    @router.get("/pickups/{pickup_id}")
    def get_pickup(pickup_id: str, caller: Anybody, response: Response) -> views.PickupView:
        stored = registry.desk.pickups.get(pickup_id)
        visible(stored, caller, desk=registry.desk)
        view = views.pickup_view(stored)
        if may_read_note(stored.state, caller, desk=registry.desk):
            view = view.model_copy(update={"note": note_of(stored.state, desk=registry.desk)})
        response.headers["ETag"] = f'"{stored.version}"'
        return view

    @router.get("/pickups")
    def list_pickups(
        request: Request,
        response: Response,
        caller: Anybody,
        *,
        where: Annotated[PickupFilter, Depends()],
        limit: Limit = 50,
    ) -> Page[views.PickupView]:
        after_id = str(decode_cursor(where.cursor, str)[0]) if where.cursor else ""
        wanted = where.of(caller, desk=registry.desk)
        found = search.page(wanted, after_id=after_id, limit=limit + 1)
        following = encode_cursor(found[limit - 1].id) if len(found) > limit else None
        link_next(request, response, following)
        return Page(items=[views.pickup_view(each) for each in found[:limit]], next=following)

    @router.get("/reconciliation")
    def reconciliation(_caller: Watcher) -> dict[str, Any]:
        return registry.books()

    return router


def visible(stored: Stored[Pickup], caller: Caller, *, desk: Desk) -> Pickup:
    """Return the pickup if the caller may see it, else raise `NotFound` (pickup.not_found)."""
    pickup = owned(stored, caller.subject, is_staff=bool(caller.roles & STAFF), desk=desk)
    in_area = pickup.booking.community_code.startswith(caller.area_code or "")
    if _is_of_an_area(caller) and not in_area:
        raise NotFound("pickup.not_found", "there is no such thing")
    return pickup


def may_read_note(pickup: Pickup, caller: Caller, *, desk: Desk) -> bool:
    """Say whether free words are for a caller who may see the pickup.

    They may name persons: they are for the household, staff, and the collector on the way to it.
    """
    if caller.has("operator") or not caller.roles & STAFF:
        return True
    return caller.has("collector") and is_assigned(pickup, caller.subject, desk=desk)


def _is_of_an_area(caller: Caller) -> bool:
    return caller.has("regulator") and bool(caller.area_code)


@dataclass(frozen=True, slots=True)
class PickupFilter:
    """What a list is narrowed to. A resident sees the own pickups, whatever is asked."""

    household_id: Annotated[str | None, Query(max_length=64)] = None
    community_code: Annotated[str | None, Query(pattern=r"^[0-9]{12}$")] = None
    service_day: date | None = None
    state: Annotated[str | None, Query(pattern="^[a-z_]{1,16}$")] = None
    cursor: Cursor = None

    def of(self, caller: Caller, *, desk: Desk) -> dict[str, Any]:
        """Return the filter of the query, with the caller's own limits inside."""
        where: dict[str, Any] = {
            "state.booking.household_id": self.household_id,
            "state.booking.community_code": self.community_code,
            "state.booking.service_day": self.service_day and self.service_day.isoformat(),
            "state.state": self.state,
        }
        where = {field: value for field, value in where.items() if value is not None}
        if _is_of_an_area(caller):
            area = {"$gte": caller.area_code, "$lt": f"{caller.area_code}:"}
            where = {"$and": [where, {"state.booking.community_code": area}]}
        elif not caller.roles & STAFF:
            where = {
                "$and": [
                    where,
                    {
                        "state.booking.household_id": {
                            "$in": own_household_ids(caller.subject, desk=desk)
                        }
                    },
                ]
            }
        if self.state == State.LAPSED:
            raise NotFound("pickup.not_found", "a lapsed draft is not a pickup")
        return where
