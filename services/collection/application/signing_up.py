"""Signing up for a drive: hold a place, then decide on the sign-up (exactness.md, 5).

As with pickups and slots: the hold's id is the sign-up's, with the version at which it was taken.
"""

from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from services.collection.application.drive_desk import DriveDesk
from services.collection.application.places import TRIES
from services.collection.domain.drive import Drive
from services.collection.domain.drive_states import AHEAD, DriveState
from services.collection.domain.pools import HOLD_FOR, Place, hold_id_of, pickup_of, taken_at
from services.collection.domain.signup import (
    SignUp,
    SignUpState,
    lapsed_sign_up,
    sign_up_id_of,
)
from shared.kernel.aggregate import Decision, Request, Stored, answered_before
from shared.kernel.errors import Conflict, NotFound, Stale, Unavailable

SWEPT_A_ROUND = 200
ROUNDS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class AskPlace:
    """A resident (or staff for one) wants a household to come to a drive."""

    drive_id: str
    household_id: str
    caller: str
    is_staff: bool


def sign_up(cmd: AskPlace, *, desk: DriveDesk, request: Request[SignUp]) -> Stored[SignUp]:
    """Sign a household up. A repeat gets its first answer.

    `NotFound` (household.not_found, drive.not_found), `Conflict` (drive.full, drive.not_possible,
    sign_up.exists).
    """
    _check_own(cmd, desk=desk)
    drive = desk.drives.get(cmd.drive_id).state
    sign_up_id = sign_up_id_of(cmd.drive_id, cmd.household_id)
    for _ in range(TRIES):
        present = _present(sign_up_id, desk=desk)
        try:
            return _sign(drive, cmd.household_id, present, desk=desk, request=request)
        except Stale:
            continue
        except Conflict as no:
            return answered_before(desk.sign_ups, sign_up_id, no, request=request)
    raise Unavailable("storage.contended", "this sign-up is repeated too often; try again")


def withdraw(cmd: AskPlace, *, desk: DriveDesk, request: Request[SignUp]) -> Stored[SignUp]:
    """Give the place up, then free it."""
    _check_own(cmd, desk=desk)
    sign_up_id = sign_up_id_of(cmd.drive_id, cmd.household_id)
    now = desk.clock.now()
    withdrawn = desk.sign_ups.change(sign_up_id, lambda s: s.withdraw(now=now), request=request)
    free_places(withdrawn, desk=desk)
    return withdrawn


def withdraw_household(household_id: str, *, desk: DriveDesk) -> None:
    """Withdraw what a household that is closed has signed up for; may be repeated."""
    now = desk.clock.now()
    for _ in range(ROUNDS_MAX):
        signed = desk.search.signed_by(household_id, limit=SWEPT_A_ROUND)
        if not signed:
            return
        for stored in signed:
            with suppress(Conflict):  # withdrawn meanwhile
                free_places(
                    desk.sign_ups.change(stored.id, lambda s: s.withdraw(now=now)), desk=desk
                )
    raise Unavailable("sign_up.contended", "this household signs up too often")


def sweep_places(*, desk: DriveDesk) -> int:
    """Decide about the holds past their time; free what was given up. Return how many."""
    expired = desk.places.expired(desk.lease_clock.now(), limit=SWEPT_A_ROUND)
    places = [Place(pool_id, hold_id) for pool_id, held in expired for hold_id in held]
    for place in places:
        settle_place(place, desk=desk)
    given_up = desk.search.giving_up_places(limit=SWEPT_A_ROUND)
    for stored in given_up:
        free_places(stored, desk=desk)
    return len(places) + len(given_up)


def settle_place(place: Place, *, desk: DriveDesk) -> None:
    """Let the sign-up decide about a held place, then keep or free it; may be repeated."""
    desk.reached("sign_up.free.before")
    if _decided(place, desk=desk).state.uses(place):
        desk.places.keep(place.pool_id, [place.hold_id])
    else:
        desk.places.free(place)
    desk.reached("sign_up.free.after")


def free_places(stored: Stored[SignUp], *, desk: DriveDesk) -> None:
    """Free what a sign-up gave up: the decision is made, the place follows."""
    for place in stored.state.to_free:
        desk.places.free(place)
        desk.sign_ups.change(stored.id, partial(SignUp.freed, place=place))


def pool_of_drive(drive_id: str) -> str:
    """Return the id of the pool of a drive's places."""
    return f"drive.{drive_id}"


def _check_own(cmd: AskPlace, *, desk: DriveDesk) -> None:
    desk.homes.check(cmd.household_id, None if cmd.is_staff else cmd.caller)


def _sign(
    drive: Drive,
    household_id: str,
    present: Stored[SignUp] | None,
    *,
    desk: DriveDesk,
    request: Request[SignUp],
) -> Stored[SignUp]:
    """Take a place under the version that decides, then decide."""
    if drive.state not in AHEAD and drive.state is not DriveState.OPEN:
        raise Conflict("drive.not_possible", f"nobody signs up for a {drive.state} drive")
    sign_up_id = sign_up_id_of(drive.drive_id, household_id)
    version = present.version if present else 0
    if present is not None and present.state.state is SignUpState.SIGNED:
        raise Conflict("sign_up.exists", "the household has signed up already")
    place = _take(drive, hold_id_of(sign_up_id, version), desk=desk)
    fresh = SignUp(
        sign_up_id=sign_up_id,
        drive_id=drive.drive_id,
        household_id=household_id,
        state=SignUpState.SIGNED,
        at=desk.clock.now(),
        community_code=drive.site.community_code,
        place=place,
        is_fresh=True,
    )
    desk.reached("sign_up.decide.before")
    try:
        return _decide(fresh, version, desk=desk, request=request)
    except Stale:
        if place is not None:
            settle_place(place, desk=desk)
        raise


def _decide(
    fresh: SignUp, version: int, *, desk: DriveDesk, request: Request[SignUp]
) -> Stored[SignUp]:
    """Insert or change at the very version of the hold, or raise `Stale`: look again."""
    if version:
        again = partial(SignUp.again, fresh=fresh)
        return desk.sign_ups.change(
            fresh.sign_up_id, again, request=request, expected_version=version
        )
    try:
        return desk.sign_ups.create(fresh.sign_up_id, Decision(fresh), request=request)
    except Conflict:
        raise Stale("sign_up.stale", "it is there by now") from None


def _take(drive: Drive, hold_id: str, *, desk: DriveDesk) -> Place | None:
    if drive.terms.capacity is None:
        return None
    place = Place(pool_of_drive(drive.drive_id), hold_id)
    desk.places.ensure(place.pool_id, drive.terms.capacity)
    try:
        desk.places.hold([place], until=desk.lease_clock.now() + HOLD_FOR)
    except Conflict:
        raise Conflict("drive.full", "all places of this drive are taken") from None
    desk.reached("sign_up.hold.after")
    return place


def _present(sign_up_id: str, *, desk: DriveDesk) -> Stored[SignUp] | None:
    try:
        return desk.sign_ups.get(sign_up_id)
    except NotFound:
        return None


def _decided(place: Place, *, desk: DriveDesk) -> Stored[SignUp]:
    """Return the sign-up as one that uses the place, or that never will."""
    sign_up_id, version = pickup_of(place.hold_id), taken_at(place.hold_id)
    for _ in range(TRIES):
        present = _present(sign_up_id, desk=desk)
        if present is None:
            lapsed = lapsed_sign_up(sign_up_id, now=desk.lease_clock.now())
            with suppress(Conflict):  # it was signed meanwhile: look again
                return desk.sign_ups.create(sign_up_id, lapsed)
            continue
        if present.version > version:
            return present
        with suppress(Stale):  # it went on meanwhile: look again
            return desk.sign_ups.change(sign_up_id, Decision, expected_version=version)
    raise Unavailable("storage.contended", "this sign-up changes too often; try again")
