"""Places: taken before a pickup's decision, freed only after it (exactness.md, 5)."""

from contextlib import suppress
from dataclasses import replace
from functools import partial

from services.collection.application.desk import Desk
from services.collection.domain import pickup as pickups_of
from services.collection.domain.pickup import Pickup
from services.collection.domain.slots import HOLD_FOR, pickup_of, slot_named, taken_at
from shared.kernel.aggregate import Decision, Stored
from shared.kernel.errors import Conflict, NotFound, Stale, Unavailable

SWEPT_A_ROUND = 200
TRIES = 8


def take_place(slot_id: str, hold_id: str, *, desk: Desk) -> None:
    """Take a place in a slot for a while. `Conflict` (collection.slot_full), `NotFound`."""
    desk.reached("slot.hold.before")
    desk.slots.hold(slot_id, hold_id, until=desk.lease_clock.now() + HOLD_FOR)
    desk.reached("slot.hold.after")


def settle_hold(slot_id: str, hold_id: str, *, desk: Desk) -> None:
    """Let the pickup decide about a hold, then keep or free the place; may be repeated."""
    desk.reached("slot.free.before")
    if _decided(slot_id, hold_id, desk=desk).state.uses(hold_id):
        desk.slots.keep(slot_id, [hold_id])
    else:
        desk.slots.free(slot_id, hold_id)
    desk.reached("slot.free.after")


def _decided(slot_id: str, hold_id: str, *, desk: Desk) -> Stored[Pickup]:
    """Return the pickup as one that uses the hold, or that never will."""
    pickup_id, version = pickup_of(hold_id), taken_at(hold_id)
    for _ in range(TRIES):
        try:
            held = desk.pickups.get(pickup_id)
        except NotFound:
            draft = pickups_of.lapse(pickup_id, slot_named(slot_id), now=desk.clock.now())
            with suppress(Conflict):  # it was booked meanwhile: look again
                return desk.pickups.create(pickup_id, draft)
            continue
        if held.version > version:
            return held
        with suppress(Stale):  # it went on meanwhile: look again
            return desk.pickups.change(pickup_id, Decision, expected_version=version)
    raise Unavailable("storage.contended", "this pickup changes too often; try again")


def sweep_holds(*, desk: Desk) -> int:
    """Decide about the holds past their time; return how many there were.

    Nearly all are of pickups that were booked: those of a slot are kept by one read and one write.
    """
    swept = 0
    for slot_id, hold_ids in desk.slots.expired(desk.lease_clock.now(), limit=SWEPT_A_ROUND):
        present = desk.search.many({pickup_of(each) for each in hold_ids})
        used = [each for each in hold_ids if _is_used(each, present.get(pickup_of(each)))]
        if used:
            desk.slots.keep(slot_id, used)
        for hold_id in sorted(set(hold_ids).difference(used)):
            settle_hold(slot_id, hold_id, desk=desk)
        swept += len(hold_ids)
    return swept


def _is_used(hold_id: str, stored: Stored[Pickup] | None) -> bool:
    return stored is not None and stored.state.uses(hold_id)


def free_places(stored: Stored[Pickup], *, desk: Desk) -> Stored[Pickup]:
    """Free what a pickup gave up: the decision is made, the place follows.

    Returns the pickup with its present version, so that the caller's next If-Match fits.
    """
    for hold in stored.state.to_free:
        desk.reached("slot.free.before")
        desk.slots.free(hold.slot_id, hold.hold_id)
        noted = desk.pickups.change(stored.id, partial(Pickup.freed, hold=hold))
        desk.reached("slot.free.after")
        if noted.version == stored.version + 1:  # else somebody else's change came between
            stored = replace(stored, version=noted.version)
    return stored


def free_given_up(*, desk: Desk) -> int:
    """Free what cancelled and moved pickups gave up; heals what a crash left."""
    found = desk.search.giving_up_places(limit=SWEPT_A_ROUND)
    for stored in found:
        free_places(stored, desk=desk)
    return len(found)
