"""Households and their cards, as drives ask for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.collection.application.desk import Desk, own_household
from services.collection.application.ports import Recognised
from shared.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class KeptHomes:
    """`Homes` by who belongs to which household."""

    desk: Desk

    def check(self, household_id: str, caller: str | None) -> None:
        """Raise `NotFound` where it is not the caller's, `Conflict` where it is closed."""
        own_household(household_id, caller or "", is_staff=caller is None, desk=self.desk)

    def of(self, caller: str) -> Sequence[str]:
        """Return the caller's households."""
        person = self.desk.people.of(caller)
        if person is None:
            return []
        return [stored.id for stored in self.desk.households.of_person(person.id)]


@dataclass(frozen=True, slots=True)
class ShownCards:
    """`drive_ports.Cards` by the cards that residents carry."""

    desk: Desk

    def holder_of(self, token: str, *, at: datetime) -> Recognised | None:
        """Return whose card that was."""
        try:
            return self.desk.cards.recognise(token, at=at)
        except NotFound:
            return None
