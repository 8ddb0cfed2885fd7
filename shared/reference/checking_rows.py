"""What is wrong with one table's rows: cells, days, certainty; gaps and overlaps of periods."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from shared.reference.tables import CERTAINTIES, Period, period_of

NO_TIME = Period(date.min, None)


@dataclass(frozen=True, slots=True)
class Line:
    """A row that can be read, and how a finding names it."""

    where: str
    cells: dict[str, str]
    period: Period

    def covered_by(self, others: "Sequence[Line]") -> bool:
        """Say whether others hold on each day on which it holds."""
        day: date | None = self.period.valid_from
        for other in sorted(others, key=lambda line: line.period.valid_from):
            if day is not None and other.period.holds(day):
                day = other.period.valid_to
        ends = self.period.valid_to
        return day is None or (ends is not None and ends <= day)


@dataclass(frozen=True, slots=True)
class Columns:
    """What a table has: columns that are filled in each row, and others that may be empty."""

    filled: tuple[str, ...]
    there: tuple[str, ...] = ()
    dated: bool = True

    def also(self, filled: tuple[str, ...]) -> "Columns":
        """Return these columns, and others to be filled."""
        return Columns((*self.filled, *filled), self.there, self.dated)


def lines_of(
    table: str, rows: list[dict[str, str]], columns: Columns
) -> tuple[list[Line], list[str]]:
    """Return the rows of a table that can be read, and a line for each that says too little."""
    lines, found = [], []
    for number, cells in enumerate(rows, start=1):
        name = next(iter(cells.values()), "") or f"row {number}"
        where = f"{table} {name}" + (f" from {cells.get('valid_from')}" if columns.dated else "")
        wrong = list(_wrong(cells, columns))
        found += [f"{where}: {each}" for each in wrong]
        if not wrong:
            lines.append(Line(where, cells, period_of(cells) if columns.dated else NO_TIME))
    return lines, found


def periods(
    lines: list[Line], *, key: Callable[[Line], str], open_end: bool = False
) -> Iterator[str]:
    """Tell each overlap and gap among the rows of one key, and with `open_end` each last end."""
    by_key: dict[str, list[Line]] = {}
    for line in lines:
        by_key.setdefault(key(line), []).append(line)
    for name, held in by_key.items():
        ordered = sorted(held, key=lambda line: line.period.valid_from)
        for earlier, later in pairwise(ordered):
            ends, begins = earlier.period.valid_to, later.period.valid_from
            if earlier.period.overlaps(later.period):
                first = earlier.period.valid_from
                yield f"{later.where}: {name} overlaps with its row from {first}"
            elif ends != begins:
                yield f"{later.where}: {name} has a gap from {ends} to {begins}"
        last = max((line.period.valid_to or date.max for line in held), default=date.max)
        if open_end and last != date.max:
            yield f"{ordered[-1].where}: {name} has a gap from {last} on"


def _wrong(cells: dict[str, str], columns: Columns) -> Iterator[str]:
    if None in cells:
        yield "more cells than columns"
    yield from (f"no {name}" for name in columns.filled if not cells.get(name, "").strip())
    yield from (f"no column {name}" for name in columns.there if name not in cells)
    if not columns.dated:
        return
    if cells.get("certainty") not in CERTAINTIES:
        yield f"certainty is none of {', '.join(CERTAINTIES)}"
    try:
        period = period_of(cells)
    except (ValueError, KeyError):
        yield "a day is not of the form 2026-11-09"
        return
    if (cells["valid_from"], cells["valid_to"]) != (str(period.valid_from), _day(period.valid_to)):
        yield "a day is not of the form 2026-11-09"
    if period.valid_to is not None and period.valid_to <= period.valid_from:
        yield "ends before it begins"


def _day(day: date | None) -> str:
    return "" if day is None else str(day)
