"""Dated nominal masses of one piece of a material, for what a household counts and cannot weigh.

They only estimate what is declared; what counts is the scale. Such grams are flagged.
"""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from shared.kernel.errors import Invalid

_TABLE = Path(__file__).with_name("piece_masses.csv")


@dataclass(frozen=True, slots=True)
class PieceMass:
    """One row, valid in [valid_from, valid_to]; an open end is `None`."""

    material: str
    mass_g: int
    valid_from: date
    valid_to: date | None
    source: str


def piece_mass(material: str, *, on: date) -> PieceMass:
    """Return what one piece weighs on a day, or raise `Invalid` (materials.no_piece_mass)."""
    for row in piece_masses():
        ended = row.valid_to is not None and on > row.valid_to
        if row.material == material and row.valid_from <= on and not ended:
            return row
    raise Invalid("materials.no_piece_mass", "estimate the mass: pieces of this have no usual one")


@cache
def piece_masses() -> tuple[PieceMass, ...]:
    """Return all rows."""
    with _TABLE.open(encoding="utf-8", newline="") as table:
        return tuple(_row(each) for each in csv.DictReader(table))


def _row(row: dict[str, str]) -> PieceMass:
    return PieceMass(
        material=row["material"],
        mass_g=int(row["piece_mass_g"]),
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        source=row["source"],
    )
