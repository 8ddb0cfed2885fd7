"""Booking: hold a place, then decide on the pickup. Two durable writes (exactness.md, 5)."""

from dataclasses import dataclass
from functools import partial

from services.collection.application.desk import Desk, answered_before, own_household
from services.collection.application.places import TRIES, settle_places, take_places
from services.collection.application.ports import Household
from services.collection.domain import pickup as pickups_of
from services.collection.domain.pickup import Booking, Item, Pickup
from services.collection.domain.pools import Place, hold_id_of, household_pool
from services.collection.domain.rules import check_cut_off
from services.collection.domain.slots import SlotName, slot_named
from services.collection.domain.states import State
from shared.kernel.aggregate import Request, Stored
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


def book_pickup(cmd: BookPickup, *, desk: Desk, request: Request[Pickup]) -> Stored[Pickup]:
    """Book: the hold is the first durable write, the pickup's insert is the decision.

    Raises `NotFound` (household, slot), `Conflict` (collection.slot_full, collection.too_late,
    collection.other_community, collection.too_many_open). A repeat gets its first answer.
    """
    household = own_household(cmd.household_id, cmd.caller, is_staff=cmd.is_staff, desk=desk)
    slot = slot_named(cmd.slot_id)
    try:
        check_slot(slot, household.community_code, desk=desk)
        take_places(_places(cmd, version=0), desk=desk)
        booked = _decide(cmd, household, desk=desk, request=request)
    except Conflict as no:
        return answered_before(cmd.pickup_id, no, desk=desk, request=request)
    if cmd.note is not None:
        desk.people.keep_note(cmd.household_id, cmd.pickup_id, cmd.note)
    return booked


def check_slot(slot: SlotName, community_code: str, *, desk: Desk) -> None:
    """Raise `Conflict` where a household of the community cannot book the slot any more."""
    check_cut_off(desk.cut_offs.book, slot.service_day, now=desk.clock.now())
    if slot.community_code != community_code:
        raise Conflict("collection.other_community", "the slot is another community's")


def _decide(
    cmd: BookPickup, household: Household, *, desk: Desk, request: Request[Pickup]
) -> Stored[Pickup]:
    """Insert the pickup: the decision for its places, which nothing but the insert can use."""
    places = _places(cmd, version=0)
    booking = _booking(cmd, household)
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
    cmd: BookPickup, household: Household, *, desk: Desk, request: Request[Pickup]
) -> Stored[Pickup]:
    """The hold of a first try lapsed: hold the slot anew, under the version that decides."""
    for _ in range(TRIES):
        lapsed = desk.pickups.get(cmd.pickup_id)
        if lapsed.state.state is not State.LAPSED:
            raise Conflict("collection.exists", "this pickup is booked already")
        places = _places(cmd, version=lapsed.version)
        take_places(places, desk=desk)
        decide = partial(
            pickups_of.book_again,
            booking=_booking(cmd, household),
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


def _places(cmd: BookPickup, *, version: int) -> tuple[Place, ...]:
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
        owner=household.owner,
    )
