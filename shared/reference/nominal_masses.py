"""Dated nominal masses of appliances that cannot be put on a collector's scale.

Such grams are flagged wherever they go: they are a convention, not a measurement.
"""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from shared.kernel.errors import Invalid

_TABLE = Path(__file__).with_name("nominal_masses.csv")


@dataclass(frozen=True, slots=True)
class NominalMass:
    """One row, valid in [valid_from, valid_to]; an open end is `None`."""

    appliance: str
    mass_g: int
    valid_from: date
    valid_to: date | None
    source: str


def nominal_mass_g(appliance: str, *, on: date) -> int:
    """Return the grams of one piece on a day, or raise `Invalid` (nominal.unknown).

    Of a day that no row has (a phone's clock was reset) the nearest row holds: the appliance was
    there, and its grams are flagged as nominal anyway.
    """
    rows = [row for row in nominal_masses() if row.appliance == appliance]
    if not rows:
        raise Invalid("nominal.unknown", "this appliance has no nominal mass")
    return min(rows, key=lambda row: _away(row, on)).mass_g


def _away(row: NominalMass, on: date) -> timedelta:
    """Return how far a day is from when a row holds."""
    after = timedelta() if row.valid_to is None else on - row.valid_to
    return max(timedelta(), row.valid_from - on, after)


@cache
def nominal_masses() -> tuple[NominalMass, ...]:
    """Return all rows."""
    with _TABLE.open(encoding="utf-8", newline="") as table:
        return tuple(_row(each) for each in csv.DictReader(table))


def _row(row: dict[str, str]) -> NominalMass:
    return NominalMass(
        appliance=row["appliance"],
        mass_g=int(row["mass_g"]),
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        source=row["source"],
    )
