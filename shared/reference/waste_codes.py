"""China's waste codes and UN numbers of materials, each valid from a day, with its source."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("waste_codes.csv")


@dataclass(frozen=True, slots=True)
class WasteCode:
    """One row, valid in [valid_from, valid_to)."""

    material: str
    waste_code: str | None
    un_number: str | None
    valid_from: date
    valid_to: date | None
    source: str


@cache
def waste_codes() -> tuple[WasteCode, ...]:
    """Return the whole table."""
    with _TABLE.open(encoding="utf-8", newline="") as table:
        return tuple(_row(row) for row in csv.DictReader(table))


def waste_code(material: str, on: date) -> WasteCode | None:
    """Return the row of a material that holds on a day, or None."""
    for row in waste_codes():
        begun = row.material == material and row.valid_from <= on
        if begun and (row.valid_to is None or on < row.valid_to):
            return row
    return None


def _row(row: dict[str, str]) -> WasteCode:
    return WasteCode(
        material=row["material"],
        waste_code=row["waste_code"] or None,
        un_number=row["un_number"] or None,
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        source=row["source"],
    )
