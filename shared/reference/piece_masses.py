"""Dated nominal masses of one piece of a material, for what a household counts and cannot weigh.

They only estimate what is declared; what counts is the scale. Such grams are flagged.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from shared.kernel.errors import Invalid
from shared.reference.tables import FOLDER, Period, at, period_of, read_rows

TABLE = FOLDER / "piece_masses.csv"


@dataclass(frozen=True, slots=True)
class PieceMass:
    """What a piece is taken to weigh for a time, and who says so."""

    material: str
    mass_g: int
    period: Period
    source: str


def piece_mass(material: str, *, on: date) -> PieceMass:
    """Return what one piece weighs on a day, or raise `Invalid` (materials.no_piece_mass)."""
    found = at((row for row in piece_masses() if row.material == material), on)
    if found is None:
        raise Invalid("materials.no_piece_mass", "say the mass: a piece of this has no usual one")
    return found


@cache
def piece_masses(path: Path = TABLE) -> tuple[PieceMass, ...]:
    """Return all rows."""
    return tuple(
        PieceMass(row["material"], int(row["piece_mass_g"]), period_of(row), row["source"])
        for row in read_rows(path)
    )
