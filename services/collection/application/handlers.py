"""Commands on pickups after booking, and events of other services about them."""

from dataclasses import dataclass
from datetime import datetime

from services.collection.application.desk import Desk, owned
from services.collection.application.places import free_places
from services.collection.domain.booking import PlanRef, TourPlace
from services.collection.domain.life import CITY
from services.collection.domain.pickup import RESIDENT, Pickup
from services.collection.domain.rules import (
    MISSES_COUNTED_FOR,
    check_cut_off,
    check_missed_report,
)
from shared.kernel.aggregate import Decision, Request, Stored
from shared.kernel.clock import legal_day


@dataclass(frozen=True, slots=True)
class CancelPickup:
    """A resident, or the city for one, cancels."""

    pickup_id: str
    reason: str
    caller: str
    is_staff: bool


def cancel_pickup(cmd: CancelPickup, *, desk: Desk, request: Request[Pickup]) -> Stored[Pickup]:
    """Cancel, then free the place."""
    now = desk.clock.now()
    owned(desk.pickups.get(cmd.pickup_id), cmd.caller, is_staff=cmd.is_staff, desk=desk)
    by = CITY if cmd.is_staff else RESIDENT

    def decide(held: Pickup) -> Decision[Pickup]:
        if not cmd.is_staff:
            cut_off = desk.rules.of(held.booking.community_code).cut_offs.cancel
            check_cut_off(cut_off, held.booking.service_day, now=now, calendar=desk.working_days)
        return held.cancel(by=by, reason=cmd.reason, now=now)

    cancelled = desk.pickups.change(cmd.pickup_id, decide, request=request)
    return free_places(cancelled, desk=desk)


def report_missed(
    pickup_id: str,
    caller: str,
    *,
    is_staff: bool,
    desk: Desk,
    request: Request[Pickup],
) -> Stored[Pickup]:
    """Take a missed-pickup report where it is admissible.

    Two reports of one household at one moment may both miss each other in `earlier`: the count
    only decides whether a person looks at it.
    """
    pickup = owned(desk.pickups.get(pickup_id), caller, is_staff=is_staff, desk=desk)
    now = desk.clock.now()
    since = legal_day(now - MISSES_COUNTED_FOR)
    earlier = desk.search.misses(pickup.booking.household_id, since=since)
    tour = pickup.tour
    others_open = tour is not None and desk.search.has_open(tour.tour_id, beside=pickup_id)

    def decide(held: Pickup) -> Decision[Pickup]:
        check_missed_report(held, others_open=others_open, now=now, working_days=desk.working_days)
        return held.report_missed(now=now, earlier_misses=earlier)

    reported = desk.pickups.change(pickup_id, decide, request=request)
    return free_places(reported, desk=desk)


def on_tour_assigned(
    held: Pickup | None, place: TourPlace, *, at: datetime
) -> Decision[Pickup] | None:
    """A plan has a place for the pickup. Pickups begin here, so an unknown one is not ours."""
    return held.assign(place, at=at) if held else None


def on_stop_refused(
    held: Pickup | None, reason: str, *, plan: PlanRef, at: datetime
) -> Decision[Pickup] | None:
    """A plan has no place for the pickup; it stays open."""
    return held.refuse(reason, plan=plan, at=at) if held else None


def on_settled(
    held: Pickup | None, amount_fen: int, *, revision: int, at: datetime
) -> Decision[Pickup] | None:
    """Pricing settled a weigh-in."""
    return held.settle(amount_fen, revision=revision, at=at) if held else None
