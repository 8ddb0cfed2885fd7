"""The crosswalk, material_codes.csv: what a material is called in each system on a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from shared.reference.tables import FOLDER, NOTHING, Period, period_of, read_rows

TABLE = FOLDER / "material_codes.csv"
ANY = "any"


@dataclass(frozen=True, slots=True)
class MaterialCode:
    """A material's code in a system, for a time. `code` None: the system has no entry for it.

    `context` narrows it: any, household, with-equipment, non-spillable, sea.
    """

    material: str
    system: str
    context: str
    code: str | None
    period: Period
    certainty: str
    source: str


@cache
def material_codes(path: Path = TABLE) -> tuple[MaterialCode, ...]:
    """Return the whole crosswalk."""
    return tuple(_row(row) for row in read_rows(path))


def codes_of_material(material: str, on: date) -> list[MaterialCode]:
    """Return all codes of a material that hold on a day, in every system and context."""
    return [row for row in _of(material) if row.period.holds(on)]


def code_of_material(
    material: str, system: str, on: date, *, context: str = ANY
) -> MaterialCode | None:
    """Return the row of a system: of the context where it has one, else of any; None for no row."""
    held = {row.context: row for row in codes_of_material(material, on) if row.system == system}
    return held.get(context) or held.get(ANY)


def materials_of_code(system: str, code: str, on: date) -> list[str]:
    """Return the materials that a code names on a day, in whatever context."""
    named = [
        row.material
        for row in material_codes()
        if row.system == system and row.code == code and row.period.holds(on)
    ]
    return list(dict.fromkeys(named))


@cache
def _by_material() -> Mapping[str, tuple[MaterialCode, ...]]:
    rows = material_codes()
    return {
        name: tuple(r for r in rows if r.material == name) for name in {r.material for r in rows}
    }


def _of(material: str) -> tuple[MaterialCode, ...]:
    return _by_material().get(material, ())


def _row(row: dict[str, str]) -> MaterialCode:
    return MaterialCode(
        material=row["material"],
        system=row["system"],
        context=row["context"],
        code=None if row["code"] == NOTHING else row["code"],
        period=period_of(row),
        certainty=row["certainty"],
        source=row["source"],
    )
