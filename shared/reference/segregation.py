"""What may lie beside what in one container: dated groups of materials, and the pairs of groups."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from shared.reference.tables import FOLDER, Period, at, period_of, read_rows

GROUPS, PAIRS = "segregation_groups.csv", "segregation.csv"


@dataclass(frozen=True, slots=True)
class Group:
    """The group of a material, for a time."""

    material: str
    name: str
    period: Period
    certainty: str
    source: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Whether two groups may lie together, for a time."""

    groups: frozenset[str]
    compatible: bool
    period: Period
    certainty: str
    source: str


@cache
def groups() -> tuple[Group, ...]:
    """Return the whole table of groups."""
    return tuple(
        Group(row["material"], row["class"], period_of(row), row["certainty"], row["source"])
        for row in read_rows(FOLDER / GROUPS)
    )


@cache
def pairs() -> tuple[Pair, ...]:
    """Return the whole table of pairs."""
    return tuple(
        Pair(
            groups=frozenset((row["one"], row["other"])),
            compatible=row["compatible"] == "yes",
            period=period_of(row),
            certainty=row["certainty"],
            source=row["source"],
        )
        for row in read_rows(FOLDER / PAIRS)
    )


def group_of(material: str, on: date) -> str | None:
    """Return a material's group on a day; None where no row has it."""
    row = at((each for each in groups() if each.material == material), on)
    return row.name if row is not None else None


def materials_of(group: str, on: date) -> tuple[str, ...]:
    """Return the materials of a group on a day, in the table's order."""
    rows = (each for each in groups() if each.name == group and each.period.holds(on))
    return tuple(each.material for each in rows)


def compatible(one: str, other: str, on: date) -> bool:
    """Say whether two materials may lie in one container on a day; no row says no.

    A material may always lie beside itself, and a group beside itself.
    """
    if one == other:
        return True
    first, second = group_of(one, on), group_of(other, on)
    if first is None or second is None:
        return False
    if first == second:
        return True
    wanted = frozenset((first, second))
    row = at((each for each in pairs() if each.groups == wanted), on)
    return row is not None and row.compatible
