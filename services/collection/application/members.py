"""Who joins a household, who leaves it, and who owns it."""

from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from services.collection.application.desk import Desk, membership
from services.collection.application.residents import expect_room, let_go_if_erased, person_for
from services.collection.domain.codes import hashed
from services.collection.domain.households import (
    INVITE_VALID_FOR,
    OWNER,
    Household,
    Invite,
)
from services.collection.domain.people import Home, Person
from shared.kernel.aggregate import Request, Stored
from shared.kernel.errors import Conflict, Forbidden, NotFound

INVITE = "invite"


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody acts on a household: a member, or staff for one."""

    household_id: str
    caller: str
    is_staff: bool


def invite(
    cmd: Acting, role: str, *, desk: Desk, request: Request[Household]
) -> tuple[Stored[Household], str]:
    """Make a code that lets one person join within 7 days; a repeat gets the same one.

    `Forbidden` (household.owner_only) for members, `NotFound` for others.
    """
    _expect_owner(cmd, desk=desk)
    now = desk.clock.now()
    code = desk.codes.code(INVITE, request.scope)
    made = Invite(hashed(code), role, now + INVITE_VALID_FOR)
    stored = desk.households.change(
        cmd.household_id, lambda held: held.invite(made, now=now), request=request
    )
    return stored, code


def join(code: str, caller: str, *, desk: Desk, request: Request[Household]) -> Stored[Household]:
    """Let the caller into the household of a code; `NotFound` (invite.not_found)."""
    now, code_sha256 = desk.clock.now(), hashed(code)
    found = desk.households.by_invite(code_sha256)
    if found is None or (desk.people.of(caller) is None and not _is_open(found, code_sha256, desk)):
        raise NotFound("invite.not_found", "there is no such open invite")
    person_id = person_for(caller, desk=desk, scope=request.scope)
    expect_room(person_id, found.id, desk=desk)
    joined = desk.households.change(
        found.id, lambda held: held.join(code_sha256, person_id, now=now), request=request
    )
    let_go_if_erased(person_id, found.id, desk=desk)
    return joined


def give_role(
    cmd: Acting, person_id: str, role: str, *, desk: Desk, request: Request[Household]
) -> Stored[Household]:
    """Make a member an owner or an owner a member; `Conflict` (household.last_owner)."""
    _expect_owner(cmd, desk=desk)
    changed = desk.households.change(
        cmd.household_id, lambda held: held.give_role(person_id, role), request=request
    )
    desk.directory.forget()
    return changed


def remove(
    cmd: Acting, person_id: str, *, desk: Desk, request: Request[Household]
) -> Stored[Household]:
    """Let a member go: by an owner, by staff, or by the member; `Conflict` for the last owner.

    What the member said of the door goes too; others of the household keep the address.
    """
    if not _is_self(cmd, person_id, desk=desk):
        _expect_owner(cmd, desk=desk)
    left = desk.households.change(
        cmd.household_id, lambda held: held.remove(person_id), request=request
    )
    desk.directory.forget()
    if left.state.member(person_id) is None:  # a repeat may find who came back
        hand_over(desk.people.get(person_id).state, left.state, desk=desk)
        desk.people.change(person_id, lambda p: p.moved_out(cmd.household_id))
    return left


def hand_over(person: Person, household: Household, *, desk: Desk) -> None:
    """Leave a household's address to those who stay, where none of them has said it."""
    home, staying = person.home(household.household_id), present(household, desk=desk)
    own = [each.home(household.household_id) for each in staying]
    if home is None or home.address is None or any(said and said.address for said in own):
        return
    for heir, said in zip(staying, own, strict=True):
        access = None if said is None else said.access
        theirs = Home(household.household_id, home.address, access)
        with suppress(Conflict):  # erased meanwhile: the next one
            desk.people.change(heir.person_id, partial(Person.settled, home=theirs))
            return


def present(household: Household, *, desk: Desk) -> list[Person]:
    """Return the household's persons who are not being erased, owners first."""
    found = desk.people.get_many([each.person_id for each in household.members])
    persons = [found[m.person_id].state for m in household.by_standing() if m.person_id in found]
    return [each for each in persons if each.is_active]


def _expect_owner(cmd: Acting, *, desk: Desk) -> None:
    """Let staff and owners pass; another household's is `NotFound`."""
    if cmd.is_staff:
        desk.households.get(cmd.household_id)
        return
    _, member = membership(cmd.household_id, cmd.caller, desk=desk)
    if member.role != OWNER:
        raise Forbidden("household.owner_only", "an owner of the household decides this")


def _is_self(cmd: Acting, person_id: str, *, desk: Desk) -> bool:
    person = None if cmd.is_staff else desk.people.of(cmd.caller)
    return person is not None and person.id == person_id


def _is_open(found: Stored[Household], code_sha256: str, desk: Desk) -> bool:
    now = desk.clock.now()
    return any(e.code_sha256 == code_sha256 and e.is_open(now) for e in found.state.invites)
