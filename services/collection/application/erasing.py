"""Erasing a person: one update forgets who it was, then a job does what follows, repeatably.

The update takes the token's subject, name, phone, mail, access, notes and cards out of the one
document that had them. What follows is bound to the opaque id, so a crash leaves nothing undone:
the person stays `erasing` until all of it was done. Bookings and weigh-ins stay under the opaque
household, so that all ledgers still balance.
"""

from dataclasses import dataclass
from functools import partial

from services.collection.application.desk import Desk
from services.collection.application.members import hand_over, present
from services.collection.application.photographing import delete_photo
from services.collection.application.places import free_places, settle_place
from services.collection.domain.households import Household
from services.collection.domain.people import Person
from services.collection.domain.pickup import RESIDENT, Pickup
from services.collection.domain.pools import Place, household_pool, pickup_of
from services.collection.domain.states import OPEN
from shared.kernel.aggregate import Decision, Request, Stored
from shared.kernel.errors import NotFound, Unavailable

ERASED_A_ROUND = 50
PHOTOS_A_ROUND = 500
ROUNDS_MAX = 1_000
CLOSED = "household-closed"


@dataclass(frozen=True, slots=True)
class ErasePerson:
    """The caller's own person, or (staff) the one with an id."""

    caller: str
    person_id: str | None = None


def erase_person(cmd: ErasePerson, *, desk: Desk, request: Request[Person]) -> Stored[Person]:
    """Decide: from here on nothing leads from the subject to the person, or back. Repeatable.

    `NotFound` (person.not_found) where the caller is nobody here. `finish_erasures` does the rest.
    """
    person_id = cmd.person_id or _own(cmd.caller, request.scope, desk=desk)
    now = desk.clock.now()
    desk.reached("erasure.decide.before")
    erasing = desk.people.change(person_id, lambda p: p.erase(now=now), request=request)
    desk.directory.forget()
    desk.reached("erasure.decide.after")
    return erasing


def finish_erasures(*, desk: Desk) -> int:
    """Do what follows from erasures; return how many are done."""
    found = desk.people.erasing(limit=ERASED_A_ROUND)
    for stored in found:
        _finish(stored.state, desk=desk)
    return len(found)


def _own(caller: str, scope: str, *, desk: Desk) -> str:
    """Return the person whom this very request has erased, or else the caller's.

    A late repeat must not erase who came back.
    """
    held = desk.people.answered(scope) or desk.people.of(caller)
    if held is None:
        raise NotFound("person.not_found", "there is no such person")
    return held.id


def _finish(person: Person, *, desk: Desk) -> None:
    while households := desk.households.of_person(person.person_id):
        for stored in households:
            _leave(stored.state, desk=desk)
            desk.reached("erasure.household.after")
    for home in person.homes:
        hand_over(person, desk.households.get(home.household_id).state, desk=desk)
    _delete_photos(person.person_id, desk=desk)
    desk.reached("erasure.photos.after")
    desk.people.change(person.person_id, partial(Person.erased, now=desk.clock.now()))
    desk.reached("erasure.finish.after")


def _leave(household: Household, *, desk: Desk) -> None:
    """Let the household's erased persons go; with the last one it closes and books no more."""
    staying = {each.person_id for each in present(household, desk=desk)}
    gone = {each.person_id for each in household.members} - staying
    now = desk.clock.now()
    left = desk.households.change(household.household_id, lambda h: h.erase(gone, now=now)).state
    desk.directory.forget()
    if left.closed_at is None:
        return
    _cancel_all(left.household_id, desk=desk)
    for close in desk.closers:
        close(left.household_id)
    desk.reached("erasure.cancelled.after")
    desk.households.change(left.household_id, Household.emptied)


def _cancel_all(household_id: str, *, desk: Desk) -> None:
    """Shut the household's share first, then cancel: no booking can come in between."""
    pool_id = household_pool(household_id)
    pool = desk.pools.shut(pool_id, CLOSED)
    for _ in range(ROUNDS_MAX):
        if not pool.holds:
            return
        for hold in pool.holds:
            settle_place(Place(pool_id, hold.hold_id), desk=desk)
            cancel = partial(_cancel, desk=desk)
            free_places(desk.pickups.change(pickup_of(hold.hold_id), cancel), desk=desk)
        pool = desk.pools.get(pool_id)
    raise Unavailable("household.contended", "this household's places change too often")


def _cancel(pickup: Pickup, *, desk: Desk) -> Decision[Pickup]:
    """Cancel as the resident, whatever the cut-off says."""
    if pickup.state not in OPEN:
        return Decision(pickup)
    return pickup.cancel(by=RESIDENT, reason=CLOSED, now=desk.clock.now())


def _delete_photos(person_id: str, *, desk: Desk) -> None:
    for _ in range(ROUNDS_MAX):
        found = desk.photos.of_person(person_id, limit=PHOTOS_A_ROUND)
        if not found:
            return
        for photo in found:
            delete_photo(photo, desk=desk)
    raise Unavailable("photos.contended", "this person's photos change too often")
