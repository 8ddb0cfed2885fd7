"""Who a caller is, and the doors that persons register: personal data goes to `people` only."""

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from services.collection.application.desk import Desk, membership
from services.collection.application.ports import Cells
from services.collection.domain.households import OWNER, Household, Member
from services.collection.domain.people import HOMES_MAX, Contact, Home, Note, Person
from shared.kernel.aggregate import Answer, Decision, Request, Stored
from shared.kernel.errors import Conflict, NotFound, Unavailable
from shared.kernel.ids import derived_id, new_id

TRIES = 4


@dataclass(frozen=True, slots=True)
class RegisterHousehold:
    """A household at a point in a community.

    Staff register one for a person who does not log in, and may give that person an invite.
    """

    household_id: str
    community_code: str
    latitude: float
    longitude: float
    caller: str
    is_staff: bool
    contact: Contact = Contact()  # noqa: RUF009 - frozen, so one default serves all
    address: str | None = None
    access: str | None = None


def register_household(
    cmd: RegisterHousehold, *, desk: Desk, cells: Cells, request: Request[Household]
) -> Stored[Household]:
    """Register; the point itself is not kept outside the cell.

    Personal data is kept after the request was found to be right, and before it is answered.
    """
    person_id = _registrant(cmd, desk=desk, scope=request.scope)
    household = Household(
        cmd.household_id,
        cmd.community_code,
        cells.cell_of(cmd.latitude, cmd.longitude),
        members=(Member(person_id, OWNER, desk.clock.now()),),
    )
    stored = desk.households.create(cmd.household_id, Decision(household), request=request)
    if stored.state.member(person_id) is not None:
        if cmd.contact != Contact() or cmd.address is not None or cmd.access is not None:
            _tell(person_id, partial(_introduced, cmd=cmd), desk=desk, request=request)
        let_go_if_erased(person_id, cmd.household_id, desk=desk)
    return stored


def introduce(
    caller: str, contact: Contact, *, desk: Desk, request: Request[Person]
) -> Stored[Person]:
    """Keep how the caller is called and reached; `Conflict` (person.erased) for a late repeat."""
    person_id = person_for(caller, desk=desk, scope=request.scope)
    return desk.people.change(person_id, lambda p: p.introduced(contact), request=request)


def settle(caller: str, home: Home, *, desk: Desk, request: Request[Person]) -> Stored[Person]:
    """Keep what a member says of the household's door; others are `NotFound`."""
    _, member = membership(home.household_id, caller, desk=desk)
    return desk.people.change(member.person_id, lambda p: p.settled(home), request=request)


def person_for(caller: str, *, desk: Desk, scope: str) -> str:
    """Return the id of the caller's person, who is made where there is none.

    A repeat of what an erased person asked makes nobody, and is nothing to who came back since:
    `Conflict` (person.erased).
    """
    for _ in range(TRIES):
        held, before = desk.people.of(caller), desk.people.answered(scope)
        if before is not None and (held is None or held.id != before.id):
            raise Conflict("person.erased", "who asked this was erased")
        if held is not None:
            return held.id
        with suppress(Conflict):  # another request of the caller made the person just now
            person = Person(new_id(), desk.clock.now(), subject=caller)
            return desk.people.create(person.person_id, Decision(person)).id
    raise Unavailable("storage.contended", "this person changes too often; try again")


def let_go_if_erased(person_id: str, household_id: str, *, desk: Desk) -> None:
    """Take back a membership that came behind the person's erasure, which has not seen it."""
    if not desk.people.get(person_id).state.is_active:
        now = desk.clock.now()
        desk.households.change(household_id, lambda held: held.erase((person_id,), now=now))


def note_pickup(
    note: Note, household: Household, *, caller: str, is_staff: bool, desk: Desk
) -> None:
    """Keep free words with whoever said them; staff say them for the household's owner."""
    person_id = speaker(household, caller=caller, is_staff=is_staff, desk=desk)
    if person_id is not None:
        with suppress(Conflict):  # erased meanwhile: nothing may be kept any more
            desk.people.change(person_id, lambda p: p.noted(note))


def speaker(household: Household, *, caller: str, is_staff: bool, desk: Desk) -> str | None:
    """Return the person who speaks for the household: the caller, or the one staff act for."""
    if is_staff:
        return next((each.person_id for each in household.by_standing()), None)
    person = desk.people.of(caller)
    return None if person is None else person.id


def _registrant(cmd: RegisterHousehold, *, desk: Desk, scope: str) -> str:
    """Return the id of the person who is to own the household; a repeat makes nobody anew."""
    if cmd.is_staff:
        unnamed = Person(derived_id("registered", cmd.household_id), desk.clock.now())
        with suppress(Conflict):  # a repeat
            desk.people.create(unnamed.person_id, Decision(unnamed))
        return unnamed.person_id
    held = desk.people.of(cmd.caller)
    if held is None and _exists(cmd.household_id, desk=desk):
        return ""
    person_id = person_for(cmd.caller, desk=desk, scope=scope)
    expect_room(person_id, cmd.household_id, desk=desk)
    return person_id


def expect_room(person_id: str, household_id: str, *, desk: Desk) -> None:
    """Raise `Conflict` (person.too_many_homes) where a person has no room for one more household.

    Two requests at one moment may both find the last room: the limit is against misuse.
    """
    others = [each for each in desk.households.of_person(person_id) if each.id != household_id]
    if len(others) >= HOMES_MAX:
        raise Conflict("person.too_many_homes", f"a person has {HOMES_MAX} homes")


def _exists(household_id: str, *, desk: Desk) -> bool:
    try:
        desk.households.get(household_id)
    except NotFound:
        return False
    return True


def _tell(
    person_id: str,
    decide: "partial[Decision[Person]]",
    *,
    desk: Desk,
    request: Request[Household],
) -> None:
    """Change the person once for the request that changed the household."""
    once: Request[Person] = Request(request.scope, request.body_sha256, lambda _: Answer(204, b""))
    with suppress(Conflict):  # erased meanwhile
        desk.people.change(person_id, decide, request=once)


def _introduced(person: Person, *, cmd: RegisterHousehold) -> Decision[Person]:
    """Take what was given; what was not stays as it is."""
    held, given = person.contact, cmd.contact
    contact = replace(
        held,
        name=given.name or held.name,
        phone=given.phone or held.phone,
        email=given.email or held.email,
        language=given.language or held.language,
    )
    introduced = person.introduced(contact)
    if cmd.address is None and cmd.access is None:
        return introduced
    return introduced.state.settled(Home(cmd.household_id, cmd.address, cmd.access))
