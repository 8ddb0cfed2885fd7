"""A person: all that names somebody, in one document that one update erases.

Everything else in this house holds the person's opaque id, which is random: from the token's
subject it cannot be worked out, and with the subject gone it names nobody.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.collection.domain.cards import Card, with_card
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict

# Against misuse: a caretaker may look after many doors.
HOMES_MAX = 200
NOTES_MAX = 100


class Status(StrEnum):
    """`ERASING`: nobody is named any more, what follows from this is under way."""

    ACTIVE = "active"
    ERASING = "erasing"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Contact:
    """How a person is called and reached; `None` was not given."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """What a person says of a household's door: `access` is for who comes to it."""

    household_id: str
    address: str | None = None
    access: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Free words about a pickup."""

    pickup_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Person:
    """A resident. One whom staff registered has no `subject`: nobody logs in as this person."""

    person_id: str
    created_at: datetime
    subject: str | None = None
    status: Status = Status.ACTIVE
    contact: Contact = Contact()
    homes: tuple[Home, ...] = ()
    notes: tuple[Note, ...] = ()
    cards: tuple[Card, ...] = ()
    erasing_at: datetime | None = None
    erased_at: datetime | None = None

    @property
    def is_active(self) -> bool:
        """Say whether the person is one who acts here."""
        return self.status is Status.ACTIVE

    def home(self, household_id: str) -> Home | None:
        """Return what the person said of a household's door."""
        return next((each for each in self.homes if each.household_id == household_id), None)

    def introduced(self, contact: Contact) -> Decision["Person"]:
        """Replace how the person is reached. As all acts, `Conflict` (person.erased)."""
        return self._kept(replace(self, contact=contact))

    def settled(self, home: Home) -> Decision["Person"]:
        """Keep or replace what the person says of a door."""
        others = tuple(each for each in self.homes if each.household_id != home.household_id)
        if len(others) >= HOMES_MAX:
            raise Conflict("person.too_many_homes", f"a person has {HOMES_MAX} homes")
        return self._kept(replace(self, homes=(*others, home)))

    def moved_out(self, household_id: str) -> Decision["Person"]:
        """Forget a door, and the cards for it."""
        homes = tuple(each for each in self.homes if each.household_id != household_id)
        cards = tuple(each for each in self.cards if each.household_id != household_id)
        return Decision(replace(self, homes=homes, cards=cards))

    def noted(self, note: Note) -> Decision["Person"]:
        """Keep what was said about a pickup; of more than 100 the oldest goes."""
        others = tuple(each for each in self.notes if each.pickup_id != note.pickup_id)
        return self._kept(replace(self, notes=(*others[-(NOTES_MAX - 1) :], note)))

    def carrying(self, card: Card) -> Decision["Person"]:
        """Give the person a new card."""
        return self._kept(replace(self, cards=with_card(self.cards, card)))

    def erase(self, *, now: datetime) -> Decision["Person"]:
        """Forget who this is: from this update on nothing leads from a name to the id, or back.

        Doors are kept until other members of the households have them. Repeatable.
        """
        if not self.is_active:
            return Decision(self)
        erasing = Person(
            self.person_id,
            self.created_at,
            status=Status.ERASING,
            homes=tuple(replace(each, access=None) for each in self.homes),
            erasing_at=now,
        )
        return Decision(erasing, forgets=True)

    def erased(self, *, now: datetime) -> Decision["Person"]:
        """Note that all that follows from the erasure is done."""
        return Decision(replace(self, status=Status.ERASED, homes=(), erased_at=now))

    def _kept(self, changed: "Person") -> Decision["Person"]:
        if not self.is_active:
            raise Conflict("person.erased", "this person was erased")
        return Decision(changed)


Decide = Callable[[Person], Decision[Person]]
