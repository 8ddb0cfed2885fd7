"""The routes of lists: pickups by day, a collector's stops, and what waits for a person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from services.collection.application.desk import Desk
from services.collection.application.listing import Lists, read_page, read_reviews
from services.collection.domain.pickup import Pickup
from services.collection.entrypoints import views
from services.collection.entrypoints.list_query import (
    PickupQuery,
    behind_review,
    cursor_behind_review,
    not_offered,
)
from shared.contracts.topic import Code, OpaqueId
from shared.http.auth import Caller, Operator, role
from shared.http.body import Day, View
from shared.http.paging import Cursor, Limit, Page, link_next
from shared.kernel.aggregate import Stored
from shared.kernel.clock import legal_day

Lister = Annotated[
    Caller,
    Depends(
        role(
            "resident",
            "company",
            "operator",
            "regulator",
            own=["resident", "company"],
            area=["regulator"],
        )
    ),
]
Crew = Annotated[Caller, Depends(role("collector", "operator", own=["collector"]))]


class TourStopView(View):
    """A stop of a tour, without what only the door needs. `position` counts from 1."""

    position: int
    pickup_id: str
    tour_id: str
    vehicle_id: str
    collector_id: str
    eta: datetime
    window_start: datetime
    window_end: datetime
    state: str
    community_code: str
    items: tuple[views.ItemView, ...]


class TourStopsView(View):
    """The stops in the order of the tour, the done ones too."""

    items: list[TourStopView]


@dataclass(frozen=True, slots=True)
class StopQuery:
    """Whose stops, and which day's (today's, where none is named), or which tour's."""

    collector_id: Annotated[OpaqueId | None, Query()] = None
    tour_id: Annotated[OpaqueId | None, Query()] = None
    service_day: Day | None = None

    def found(self, caller: Caller, *, lists: Lists, desk: Desk) -> list[Stored[Pickup]]:
        """Return the stops. A collector sees the own ones, whatever is asked."""
        own = None if caller.has("operator") else caller.subject
        collector_id = self.collector_id or own
        if own is not None and collector_id != own:
            return []
        if self.tour_id is not None:
            if self.collector_id or self.service_day:
                raise not_offered("ask for a tour, or for a collector and a day")
            stops = lists.tour(self.tour_id)
            return [each for each in stops if own in (None, _collector(each.state))]
        if collector_id is None:
            raise not_offered("ask for a tour or a collector")
        return lists.stops(collector_id, self.service_day or legal_day(desk.clock.now()))


def listing_router(desk: Desk, lists: Lists) -> APIRouter:
    """Return the routes of lists."""
    router = APIRouter(prefix="/v1", tags=["reading"])

    @router.get("/pickups")
    def list_pickups(
        request: Request,
        response: Response,
        caller: Lister,
        *,
        query: Annotated[PickupQuery, Depends()],
        limit: Limit = 50,
    ) -> Page[views.PickupView]:
        now = desk.clock.now()
        wanted = query.wanted(caller, desk=desk)
        behind = query.behind(caller, wanted)
        found, ended = read_page(wanted, behind=behind, lists=lists, limit=limit)
        begun_at = behind.begun_at if behind else now
        following = query.cursor_behind(ended, caller, begun_at=begun_at) if ended else None
        link_next(request, response, following)
        return Page(items=[views.pickup_view(each) for each in found], next=following)

    @router.get("/stops")
    def list_stops(caller: Crew, query: Annotated[StopQuery, Depends()]) -> TourStopsView:
        found = query.found(caller, lists=lists, desk=desk)
        return TourStopsView(items=[_stop(n, each.state) for n, each in enumerate(found, start=1)])

    @router.get("/reviews")
    def list_reviews(
        request: Request,
        response: Response,
        _caller: Operator,
        *,
        code: Annotated[Code | None, Query()] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[views.PickupView]:
        now = desk.clock.now()
        behind = behind_review(cursor, code)
        found, ended = read_reviews(code, behind=behind, lists=lists, limit=limit)
        begun_at = behind.begun_at if behind else now
        following = cursor_behind_review(code, ended.state, begun_at=begun_at) if ended else None
        link_next(request, response, following)
        return Page(items=[views.pickup_view(each) for each in found], next=following)

    return router


def _collector(pickup: Pickup) -> str | None:
    return pickup.tour.collector_id if pickup.tour else None


def _stop(position: int, pickup: Pickup) -> TourStopView:
    tour, booking = pickup.tour, pickup.booking
    if tour is None:
        raise AssertionError("a stop is in a tour")
    return TourStopView(
        position=position,
        pickup_id=pickup.pickup_id,
        tour_id=tour.tour_id,
        vehicle_id=tour.vehicle_id,
        collector_id=tour.collector_id,
        eta=tour.eta,
        window_start=booking.window_start,
        window_end=booking.window_end,
        state=pickup.state.value,
        community_code=booking.community_code,
        items=booking.items,
    )
