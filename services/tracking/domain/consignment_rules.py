"""What every act goes through: the sealing table's guard, and the next deadline."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.tracking.domain.consignment import Consignment, Registration
from services.tracking.domain.consignment_due import Deadlines, WorkingDays, next_due
from services.tracking.domain.consignment_fields import EVIDENCE, frozen_content, value_of
from services.tracking.domain.sealing import SealingTable
from services.tracking.domain.signatures import Signing, Stage
from shared.kernel.aggregate import Decision
from shared.kernel.clock import end_of_legal_day, legal_day
from shared.kernel.errors import Conflict


@dataclass(frozen=True, slots=True)
class Rules:
    """The tables and limits that decide."""

    table: SealingTable
    working_days: WorkingDays
    deadlines: Deadlines = field(default_factory=Deadlines)

    def require(
        self, held: Consignment, stage: Stage, *, problems: Mapping[str, str] | None = None
    ) -> None:
        """Raise `Conflict` for the first required field that is not there.

        Its code is the problem's own where `problems` names the field (licence.expired, …), else
        consignment.field_missing.
        """
        for name in self.table.required(stage):
            if name in EVIDENCE:
                code = (problems or {}).get(name)
                if code is not None:
                    raise Conflict(code, f"{name} does not allow this signature", field=name)
            elif value_of(name, held, len(held.signatures)) is None:
                raise Conflict("consignment.field_missing", f"{name} is not there yet", field=name)

    def decided(
        self, before: Consignment, after: Consignment, *events: object, told: bool = False
    ) -> Decision[Consignment]:
        """Return the decision; `told` lets the national registry know of it.

        Raises `Conflict` (consignment.field_frozen) where it changes what a signature froze.
        """
        self._expect_unchanged(before, after)
        if told:
            after = replace(after, registration=_to_be_told(after.registration))
        due_at = next_due(after, self.deadlines, self.working_days)
        return Decision(replace(after, due_at=due_at), events)

    def is_backdated(self, held: Consignment, signing: Signing) -> bool:
        """Say whether a signature is told later than any device is offline.

        On paper it may be told until the back-filling is due, if the emergency was declared before.
        """
        limit = self.deadlines.signed_offline_within
        if signing.recorded_at - signing.signed_at <= limit:
            return False
        paper = held.registration.paper
        in_time = paper is not None and signing.recorded_at <= paper.due_at
        return paper is None or not in_time or signing.signed_at < paper.since

    def judged_at(self, held: Consignment, signing: Signing) -> datetime:
        """Return by whose day permits and law judge a signature: its own, unless it is backdated.

        A device's clock does not choose the day on which a licence is looked at.
        """
        return signing.recorded_at if self.is_backdated(held, signing) else signing.signed_at

    def working_day_end(self, at: datetime, working_days: int) -> datetime:
        """Return the end of the day that is so many working days after the one of `at`."""
        return end_of_legal_day(self.working_days.add(legal_day(at), working_days))

    def _expect_unchanged(self, before: Consignment, after: Consignment) -> None:
        ordinal = len(before.signatures)
        still = self.table.frozen(after.passed_at(ordinal))
        for name, value in frozen_content(before, ordinal, self.table).items():
            if name in still and value_of(name, after, ordinal) != value:
                code = "consignment.field_frozen"
                raise Conflict(code, f"a signature froze {name}", field=name)


def _to_be_told(held: Registration) -> Registration:
    return replace(held, wanted=held.wanted + 1, pending=True, refused=None)
