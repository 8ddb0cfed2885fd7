"""Tables as CSV: rows that hold for a time, each with a source and how sure it is.

A dated row holds in [valid_from, valid_to): `valid_to` is the first day on which it does not hold.
`certainty` says how the fact was come by: V read in the named text, X read in an excerpt of it,
M from memory. A lookup on a day gives that day's row.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Protocol, TypeVar

FOLDER = Path(__file__).parent
CERTAINTIES = ("V", "X", "M")
NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Period:
    """The days in [valid_from, valid_to); an open end is None."""

    valid_from: date
    valid_to: date | None

    def holds(self, on: date) -> bool:
        """Say whether a day is in it."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)

    def overlaps(self, other: "Period") -> bool:
        """Say whether any day is in both."""
        return (self.valid_to is None or other.valid_from < self.valid_to) and (
            other.valid_to is None or self.valid_from < other.valid_to
        )

    @property
    def last_day(self) -> date | None:
        """The last day that is in it, or None where it is open."""
        return None if self.valid_to is None else self.valid_to - timedelta(days=1)


class Dated(Protocol):
    """Whatever holds for a time."""

    @property
    def period(self) -> Period:
        """When it holds."""


D = TypeVar("D", bound=Dated)


def at(rows: Iterable[D], on: date) -> D | None:
    """Return the row that holds on a day, or None."""
    return next((row for row in rows if row.period.holds(on)), None)


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return a table's rows as text; lines that begin with # are comments.

    A cell too many is kept under the name None, a missing one is "": `codes check` tells both.
    """
    with path.open(encoding="utf-8", newline="") as table:
        lines = (line for line in table if not line.startswith("#"))
        return list(csv.DictReader(lines, restval=""))


def period_of(row: dict[str, str]) -> Period:
    """Return when a row holds; raise ValueError where it does not say so in ISO days."""
    ends = row["valid_to"]
    return Period(date.fromisoformat(row["valid_from"]), date.fromisoformat(ends) if ends else None)


def parts(cell: str) -> tuple[str, ...]:
    """Return the parts of a cell that holds several, joined by |."""
    return tuple(part for part in cell.split("|") if part)
