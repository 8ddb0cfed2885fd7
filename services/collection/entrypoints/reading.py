"""What collection's API tells of single pickups, and the service's books."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from services.collection.application.desk import Desk, owned
from services.collection.application.residents import note_of
from services.collection.application.stops import is_assigned
from services.collection.domain.pickup import Pickup
from services.collection.entrypoints import views
from services.collection.entrypoints.history import HistoryView, history_view
from shared.http.access import ROLES
from shared.http.auth import Caller, Watcher, role
from shared.kernel.aggregate import Stored
from shared.kernel.errors import NotFound

Reader = Annotated[Caller, Depends(role(*ROLES, own=["resident", "company"], area=["regulator"]))]
STAFF = frozenset({"operator", "collector", "regulator"})


@dataclass(frozen=True, slots=True)
class Registry:
    """What is read."""

    desk: Desk
    books: Callable[[], dict[str, Any]]


def reading_router(registry: Registry) -> APIRouter:
    """Return the routes that read pickups, and the service's books."""
    router = APIRouter(prefix="/v1", tags=["reading"])

    @router.get("/pickups/{pickup_id}")
    def get_pickup(pickup_id: str, caller: Reader, response: Response) -> views.PickupView:
        stored = registry.desk.pickups.get(pickup_id)
        visible(stored, caller, desk=registry.desk)
        view = views.pickup_view(stored)
        if may_read_note(stored.state, caller, desk=registry.desk):
            view = view.model_copy(update={"note": note_of(stored.state, desk=registry.desk)})
        response.headers["ETag"] = f'"{stored.version}"'
        return view

    @router.get("/pickups/{pickup_id}/history")
    def get_history(pickup_id: str, caller: Reader) -> HistoryView:
        stored = registry.desk.pickups.get(pickup_id)
        visible(stored, caller, desk=registry.desk)
        return history_view(stored)

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
