"""The sealing table: which signature of a manifest requires a field (R) and which freezes it (F).

The idea is Trackdéchets' (its rules, not its code); what must be there follows the transfer rules
危險廢物轉移管理辦法, in force 2022-01-01. Small, read once on first use and then held.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("sealing_table.csv")
STAGES = ("seal", "consignor", "carrier", "handover", "redirect", "receiver", "receipt")


@dataclass(frozen=True, slots=True)
class SealingRow:
    """One field. `requires` and `freezes` name stages, in their order."""

    field: str
    requires: tuple[str, ...]
    freezes: tuple[str, ...]
    about: str


@cache
def sealing_rows() -> tuple[SealingRow, ...]:
    """Return the whole table."""
    with _TABLE.open(encoding="utf-8", newline="") as table:
        return tuple(_row(row) for row in csv.DictReader(table))


def _row(row: dict[str, str]) -> SealingRow:
    return SealingRow(
        field=row["field"],
        requires=tuple(stage for stage in STAGES if "R" in row[stage]),
        freezes=tuple(stage for stage in STAGES if "F" in row[stage]),
        about=row["about"],
    )
