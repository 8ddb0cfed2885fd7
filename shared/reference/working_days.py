"""China's working days: Monday to Friday, but for what a year's notice of the State Council says.

Each row of the table is a day that the notice made free or a make-up workday, with its source. A
year is `provisional` until its notice is out: it has the festivals that the law names, and none of
the swapped days. Years outside of the table have plain weeks and are provisional too.
"""

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import groupby
from pathlib import Path
from types import MappingProxyType

from shared.kernel.errors import Invalid

_TABLE = Path(__file__).with_name("working_days.csv")
ONE_DAY = timedelta(days=1)
SATURDAY = 5
SPECIAL_DAYS_MAX = 120
# More than two years of working days: a larger count is a mistake, not a deadline.
COUNTED_MAX = 500


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day on which people work (a make-up workday), or do not, against the week."""

    day: date
    works: bool
    name: str


@dataclass(frozen=True, slots=True)
class WorkingYear:
    """What is known of a year's working days, and from where."""

    year: int
    source: str
    provisional: bool
    days: tuple[SpecialDay, ...]

    def works(self, day: date) -> bool:
        """Say whether people work on a day of this year."""
        special = next((each.works for each in self.days if each.day == day), None)
        return day.weekday() < SATURDAY if special is None else special


YearOf = Callable[[int], WorkingYear]


@cache
def published_years() -> Mapping[int, WorkingYear]:
    """Return the years of the table, by year."""
    with _TABLE.open(encoding="utf-8", newline="") as table:
        rows = sorted(csv.DictReader(table), key=lambda row: row["day"])
    years = {year: _year(held) for year, held in groupby(rows, key=lambda row: row["day"][:4])}
    return MappingProxyType({int(year): held for year, held in years.items()})


def published_year(year: int) -> WorkingYear:
    """Return a year of the table, or a plain, provisional one."""
    return published_years().get(year) or WorkingYear(year, "plain weeks", True, ())


class ChinaWorkingDays:
    """Counts working days. The first day is day 0; `year_of` may be a service's own knowledge."""

    def __init__(self, year_of: YearOf = published_year) -> None:
        """`year_of` is asked again at each count, so that a new notice holds at once."""
        self._year_of = year_of

    def is_working_day(self, day: date) -> bool:
        """Say whether people work on a day."""
        return self._year_of(day.year).works(day)

    def add(self, day: date, working_days: int) -> date:
        """Return the day that is so many working days later, 0 to 500."""
        return self._moved(day, working_days, step=ONE_DAY)

    def subtract(self, day: date, working_days: int) -> date:
        """Return the day that is so many working days earlier, 0 to 500."""
        return self._moved(day, working_days, step=-ONE_DAY)

    def _moved(self, day: date, working_days: int, *, step: timedelta) -> date:
        if not 0 <= working_days <= COUNTED_MAX:
            raise ValueError(f"{COUNTED_MAX} working days are counted at the most")
        left, current = working_days, day
        while left:
            current += step
            left -= self.is_working_day(current)
        return current


def check_year(held: WorkingYear) -> None:
    """Raise `Invalid` (working_days.…) for a year that no notice can have made.

    A make-up workday is a Saturday or Sunday; a day is named once and belongs to its year.
    """
    days = [each.day for each in held.days]
    if len(days) > SPECIAL_DAYS_MAX:
        raise Invalid("working_days.too_many", f"a year has up to {SPECIAL_DAYS_MAX} such days")
    if len(set(days)) < len(days):
        raise Invalid("working_days.twice", "a day is free or a workday, once")
    if any(day.year != held.year for day in days):
        raise Invalid("working_days.other_year", "a notice's days are told with their own year")
    if any(each.works and each.day.weekday() < SATURDAY for each in held.days):
        raise Invalid("working_days.not_a_weekend", "a make-up workday is a Saturday or Sunday")


def _year(rows: Iterable[Mapping[str, str]]) -> WorkingYear:
    held = list(rows)
    return WorkingYear(
        year=int(held[0]["day"][:4]),
        source=held[0]["source"],
        provisional=any(row["provisional"] == "yes" for row in held),
        days=tuple(
            SpecialDay(date.fromisoformat(row["day"]), row["works"] == "yes", row["name"])
            for row in held
        ),
    )
