"""Who is told: a household's members, each by the own data, as long as they are; and staff."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from services.collection.application.desk import Desk
from services.collection.domain.outcomes import COLLECTOR, OPERATOR
from services.collection.domain.preferences import OPERATORS, Addressee
from shared.kernel.errors import NotFound


class MemberRecipients:
    """`Recipients` by households and people."""

    def __init__(self, desk: Desk, *, operators_email: str | None) -> None:
        """`operators_email` is where the city's own staff is told."""
        self._desk = desk
        self._operators_email = operators_email

    def of_households(self, household_ids: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Return the members of each household; who joined within the last 3 s may be missing."""
        found: dict[str, Sequence[str]] = {}
        for household_id in household_ids:
            with suppress(NotFound):
                household = self._desk.directory.household(household_id)
                found[household_id] = [each.person_id for each in household.members]
        return found

    def addressee(
        self, recipient: str, *, audience: str, household_id: str | None
    ) -> Addressee | None:
        """Return where one is reached, or None for one who is erased or left the household.

        A collector is known by its subject alone, which the city's gateway knows too.
        """
        if audience == OPERATOR:
            return Addressee(OPERATORS, self._operators_email, subject=OPERATORS)
        if audience == COLLECTOR:
            return Addressee(recipient, subject=recipient)
        if household_id is None:
            return None
        stored = self._desk.people.get_many([recipient]).get(recipient)
        if stored is None or not stored.state.is_active:
            return None
        if self._desk.households.get(household_id).state.member(recipient) is None:
            return None
        contact = stored.state.contact
        return Addressee(recipient, contact.email, contact.language, subject=stored.state.subject)
