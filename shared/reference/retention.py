"""How long records are kept, by law: retention.csv. Nothing is deleted earlier.

No job of tracking deletes a record at all; a test holds the worker to the table, and every new
collection has to be named in it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from shared.kernel.errors import Invalid
from shared.reference.tables import Period, parts, period_of, read_rows

TABLE = Path(__file__).with_name("retention.csv")
GENERATION = re.compile(r"_\d+$")
FEBRUARY, LAST_OF_FEBRUARY = 2, 28


@dataclass(frozen=True, slots=True)
class Retention:
    """One rule. `years` 0: working data, not a record."""

    record: str
    collections: tuple[str, ...]
    years: int
    period: Period
    certainty: str
    source: str

    def kept_until(self, last_changed: date) -> date:
        """Return the first day on which a record may be deleted."""
        return _years_after(last_changed, self.years)


@cache
def retention_rules(path: Path = TABLE) -> tuple[Retention, ...]:
    """Return all rules, of all times."""
    return tuple(
        Retention(
            record=row["record"],
            collections=parts(row["collections"]),
            years=int(row["years"]),
            period=period_of(row),
            certainty=row["certainty"],
            source=row["source"],
        )
        for row in read_rows(path)
    )


def retention_on(on: date) -> tuple[Retention, ...]:
    """Return the rules that hold on a day."""
    return tuple(rule for rule in retention_rules() if rule.period.holds(on))


def retention_by_collection(on: date) -> Mapping[str, Retention]:
    """Return each collection's rule on a day; a collection has one."""
    return {name: rule for rule in retention_on(on) for name in rule.collections}


def retention_of(collection: str, on: date) -> Retention:
    """Return a collection's rule on a day, whichever generation it is of (journals_2).

    Raises `Invalid` (retention.unknown) where no rule names it.
    """
    rules = retention_by_collection(on)
    rule = rules.get(collection) or rules.get(GENERATION.sub("", collection))
    if rule is None:
        raise Invalid("retention.unknown", "no rule says how long this is kept")
    return rule


def may_delete(collection: str, *, last_changed: date, on: date) -> bool:
    """Say whether a record may be deleted on a day; raises as `retention_of`."""
    return on >= retention_of(collection, on).kept_until(last_changed)


def _years_after(day: date, years: int) -> date:
    """Return the same day of a later year; of 29 February the last of February."""
    later = day.year + years
    leaps = later % 4 == 0 and (later % 100 != 0 or later % 400 == 0)
    is_leap_day = day.month == FEBRUARY and day.day > LAST_OF_FEBRUARY
    return day.replace(year=later, day=LAST_OF_FEBRUARY if is_leap_day and not leaps else day.day)
