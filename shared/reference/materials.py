"""The materials that Greenloop collects. `hazardous` asks for a tagged container and a licence.

Source of each row in its last column. The table is small, read once on first use and then held.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from shared.kernel.errors import Invalid

_TABLE = Path(__file__).with_name("materials.csv")


@dataclass(frozen=True, slots=True)
class Material:
    """One row. Its codes are dated, so they are in `shared.reference.material_codes`."""

    code: str
    name_zh: str
    name_en: str
    family: str
    hazardous: bool
    source: str


@cache
def materials() -> Mapping[str, Material]:
    """Return all materials by code."""
    with _TABLE.open(encoding="utf-8", newline="") as table:
        rows = [_material(row) for row in csv.DictReader(table)]
    return MappingProxyType({row.code: row for row in rows})


def material(code: str) -> Material:
    """Return the material, or raise `Invalid` (materials.unknown)."""
    found = materials().get(code)
    if found is None:
        raise Invalid("materials.unknown", "this material is not in the table of materials")
    return found


def _material(row: dict[str, str]) -> Material:
    return Material(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        family=row["family"],
        hazardous=row["hazardous"] == "yes",
        source=row["source"],
    )
