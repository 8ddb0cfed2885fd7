"""Places: taken before a pickup's decision, freed only after it (exactness.md, 5)."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial

from services.collection.application.desk import Desk
from services.collection.domain import pickup as pickups_of
from services.collection.domain.pickup import Pickup
from services.collection.domain.pools import HOLD_FOR, Place, pickup_of, taken_at
from shared.kernel.aggregate import Decision, Stored
from shared.kernel.errors import Conflict, NotFound, Rejected, Stale, Unavailable

SWEPT_A_ROUND = 200
TRIES = 8
# Longer than an Idempotency-Key is kept: no late repeat can mean such a draft.
LAPSED_KEPT = timedelta(days=8)


def take_places(places: Sequence[Place], *, desk: Desk, hold_for: timedelta = HOLD_FOR) -> None:
    """Take places for a while, all or none.

    Raises `NotFound` (slot.not_found) and `Conflict` (collection.slot_full,
    collection.too_many_open).
    """
    desk.reached("slot.hold.before")
    try:
        desk.pools.hold(places, until=desk.lease_clock.now() + hold_for)
    except Rejected:
        settle_places(places, desk=desk)
        raise
    desk.reached("slot.hold.after")


def settle_places(places: Sequence[Place], *, desk: Desk) -> None:
    """Let the pickup decide about each held place, then keep or free it; may be repeated."""
    for place in places:
        settle_place(place, desk=desk)


def settle_place(place: Place, *, desk: Desk) -> None:
    """Let the pickup decide about a held place, then keep or free it; may be repeated."""
    desk.reached("slot.free.before")
    if _decided(place, desk=desk).state.uses(place):
        desk.pools.keep(place.pool_id, [place.hold_id])
    else:
        desk.pools.free(place)
    desk.reached("slot.free.after")


def _decided(place: Place, *, desk: Desk) -> Stored[Pickup]:
    """Return the pickup as one that uses the place, or that never will."""
    pickup_id, version = pickup_of(place.hold_id), taken_at(place.hold_id)
    for _ in range(TRIES):
        try:
            held = desk.pickups.get(pickup_id)
        except NotFound:
            draft = pickups_of.lapse(pickup_id, now=desk.lease_clock.now())
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

    Nearly all are of pickups that were booked: those of a pool are kept by one read and one write.
    """
    swept = 0
    for pool_id, hold_ids in desk.pools.expired(desk.lease_clock.now(), limit=SWEPT_A_ROUND):
        present = desk.search.many({pickup_of(each) for each in hold_ids})
        places = [Place(pool_id, each) for each in hold_ids]
        used = [each for each in places if _is_used(each, present)]
        if used:
            desk.pools.keep(pool_id, [each.hold_id for each in used])
        for place in places:
            if place not in used:
                settle_place(place, desk=desk)
        swept += len(places)
    return swept


def _is_used(place: Place, present: Mapping[str, Stored[Pickup]]) -> bool:
    stored = present.get(pickup_of(place.hold_id))
    return stored is not None and stored.state.uses(place)


def free_places(stored: Stored[Pickup], *, desk: Desk) -> Stored[Pickup]:
    """Free what a pickup gave up: the decision is made, the place follows.

    Returns the pickup with its present version, so that the caller's next If-Match fits.
    """
    for place in stored.state.to_free:
        desk.reached("slot.free.before")
        desk.pools.free(place)
        noted = desk.pickups.change(stored.id, partial(Pickup.freed, place=place))
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


def forget_lapsed(*, desk: Desk) -> int:
    """Delete drafts that lapsed longer ago than any request may be repeated; return how many."""
    return desk.search.forget_lapsed(before=desk.lease_clock.now() - LAPSED_KEPT)
