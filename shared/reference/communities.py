"""Communities of Fuzhou's urban districts. Codes and names are official, points are synthetic."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("communities.csv")


@dataclass(frozen=True, slots=True)
class Community:
    """One community. `latitude` and `longitude` (WGS84 degrees) are made, not surveyed."""

    code: str
    name: str
    street: str
    county: str
    latitude: float
    longitude: float


@cache
def communities() -> tuple[Community, ...]:
    """Return all communities of the table, by code."""
    with _TABLE.open(encoding="utf-8", newline="") as table:
        lines = (line for line in table if not line.startswith("#"))
        return tuple(
            Community(
                code=row["code"],
                name=row["name"],
                street=row["street"],
                county=row["county"],
                latitude=float(row["latitude_synthetic"]),
                longitude=float(row["longitude_synthetic"]),
            )
            for row in csv.DictReader(lines)
        )
