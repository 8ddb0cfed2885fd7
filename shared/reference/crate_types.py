"""Dated types of returnable crates and packaging: the deposit on a piece, and the usual limit.

The deposit is pricing's to charge, the limit tracking's to watch; both are data with a source.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from shared.kernel.errors import Invalid
from shared.reference.tables import FOLDER, Period, at, period_of, read_rows

TABLE = FOLDER / "crate_types.csv"


@dataclass(frozen=True, slots=True)
class CrateType:
    """What holds of a type for a time, and who says so."""

    code: str
    name_zh: str
    name_en: str
    deposit_fen: int
    limit_pieces: int
    period: Period
    source: str


def crate_type(code: str, *, on: date) -> CrateType:
    """Return the type as it holds on a day, or raise `Invalid` (crates.unknown_type)."""
    found = at((row for row in crate_types() if row.code == code), on)
    if found is None:
        raise Invalid("crates.unknown_type", "this type is not in the table of crates on that day")
    return found


@cache
def crate_types(path: Path = TABLE) -> tuple[CrateType, ...]:
    """Return all rows."""
    return tuple(_crate_type(row) for row in read_rows(path))


def _crate_type(row: dict[str, str]) -> CrateType:
    return CrateType(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        deposit_fen=int(row["deposit_fen"]),
        limit_pieces=int(row["limit_pieces"]),
        period=period_of(row),
        source=row["source"],
    )
