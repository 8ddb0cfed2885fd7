"""Code systems of waste, dangerous goods and treatment, each entry dated: code_tables/*.csv.

A lookup on a day gives that day's entry. A code that is out of date is refused with its successors,
one that is not yet valid with its first day; the successor of Basel's A1180 on 2025-01-01 is A1181.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

from shared.kernel.errors import Invalid, NotFound
from shared.reference.tables import FOLDER, NOTHING, Period, at, parts, period_of, read_rows

TABLES = FOLDER / "code_tables"
COMMON = frozenset(
    {"code", "name_zh", "name_en", "valid_from", "valid_to", "successor", "certainty", "source"}
)


@dataclass(frozen=True, slots=True)
class System:
    """A system of codes. Each code has its `form`, a pattern, and the details that it `needs`."""

    system: str
    name_zh: str
    name_en: str
    form: str
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """An entry, for as long as it held. `details` are the system's own columns, as text.

    `successors` are what takes the place of a code that ended; empty where nothing does.
    """

    system: str
    code: str
    name_zh: str
    name_en: str
    details: Mapping[str, str]
    period: Period
    successors: tuple[str, ...]
    certainty: str
    source: str


def systems() -> Mapping[str, System]:
    """Return all systems by their name here."""
    return _systems(TABLES)


def code_system(name: str) -> System:
    """Return a system, or raise `NotFound` (codes.unknown_system)."""
    found = systems().get(name)
    if found is None:
        raise NotFound("codes.unknown_system", "there is no such system of codes")
    return found


def code_entries(system: str) -> tuple[CodeEntry, ...]:
    """Return all entries of a system, of all times; raise `NotFound` (codes.unknown_system)."""
    return entries_in(TABLES, code_system(system).system)


def code_entries_on(system: str, on: date) -> list[CodeEntry]:
    """Return the entries of a system that hold on a day."""
    return [entry for entry in code_entries(system) if entry.period.holds(on)]


def code_entry(system: str, code: str, on: date) -> CodeEntry:
    """Return the entry of a code that holds on a day, however it is spaced and capitalised.

    Raises `NotFound` (codes.unknown_system) and what `entry_on` raises.
    """
    return entry_on(code_entries(system), code, on)


def entry_on(entries: Sequence[CodeEntry], code: str, on: date) -> CodeEntry:
    """Return the entry of a code among those of its system that holds on a day.

    Raises `NotFound` (codes.unknown), or `Invalid`: codes.expired tells `valid_to` and, as they are
    on that day, `successor` (the first) and `successors`; codes.not_yet_valid tells `valid_from`
    and the `predecessor` that holds on that day.
    """
    rows = _spelled(entries, code)
    if not rows:
        raise NotFound("codes.unknown", "this system has no such code")
    found = at(rows, on)
    if found is not None:
        return found
    begun = [row for row in rows if row.period.valid_from <= on]
    if begun:
        raise _expired(entries, _latest(begun), on)
    raise _not_yet_valid(entries, min(rows, key=lambda row: row.period.valid_from), on)


@cache
def entries_in(folder: Path, system: str) -> tuple[CodeEntry, ...]:
    """Return all entries of one system's table in a folder."""
    return tuple(_entry(system, row) for row in read_rows(folder / f"{system}.csv"))


@cache
def _systems(folder: Path) -> Mapping[str, System]:
    found = [
        System(row["system"], row["name_zh"], row["name_en"], row["form"], parts(row["needs"]))
        for row in read_rows(folder / "systems.csv")
    ]
    return MappingProxyType({each.system: each for each in found})


def _entry(system: str, row: dict[str, str]) -> CodeEntry:
    details = {name: cell for name, cell in row.items() if name not in COMMON}
    return CodeEntry(
        system=system,
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        details=MappingProxyType(details),
        period=period_of(row),
        successors=() if row["successor"] == NOTHING else parts(row["successor"]),
        certainty=row["certainty"],
        source=row["source"],
    )


def _spelled(entries: Sequence[CodeEntry], code: str) -> list[CodeEntry]:
    """Return a code's entries: written alike, else without the EU's asterisk or UN's letters."""
    for written in (_plain(code), _plain(code) + "*", "UN" + _plain(code)):
        found = [entry for entry in entries if _plain(entry.code) == written]
        if found:
            return found
    return []


def _plain(code: str) -> str:
    return re.sub(r"[\s-]", "", code).upper()


def _latest(entries: Sequence[CodeEntry]) -> CodeEntry:
    return max(entries, key=lambda entry: entry.period.valid_from)


def _expired(entries: Sequence[CodeEntry], entry: CodeEntry, on: date) -> Invalid:
    successors = tuple(dict.fromkeys(_successors_on(entries, entry, on)))
    return Invalid(
        "codes.expired",
        "this code no longer holds on that day",
        valid_to=str(entry.period.valid_to),
        successor=successors[0] if successors else None,
        successors=successors,
    )


def _successors_on(entries: Sequence[CodeEntry], entry: CodeEntry, on: date) -> Iterator[str]:
    """Tell what holds on a day in a code's place: a successor that ended too has its own.

    Ends, because each successor holds on the day on which its predecessor ended (`codes check`).
    """
    for code in entry.successors:
        rows = [row for row in entries if row.code == code and row.period.valid_from <= on]
        if at(rows, on) is not None:
            yield code
        elif rows:
            yield from _successors_on(entries, _latest(rows), on)


def _not_yet_valid(entries: Sequence[CodeEntry], entry: CodeEntry, on: date) -> Invalid:
    before = [
        each.code for each in entries if entry.code in each.successors and each.period.holds(on)
    ]
    return Invalid(
        "codes.not_yet_valid",
        "this code does not hold yet on that day",
        valid_from=str(entry.period.valid_from),
        predecessor=before[0] if before else None,
    )
