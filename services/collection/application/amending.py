"""Amending: a move holds the new place before the decision, and frees the old one after it."""

from dataclasses import dataclass, replace

from services.collection.application.booking import check_slot
from services.collection.application.desk import Desk, owned
from services.collection.application.estimating import estimated
from services.collection.application.places import TRIES, free_places, settle_place, take_places
from services.collection.domain.booking import Booking, Item, check_item
from services.collection.domain.pickup import Pickup
from services.collection.domain.pools import Place, hold_id_of
from services.collection.domain.rules import check_cut_off
from services.collection.domain.slots import slot_named
from shared.kernel.aggregate import Decision, Request, Stored, answered_before
from shared.kernel.errors import Conflict, Rejected, Stale, Unavailable


@dataclass(frozen=True, slots=True)
class AmendPickup:
    """Change items or slot of a booking. `expected_version` None: whichever it is at."""

    pickup_id: str
    items: tuple[Item, ...] | None
    slot_id: str | None
    caller: str
    is_staff: bool
    expected_version: int | None


def amend_pickup(
    cmd: AmendPickup, *, desk: Desk, request: Request[Pickup] | None
) -> Stored[Pickup]:
    """Amend; raises as booking does, and `Stale` (pickup.stale) for another version."""
    for item in cmd.items or ():
        check_item(item)
    for _ in range(TRIES):
        present = desk.pickups.get(cmd.pickup_id)
        owned(present, cmd.caller, is_staff=cmd.is_staff, desk=desk)
        try:
            return _amended(cmd, present, desk=desk, request=request)
        except Stale:
            if cmd.expected_version is not None:
                raise
    raise Unavailable("storage.contended", "this pickup changes too often; try again")


def _amended(
    cmd: AmendPickup, present: Stored[Pickup], *, desk: Desk, request: Request[Pickup] | None
) -> Stored[Pickup]:
    try:
        place = _new_place(cmd, present, desk=desk)
    except Conflict as no:
        return answered_before(desk.pickups, cmd.pickup_id, no, request=request)
    # A move is decided on the very version that its place was taken at: then a hold which lapsed
    # meanwhile is never used.
    expected = cmd.expected_version
    if expected is None and cmd.slot_id is not None:
        expected = present.version
    try:
        amended = desk.pickups.change(
            cmd.pickup_id,
            lambda held: _decide(cmd, held, place=place, desk=desk),
            request=request,
            expected_version=expected,
        )
    except Rejected:
        if place is not None:
            settle_place(place, desk=desk)
        raise
    if place is not None and not amended.state.uses(place):
        settle_place(place, desk=desk)
    return free_places(amended, desk=desk)


def _new_place(cmd: AmendPickup, present: Stored[Pickup], *, desk: Desk) -> Place | None:
    """Take the new place where the command moves the pickup and may still do so."""
    held = present.state
    if cmd.expected_version not in (None, present.version):
        return None
    if cmd.slot_id is None or cmd.slot_id == held.booking.slot_id:
        return None
    check_slot(slot_named(cmd.slot_id), held.booking.community_code, desk=desk)
    place = Place(cmd.slot_id, hold_id_of(cmd.pickup_id, present.version))
    _decide(cmd, held, place=place, desk=desk)  # refuses before a place is taken
    take_places([place], desk=desk)
    return place


def _decide(cmd: AmendPickup, held: Pickup, *, place: Place | None, desk: Desk) -> Decision[Pickup]:
    now = desk.clock.now()
    cut_off = desk.rules.of(held.booking.community_code).cut_offs.amend
    check_cut_off(cut_off, held.booking.service_day, now=now, calendar=desk.working_days)
    booking = replace(held.booking, items=cmd.items or held.booking.items)
    if place is None:
        return held.amend(estimated(booking, desk=desk), now=now)
    moved = estimated(_moved(booking, place.pool_id), desk=desk)
    return held.amend(moved, place=place, now=now)


def _moved(booking: Booking, slot_id: str) -> Booking:
    slot = slot_named(slot_id)
    start, end = slot.window
    return replace(
        booking,
        slot_id=slot_id,
        service_day=slot.service_day,
        band=slot.band,
        window_start=start,
        window_end=end,
    )
