"""Booking: hold a place, decide on the pickup, free what is not used (exactness.md, 5)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from services.collection.application.ports import (
    Household,
    Households,
    Pickups,
    PickupSearch,
    Slots,
)
from services.collection.domain import pickup as pickups_of
from services.collection.domain.pickup import Booking, GivenUp, Item, Pickup
from services.collection.domain.rules import CutOffs, check_cut_off
from services.collection.domain.slots import HOLD_FOR, Slot, hold_id_of, pickup_of
from services.collection.domain.states import State
from shared.kernel.aggregate import Decision, Request, Stored
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict, NotFound

SWEPT_A_ROUND = 200
Reached = Callable[[str], None]


def _unlabelled(_label: str) -> None:
    """Pass a point that no test armed."""


@dataclass(frozen=True, slots=True)
class BookPickup:
    """A resident (or staff for one) asks for a pickup in a slot."""

    pickup_id: str
    household_id: str
    slot_id: str
    items: tuple[Item, ...]
    caller: str
    is_staff: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """What booking works with."""

    pickups: Pickups
    slots: Slots
    households: Households
    clock: Clock
    cut_offs: CutOffs
    reached: Reached = _unlabelled


def book_pickup(cmd: BookPickup, *, desk: Desk, request: Request[Pickup]) -> Stored[Pickup]:
    """Book; two durable writes: the place, then the pickup, whose insert is the decision.

    Raises `NotFound` (household, slot), `Conflict` (collection.slot_full, collection.too_late).
    """
    household = own_household(cmd.household_id, cmd.caller, is_staff=cmd.is_staff, desk=desk)
    try:
        booking = _held(cmd, household, version=0, desk=desk)
    except Conflict as no:
        return _answered_before(cmd.pickup_id, no, desk=desk, request=request)
    desk.reached("slot.decide.before")
    decision = pickups_of.book(cmd.pickup_id, booking, now=desk.clock.now())
    try:
        booked = desk.pickups.create(cmd.pickup_id, decision, request=request)
    except Conflict:
        booked = _book_lapsed(cmd, household, desk=desk, request=request)
    desk.reached("slot.decide.after")
    return booked


def _answered_before(
    pickup_id: str, no: Conflict, *, desk: Desk, request: Request[Pickup]
) -> Stored[Pickup]:
    """Give a repeated request its stored answer, also where it could not book any more."""

    def refuse(_held: Pickup) -> Decision[Pickup]:
        raise no

    try:
        return desk.pickups.change(pickup_id, refuse, request=request)
    except NotFound:
        raise no from None


def _book_lapsed(
    cmd: BookPickup, household: Household, *, desk: Desk, request: Request[Pickup]
) -> Stored[Pickup]:
    """The hold of a first try lapsed: hold the same slot anew before failing."""
    lapsed = desk.pickups.get(cmd.pickup_id)
    booking = _held(cmd, household, version=lapsed.version, desk=desk)
    now = desk.clock.now()
    return desk.pickups.change(
        cmd.pickup_id,
        lambda held: pickups_of.book_again(held, booking, now=now),
        request=request,
        expected_version=lapsed.version,
    )


def _held(cmd: BookPickup, household: Household, *, version: int, desk: Desk) -> Booking:
    """Hold a place and return the booking that uses it."""
    now = desk.clock.now()
    hold_id = hold_id_of(cmd.pickup_id, version)
    desk.reached("slot.hold.before")
    slot = desk.slots.hold(cmd.slot_id, hold_id, until=now + HOLD_FOR)
    desk.reached("slot.hold.after")
    try:
        _check_slot(slot, household.community_code, desk=desk)
    except Conflict:
        settle_hold(slot, hold_id, desk=desk)
        raise
    return _booking(cmd, household, slot=slot, hold_id=hold_id)


def own_household(household_id: str, caller: str, *, is_staff: bool, desk: Desk) -> Household:
    """Return the household if it is the caller's (or for staff), else `NotFound`."""
    household = desk.households.get(household_id).state
    if household.owner != caller and not is_staff:
        raise NotFound("household.not_found", "there is no such thing")
    return household


def _check_slot(slot: Slot, community_code: str, *, desk: Desk) -> None:
    check_cut_off(desk.cut_offs.book, slot.service_day, now=desk.clock.now())
    if slot.community_code != community_code:
        raise Conflict("collection.other_community", "the slot is another community's")


def _booking(cmd: BookPickup, household: Household, *, slot: Slot, hold_id: str) -> Booking:
    start, end = slot.window
    return Booking(
        household_id=cmd.household_id,
        community_code=household.community_code,
        cell=household.cell,
        slot_id=slot.slot_id,
        hold_id=hold_id,
        service_day=slot.service_day,
        band=slot.band,
        window_start=start,
        window_end=end,
        items=cmd.items,
        booked_by=cmd.caller,
    )


def settle_hold(slot: Slot, hold_id: str, *, desk: Desk) -> None:
    """Let the pickup decide about a hold: kept where it is used, else given up, then freed."""
    pickup_id, given_up = pickup_of(hold_id), GivenUp(slot.slot_id, hold_id)
    desk.reached("slot.free.before")
    try:
        decided = desk.pickups.create(
            pickup_id, pickups_of.lapse(pickup_id, slot, now=desk.clock.now())
        )
    except Conflict:
        decided = desk.pickups.change(pickup_id, lambda held: held.give_up(given_up))
    if decided.state.uses(hold_id):
        desk.slots.keep(slot.slot_id, hold_id)
    else:
        desk.slots.free(slot.slot_id, hold_id)
        free_places(decided, desk=desk)
    desk.reached("slot.free.after")


def sweep_holds(*, desk: Desk) -> int:
    """Decide about the holds past their time; return how many there were."""
    expired = desk.slots.expired(desk.clock.now(), limit=SWEPT_A_ROUND)
    for slot, hold_id in expired:
        settle_hold(slot, hold_id, desk=desk)
    return len(expired)


def free_given_up(*, desk: Desk, search: PickupSearch) -> int:
    """Free what cancelled and moved pickups gave up; heals what a crash left."""
    found = search.giving_up_places(limit=SWEPT_A_ROUND)
    for stored in found:
        free_places(stored, desk=desk)
    return len(found)


def free_places(stored: Stored[Pickup], *, desk: Desk) -> None:
    """Free what one pickup gave up: the decision is made, the place follows."""
    for hold in stored.state.to_free:
        desk.reached("slot.free.before")
        desk.slots.free(hold.slot_id, hold.hold_id)
        desk.pickups.change(stored.id, partial(Pickup.freed, hold=hold))
        desk.reached("slot.free.after")


@dataclass(frozen=True, slots=True)
class AmendPickup:
    """Change items or slot of a booking."""

    pickup_id: str
    items: tuple[Item, ...] | None
    slot_id: str | None
    caller: str
    is_staff: bool
    expected_version: int | None


def amend_pickup(cmd: AmendPickup, *, desk: Desk, request: Request[Pickup]) -> Stored[Pickup]:
    """Amend; a move holds the new place before it gives up the old one.

    A move is decided on the version that its hold was taken at, so that a hold which lapsed
    meanwhile is never used.
    """
    present = desk.pickups.get(cmd.pickup_id)
    held = owned(present, cmd.caller, is_staff=cmd.is_staff)
    booking = replace(held.booking, items=cmd.items or held.booking.items)
    expected = cmd.expected_version
    if cmd.slot_id is not None and cmd.slot_id != held.booking.slot_id:
        hold_id = hold_id_of(cmd.pickup_id, present.version)
        slot = desk.slots.hold(cmd.slot_id, hold_id, until=desk.clock.now() + HOLD_FOR)
        _check_slot(slot, held.booking.community_code, desk=desk)
        booking = _moved(booking, slot, hold_id)
        expected = expected if expected is not None else present.version

    def decide(present: Pickup) -> Decision[Pickup]:
        service_day = present.booking.service_day
        check_cut_off(desk.cut_offs.amend, service_day, now=desk.clock.now())
        return present.amend(booking)

    amended = desk.pickups.change(cmd.pickup_id, decide, request=request, expected_version=expected)
    free_places(amended, desk=desk)
    return amended


def _moved(booking: Booking, slot: Slot, hold_id: str) -> Booking:
    start, end = slot.window
    return replace(
        booking,
        slot_id=slot.slot_id,
        hold_id=hold_id,
        service_day=slot.service_day,
        band=slot.band,
        window_start=start,
        window_end=end,
    )


def owned(stored: Stored[Pickup], caller: str, *, is_staff: bool) -> Pickup:
    """Return the pickup if the caller booked it (or is staff), else raise `NotFound`."""
    pickup = stored.state
    if pickup.state is State.LAPSED or (pickup.booking.booked_by != caller and not is_staff):
        raise NotFound("pickup.not_found", "there is no such thing")
    return pickup
