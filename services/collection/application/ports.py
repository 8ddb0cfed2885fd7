"""What the handlers need from the outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from services.collection.domain.pickup import Pickup
from services.collection.domain.slots import Slot
from shared.kernel.aggregate import Aggregates, Decision, Request, Stored


@dataclass(frozen=True, slots=True)
class Household:
    """A household in a community. Its names and address live with the people, not here."""

    household_id: str
    community_code: str
    cell: str
    owner: str


class Households(Protocol):
    """Households, which are registered and never change."""

    def get(self, entity_id: str) -> Stored[Household]:
        """Return the household, or raise `NotFound` (household.not_found)."""

    def create(
        self,
        entity_id: str,
        decision: Decision[Household],
        *,
        request: Request[Household] | None = None,
    ) -> Stored[Household]:
        """Insert, as `Aggregates.create`."""


Pickups = Aggregates[Pickup]


@dataclass(frozen=True, slots=True)
class Person:
    """Personal data of a household, in one deletable place; `None` fields were not given."""

    name: str | None
    phone: str | None
    address: str | None


class People(Protocol):
    """Personal data by household."""

    def keep(self, household_id: str, person: Person) -> None:
        """Keep or replace; may be repeated."""


class Slots(Protocol):
    """Places. All calls are one atomic update or read; they block and raise `Unavailable`."""

    def add(self, slot: Slot) -> Slot:
        """Insert, or return the one that is there; `Conflict` (collection.slot_exists) if other."""

    def get(self, slot_id: str) -> Slot:
        """Return the slot, or raise `NotFound` (slot.not_found)."""

    def hold(self, slot_id: str, hold_id: str, *, until: datetime) -> Slot:
        """Take a place, once a hold id; `Conflict` (collection.slot_full), `NotFound`.

        The answer's `holds` are not filled in.
        """

    def keep(self, slot_id: str, hold_id: str) -> None:
        """Keep a held place for good."""

    def free(self, slot_id: str, hold_id: str) -> None:
        """Give a place back."""

    def expired(self, now: datetime, *, limit: int) -> list[tuple[Slot, str]]:
        """Return held places past their time, with the hold's id."""

    def list(self, community_code: str, *, first: date, last: date) -> Sequence[Slot]:
        """Return a community's slots of some days."""


class PickupSearch(Protocol):
    """Reads over pickups that no single id answers."""

    def giving_up_places(self, *, limit: int) -> list[Stored[Pickup]]:
        """Return pickups that gave up a place which may not be free yet."""


class Cells(Protocol):
    """Points to H3 cells of resolution 9."""

    def cell_of(self, latitude: float, longitude: float) -> str:
        """Return the cell of a point in WGS84 degrees."""
