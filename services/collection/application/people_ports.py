"""What the handlers need to know of households and persons. Calls block; `Unavailable` as usual."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.collection.domain.households import Household
from services.collection.domain.people import Person
from shared.kernel.aggregate import Aggregates, Stored


class Households(Aggregates[Household], Protocol):
    """Households."""

    def of_person(self, person_id: str) -> Sequence[Stored[Household]]:
        """Return the households that a person belongs to, by id; 250 at the most."""

    def get_many(self, entity_ids: Iterable[str]) -> Mapping[str, Stored[Household]]:
        """Return those that exist, by id."""

    def by_invite(self, code_sha256: str) -> Stored[Household] | None:
        """Return the household that a code, used or not, is for."""


class People(Aggregates[Person], Protocol):
    """All personal data, a document a person. A subject has one person at a time."""

    def of(self, subject: str) -> Stored[Person] | None:
        """Return the person that a token's subject is."""

    def get_many(self, entity_ids: Iterable[str]) -> Mapping[str, Stored[Person]]:
        """Return those that exist, by id."""

    def by_card(self, token_sha256: str) -> Stored[Person] | None:
        """Return the person who has, or lately had, a card."""

    def answered(self, scope: str) -> Stored[Person] | None:
        """Return the person in whose document a request was answered."""

    def note(self, pickup_id: str) -> str | None:
        """Return what was said about a pickup."""

    def erasing(self, *, limit: int) -> Sequence[Stored[Person]]:
        """Return persons whose erasure is under way."""


class Directory(Protocol):
    """Who lives where, as every booking asks: answers may be 3 s behind another process's."""

    def household(self, household_id: str) -> Household:
        """Return the household, or raise `NotFound` (household.not_found)."""

    def person_id(self, subject: str) -> str | None:
        """Return the id of the person that a token's subject is."""

    def forget(self) -> None:
        """Ask anew from here on: something was changed by this process."""


class Codes(Protocol):
    """Codes that nobody can guess and that the database alone does not give away."""

    def code(self, purpose: str, made_of: str) -> str:
        """Return the code of a purpose and a request: a repeat gets the same one."""


@dataclass(frozen=True, slots=True)
class PhotoOf:
    """Whose photo of what it is, by opaque ids."""

    photo_id: str
    pickup_id: str
    person_id: str


class Photos(Protocol):
    """Blobs of re-encoded pictures, 5 MiB at the most; put whole, and never changed."""

    def put(self, photo: PhotoOf, picture: bytes) -> None:
        """Keep a picture under a new id."""

    def get(self, photo_id: str) -> bytes | None:
        """Return the picture, or None where there is none."""

    def delete(self, photo_id: str) -> None:
        """Delete; nothing happens where there is none."""

    def of_person(self, person_id: str, *, limit: int) -> Sequence[PhotoOf]:
        """Return a person's photos."""

    def unchecked(self, *, before: datetime, limit: int) -> Sequence[PhotoOf]:
        """Return photos put before an instant of real time that nobody has checked since."""

    def checked(self, photo_id: str) -> None:
        """Note that the photo has its pickup and its person."""


class Pictures(Protocol):
    """Reads what claims to be a picture."""

    def clean(self, content: bytes) -> bytes:
        """Return the picture alone, as JPEG: no EXIF, no comment, nothing behind it.

        Raises `Invalid` (photo.not_a_picture, photo.too_large).
        """
