"""Booking: hold a place, then decide on the pickup. Two durable writes (exactness.md, 5)."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from services.collection.application.desk import Desk, own_household
from services.collection.application.estimating import estimated
from services.collection.application.places import TRIES, settle_places, take_places
from services.collection.application.residents import note_pickup
from services.collection.domain import pickup as pickups_of
from services.collection.domain.booking import Booking, Item, check_item
from services.collection.domain.households import Household
from services.collection.domain.people import Note
from services.collection.domain.pickup import Pickup
from services.collection.domain.pools import FORM_HOLD_FOR, Place, hold_id_of, household_pool
from services.collection.domain.rules import check_cut_off
from services.collection.domain.slots import SlotName, slot_named
from services.collection.domain.states import State
from shared.kernel.aggregate import Request, Stored, answered_before
from shared.kernel.errors import Conflict, Rejected, Stale, Unavailable


@dataclass(frozen=True, slots=True)
class BookPickup:
    """A resident (or staff for one) asks for a pickup in a slot. `note` may name persons."""

    pickup_id: str
    household_id: str
    slot_id: str
    items: tuple[Item, ...]
    caller: str
    is_staff: bool
    note: str | None = None
    series_id: str | None = None


def book_pickup(cmd: BookPickup, *, desk: Desk, request: Request[Pickup] | None) -> Stored[Pickup]:
    """Book: the hold is the first durable write, the pickup's insert is the decision.

    Raises `NotFound` (household, slot), `Conflict` (collection.slot_full, collection.too_late,
    collection.other_community, collection.too_many_open, collection.withdrawn). A repeat gets its
    first answer.
    """
    slot = slot_named(cmd.slot_id)
    for item in cmd.items:
        check_item(item)
    try:
        household = own_household(cmd.household_id, cmd.caller, is_staff=cmd.is_staff, desk=desk)
        check_slot(slot, household.community_code, desk=desk)
        take_places(_places(cmd, version=0), desk=desk)
        booked = _decide(cmd, household, desk=desk, request=request)
    except Conflict as no:
        return answered_before(desk.pickups, cmd.pickup_id, no, request=request)
    if cmd.note is not None:
        note_pickup(
            Note(cmd.pickup_id, cmd.note),
            household,
            caller=cmd.caller,
            is_staff=cmd.is_staff,
            desk=desk,
        )
    return booked


@dataclass(frozen=True, slots=True)
class HoldSlot:
    """A form is open: keep a place for the draft whose pickup will have this id."""

    pickup_id: str
    household_id: str
    slot_id: str
    caller: str
    is_staff: bool


def hold_slot(cmd: HoldSlot, *, desk: Desk) -> datetime:
    """Hold a place for 15 minutes of real time and return their end; raises as booking does.

    Booking with the same pickup id uses it. After it has lapsed, booking asks for it again.
    """
    household = own_household(cmd.household_id, cmd.caller, is_staff=cmd.is_staff, desk=desk)
    check_slot(slot_named(cmd.slot_id), household.community_code, desk=desk)
    place, share = _places(cmd, version=_draft_version(cmd.pickup_id, desk=desk))
    take_places((place, share), desk=desk, hold_for=FORM_HOLD_FOR)
    holds = desk.pools.get(place.pool_id).holds
    until = [each.expires_at for each in holds if each.hold_id == place.hold_id]
    return (until and until[0]) or desk.lease_clock.now()


def _draft_version(pickup_id: str, *, desk: Desk) -> int:
    """Return the version of a draft that lapsed (0: there is none), or raise `Conflict`."""
    for stored in desk.search.many([pickup_id]).values():
        if stored.state.state is not State.LAPSED:
            raise Conflict("collection.exists", "this pickup is booked already")
        return stored.version
    return 0


def check_slot(slot: SlotName, community_code: str, *, desk: Desk) -> None:
    """Raise `Conflict` where a household of the community cannot book the slot any more.

    Whatever its cut-off says, nobody comes in a window that is over; and nobody comes on a day that
    was closed, also to a place that was held before.
    """
    if slot.community_code != community_code:
        raise Conflict("collection.other_community", "the slot is another community's")
    rules = desk.rules.of(community_code)
    now = desk.clock.now()
    if now >= slot.window[1]:
        raise Conflict("collection.too_late", "the slot's time is over")
    if rules.closure(slot) is not None:
        raise Conflict("collection.slot_full", "this day is closed")
    check_cut_off(rules.cut_offs.book, slot.service_day, now=now, calendar=desk.working_days)


def _decide(
    cmd: BookPickup, household: Household, *, desk: Desk, request: Request[Pickup] | None
) -> Stored[Pickup]:
    """Insert the pickup: the decision for its places, which nothing but the insert can use."""
    places = _places(cmd, version=0)
    booking = estimated(_booking(cmd, household), desk=desk)
    decision = pickups_of.book(cmd.pickup_id, booking, places=places, now=desk.clock.now())
    desk.reached("slot.decide.before")
    try:
        booked = desk.pickups.create(cmd.pickup_id, decision, request=request)
    except Conflict:
        settle_places(places, desk=desk)
        return _book_lapsed(cmd, household, desk=desk, request=request)
    except Rejected:  # the key was used for another body
        settle_places(places, desk=desk)
        raise
    desk.reached("slot.decide.after")
    _settle_unused(places, booked, desk=desk)
    return booked


def _book_lapsed(
    cmd: BookPickup, household: Household, *, desk: Desk, request: Request[Pickup] | None
) -> Stored[Pickup]:
    """The hold of a first try lapsed: hold the slot anew, under the version that decides."""
    for _ in range(TRIES):
        lapsed = desk.pickups.get(cmd.pickup_id)
        pickups_of.check_lapsed(lapsed.state)
        places = _places(cmd, version=lapsed.version)
        take_places(places, desk=desk)
        decide = partial(
            pickups_of.book_again,
            booking=estimated(_booking(cmd, household), desk=desk),
            places=places,
            now=desk.clock.now(),
        )
        try:
            booked = desk.pickups.change(
                cmd.pickup_id, decide, request=request, expected_version=lapsed.version
            )
        except Stale:
            settle_places(places, desk=desk)
            continue
        _settle_unused(places, booked, desk=desk)
        return booked
    raise Unavailable("storage.contended", "this booking is repeated too often; try again")


def _settle_unused(places: tuple[Place, ...], booked: Stored[Pickup], *, desk: Desk) -> None:
    """Settle what a repeat took after its pickup had given it up."""
    settle_places([each for each in places if not booked.state.uses(each)], desk=desk)


def _places(cmd: BookPickup | HoldSlot, *, version: int) -> tuple[Place, ...]:
    hold_id = hold_id_of(cmd.pickup_id, version)
    return Place(cmd.slot_id, hold_id), Place(household_pool(cmd.household_id), hold_id)


def _booking(cmd: BookPickup, household: Household) -> Booking:
    slot = slot_named(cmd.slot_id)
    start, end = slot.window
    return Booking(
        household_id=cmd.household_id,
        community_code=household.community_code,
        cell=household.cell,
        slot_id=cmd.slot_id,
        service_day=slot.service_day,
        band=slot.band,
        window_start=start,
        window_end=end,
        items=cmd.items,
        series_id=cmd.series_id,
    )
