"""What collection's API gives about persons and households.

Answers to keyed calls are stored with the document for 7 days, so none of them has personal data:
it is read by GET.
"""

from datetime import datetime

from services.collection.application.stops import Stop
from services.collection.domain.households import Household
from services.collection.domain.people import Person
from shared.http.body import View
from shared.kernel.aggregate import Stored


class HouseholdView(View):
    """A household, without personal data."""

    household_id: str
    community_code: str
    cell: str


class MemberView(View):
    """A member; the name is for the household and for staff."""

    person_id: str
    role: str
    joined_at: datetime
    name: str | None = None


class HouseholdPageView(HouseholdView):
    """A household as its members see it."""

    members: tuple[MemberView, ...]
    closed_at: datetime | None = None


class HouseholdsView(View):
    """The caller's households."""

    items: list[HouseholdView]


class KeptView(View):
    """It is kept; what is kept is not repeated here."""

    person_id: str


class ContactView(View):
    """How a person is called and reached."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None
    language: str | None = None


class HomeView(View):
    """What a person said of a door."""

    household_id: str
    address: str | None = None
    access: str | None = None


class PersonView(View):
    """A person, to nobody but the person."""

    person_id: str
    created_at: datetime
    contact: ContactView
    homes: tuple[HomeView, ...]


class InviteView(View):
    """An invite; its code is shown by this answer only."""

    household_id: str
    role: str
    expires_at: datetime


class CodedInviteView(InviteView):
    """An invite with its code."""

    code: str


class CardView(View):
    """A card; its token is what the QR code says."""

    household_id: str
    expires_at: datetime


class CodedCardView(CardView):
    """A card with its token."""

    token: str


class RecognisedView(View):
    """Whose card it is: a household, never a person."""

    household_id: str
    community_code: str


class ErasureView(View):
    """How far an erasure is: erasing (nobody is named any more) or erased (all is done)."""

    erasure_id: str
    state: str
    erasing_at: datetime
    erased_at: datetime | None = None


class StopView(View):
    """A door, for the collector who is assigned to it."""

    pickup_id: str
    address: str | None = None
    access: str | None = None
    contact_name: str | None = None
    note: str | None = None


class AuditView(View):
    """What staff did: who, in which role, which act, to what, when. No personal data."""

    audit_id: str
    actor: str
    role: str
    act: str
    kind: str
    object_id: str
    community_code: str
    at: datetime


class NoteView(View):
    """What was said about a pickup."""

    pickup_id: str
    text: str


class CardRecordView(View):
    """A card that was made, without its token."""

    household_id: str
    issued_at: datetime
    expires_at: datetime


class MembershipView(HouseholdView):
    """A household with the caller's part in it."""

    role: str
    joined_at: datetime


class PhotoRecordView(View):
    """A photo of the person, by id."""

    photo_id: str
    pickup_id: str


def household_view(stored: Stored[Household]) -> HouseholdView:
    """Return the view of a household."""
    return HouseholdView.model_validate(stored.state)


def household_page(household: Household, persons: dict[str, Person]) -> HouseholdPageView:
    """Return the view of a household with its members' names."""
    members = tuple(
        MemberView(
            person_id=each.person_id,
            role=each.role,
            joined_at=each.joined_at,
            name=persons[each.person_id].contact.name if each.person_id in persons else None,
        )
        for each in household.by_standing()
    )
    return HouseholdPageView(
        household_id=household.household_id,
        community_code=household.community_code,
        cell=household.cell,
        members=members,
        closed_at=household.closed_at,
    )


def kept_view(stored: Stored[Person]) -> KeptView:
    """Return that it is kept."""
    return KeptView(person_id=stored.id)


def person_view(person: Person) -> PersonView:
    """Return the view of a person."""
    return PersonView.model_validate(person)


def invite_view(stored: Stored[Household]) -> InviteView:
    """Return the invite that was added last; this is rendered in the update that adds it."""
    made = stored.state.invites[-1]
    return InviteView(household_id=stored.id, role=made.role, expires_at=made.expires_at)


def card_view(stored: Stored[Person]) -> CardView:
    """Return the card that was made last; this is rendered in the update that makes it."""
    return CardView.model_validate(stored.state.cards[-1])


def erasure_view(stored: Stored[Person]) -> ErasureView:
    """Return how far an erasure is."""
    person = stored.state
    if person.erasing_at is None:
        raise AssertionError("an erasure has begun")
    return ErasureView(
        erasure_id=stored.id,
        state=person.status.value,
        erasing_at=person.erasing_at,
        erased_at=person.erased_at,
    )


def stop_view(stop: Stop) -> StopView:
    """Return the view of a stop."""
    return StopView.model_validate(stop)


def membership_view(household: Household, person_id: str) -> MembershipView:
    """Return a household with the part that a person has in it."""
    member = household.member(person_id)
    if member is None:
        raise AssertionError("the person is a member")
    return MembershipView(
        household_id=household.household_id,
        community_code=household.community_code,
        cell=household.cell,
        role=member.role,
        joined_at=member.joined_at,
    )
