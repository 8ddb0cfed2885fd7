"""A recurring drive: a rule of days (RFC 5545), a time of day, and the terms of each drive.

The rule is kept as it was given; which days it names is worked out behind a port.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from services.collection.domain.drive import LASTS_AT_MOST, Terms, check_terms
from services.collection.domain.rules import WorkingDays
from shared.kernel.clock import at_local
from shared.kernel.errors import Invalid
from shared.kernel.ids import derived_id

HORIZON_DAYS_MAX = 180
EXCEPTIONS_MAX = 200


@dataclass(frozen=True, slots=True)
class Series:
    """Drives at one site. `exceptions` are days without one, `ends_on` is the last day, if any.

    `on_holidays`: also on days on which nobody works, by the calendar of the State Council.
    Drives are planned `horizon_days` ahead. `community_code` is the site's.
    """

    series_id: str
    site_id: str
    rule: str
    first_day: date
    begins_at: time
    lasts_min: int
    terms: Terms
    exceptions: tuple[date, ...] = ()
    ends_on: date | None = None
    on_holidays: bool = True
    horizon_days: int = 28
    community_code: str = ""

    def window(self, day: date) -> tuple[datetime, datetime]:
        """Return when the drive of a day is held."""
        start = at_local(day, self.begins_at)
        return start, start + timedelta(minutes=self.lasts_min)

    def drive_id(self, day: date) -> str:
        """Return the id of the drive of a day: planning it again reaches the same one."""
        return derived_id("drive", self.site_id, self.series_id, day.isoformat())

    def held_on(self, days: Iterable[date], *, calendar: WorkingDays) -> list[date]:
        """Return the days of a rule on which there is a drive."""
        return [
            day
            for day in days
            if day not in self.exceptions
            and (self.ends_on is None or day <= self.ends_on)
            and (self.on_holidays or day.weekday() >= 5 or calendar.is_working_day(day))
        ]


def check_series(series: Series) -> None:
    """Raise `Invalid` (series.…, drive.…) for a series that cannot be."""
    check_terms(series.terms)
    if not 0 < timedelta(minutes=series.lasts_min) / LASTS_AT_MOST <= 1:
        raise Invalid("drive.window", "a drive ends after it begins, within a day")
    if not 1 <= series.horizon_days <= HORIZON_DAYS_MAX:
        raise Invalid("series.horizon", f"a horizon is 1 to {HORIZON_DAYS_MAX} days")
    if len(series.exceptions) > EXCEPTIONS_MAX:
        raise Invalid("series.exceptions", f"up to {EXCEPTIONS_MAX} days are left out")
