"""What recurring pickups need beside the desk, and how far ahead a series looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from services.collection.application.desk import Desk
from services.collection.domain.recurrence import Recurrences
from services.collection.domain.series import Outlook, Series
from shared.kernel.aggregate import Aggregates
from shared.kernel.clock import legal_day

SeriesStore = Aggregates[Series]


class SeriesSearch(Protocol):
    """Reads over series that no single id answers. They block and raise `Unavailable`."""

    def due(self, now: datetime, *, limit: int) -> Sequence[str]:
        """Return series with work that waits, the longest waiting first."""

    def going_on(self, household_id: str) -> int:
        """Count a household's series that have work to come."""


@dataclass(frozen=True, slots=True)
class Rota:
    """What commands on series work with."""

    desk: Desk
    series: SeriesStore
    search: SeriesSearch
    recurrences: Recurrences

    def outlook(self, community_code: str, *, is_staff: bool = False) -> Outlook:
        """Return what a series of a community looks at now. Staff may withdraw at any time."""
        now = self.desk.clock.now()
        today = legal_day(now)
        rules = self.desk.rules.of(community_code)

        def too_late(day: date) -> bool:
            cancel = rules.cut_offs.cancel
            return not is_staff and cancel.passed(day, now=now, calendar=self.desk.working_days)

        horizon = today + timedelta(days=rules.horizon_days)
        return Outlook(today, horizon, now, too_late, self.recurrences)
