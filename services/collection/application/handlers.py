"""Commands on pickups after booking, and events of other services about them."""

from dataclasses import dataclass
from datetime import datetime

from services.collection.application.desk import Desk, owned
from services.collection.application.places import free_places
from services.collection.application.ports import Cells, Household, Person
from services.collection.domain.pickup import Pickup, TourPlace
from services.collection.domain.rules import (
    OUTCOMES,
    WorkingDays,
    check_cut_off,
    check_missed_report,
)
from services.collection.domain.slots import Slot, SlotName, open_slot
from services.collection.domain.weighing import WeighedLot, Weighing
from shared.kernel.aggregate import Decision, Request, Stored
from shared.kernel.errors import Invalid

NOBODY = Person(None, None, None)


@dataclass(frozen=True, slots=True)
class RegisterHousehold:
    """A household at a point in a community, with personal data that stays in one place."""

    household_id: str
    community_code: str
    latitude: float
    longitude: float
    owner: str
    person: Person


def register_household(
    cmd: RegisterHousehold,
    *,
    desk: Desk,
    cells: Cells,
    request: Request[Household],
) -> Stored[Household]:
    """Register; the point itself is not kept outside the cell.

    Personal data is kept after the request was found to be right, and before it is answered.
    """
    cell = cells.cell_of(cmd.latitude, cmd.longitude)
    household = Household(cmd.household_id, cmd.community_code, cell, cmd.owner)
    stored = desk.households.create(cmd.household_id, Decision(household), request=request)
    if cmd.person != NOBODY:
        desk.people.keep(cmd.household_id, cmd.person)
    return stored


def add_slot(name: SlotName, *, capacity: int, desk: Desk) -> Slot:
    """Open a slot; opening it again is the same slot."""
    return desk.slots.add(open_slot(name, capacity=capacity))


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
    owned(desk.pickups.get(cmd.pickup_id), cmd.caller, is_staff=cmd.is_staff)
    by = "city" if cmd.is_staff else "resident"

    def decide(held: Pickup) -> Decision[Pickup]:
        if not cmd.is_staff:
            check_cut_off(desk.cut_offs.cancel, held.booking.service_day, now=now)
        return held.cancel(by=by, reason=cmd.reason, now=now)

    cancelled = desk.pickups.change(cmd.pickup_id, decide, request=request)
    return free_places(cancelled, desk=desk)


def weigh_pickup(
    pickup_id: str, weighing: Weighing, *, desk: Desk, request: Request[Pickup]
) -> Stored[Pickup]:
    """Record a weigh-in: never refused for a rule, only for the impossible."""
    now = desk.clock.now()
    return desk.pickups.change(pickup_id, lambda p: p.weigh(weighing, now=now), request=request)


@dataclass(frozen=True, slots=True)
class CorrectWeighing:
    """A second look at the lots."""

    pickup_id: str
    supersedes: int
    lots: tuple[WeighedLot, ...]
    reason: str


def correct_weighing(
    cmd: CorrectWeighing, *, desk: Desk, request: Request[Pickup]
) -> Stored[Pickup]:
    """Replace the lots by the whole new list."""
    now = desk.clock.now()
    return desk.pickups.change(
        cmd.pickup_id,
        lambda p: p.correct(cmd.lots, supersedes=cmd.supersedes, reason=cmd.reason, now=now),
        request=request,
    )


@dataclass(frozen=True, slots=True)
class LogOutcome:
    """The crew was there and could not collect."""

    pickup_id: str
    outcome: str
    collector_id: str
    happened_at: datetime


def log_outcome(cmd: LogOutcome, *, desk: Desk, request: Request[Pickup]) -> Stored[Pickup]:
    """Log the trade's exception code; an unknown one is `Invalid` (collection.outcome)."""
    if cmd.outcome not in OUTCOMES:
        raise Invalid("collection.outcome", "this outcome is not one of the trade's codes")
    return desk.pickups.change(
        cmd.pickup_id,
        lambda p: p.fail(cmd.outcome, collector_id=cmd.collector_id, happened_at=cmd.happened_at),
        request=request,
    )


def report_missed(
    pickup_id: str,
    caller: str,
    *,
    is_staff: bool,
    desk: Desk,
    working_days: WorkingDays,
    request: Request[Pickup],
) -> Stored[Pickup]:
    """Take a missed-pickup report where it is admissible."""
    owned(desk.pickups.get(pickup_id), caller, is_staff=is_staff)
    now = desk.clock.now()

    def decide(held: Pickup) -> Decision[Pickup]:
        check_missed_report(held, now=now, working_days=working_days)
        return held.report_missed(now=now)

    return desk.pickups.change(pickup_id, decide, request=request)


def on_tour_assigned(held: Pickup | None, place: TourPlace) -> Decision[Pickup] | None:
    """A plan has a place for the pickup. Pickups begin here, so an unknown one is not ours."""
    return held.assign(place) if held else None


def on_stop_refused(
    held: Pickup | None, reason: str, *, plan_version: int
) -> Decision[Pickup] | None:
    """A plan has no place for the pickup; it stays open."""
    return held.refuse(reason, plan_version=plan_version) if held else None


def on_settled(held: Pickup | None, amount_fen: int, *, revision: int) -> Decision[Pickup] | None:
    """Pricing settled a weigh-in."""
    return held.settle(amount_fen, revision=revision) if held else None
