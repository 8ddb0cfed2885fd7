"""What a drive collected: sums over its visits, to be compared with their lots, never posted.

`told` counts the revisions of all visits. A visit is never taken back, and each visit and each
correction adds one: of two sums of one drive the one that was told more is the later one.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from services.collection.domain.visit import Visit


@dataclass(frozen=True, slots=True)
class TotalLine:
    """Grams and lots of one material and grade."""

    material: str
    grade: str
    mass_g: int
    lots: int


@dataclass(frozen=True, slots=True)
class DriveTotals:
    """Sums of a drive. `households` are distinct ones, `anonymous` visits of nobody known."""

    visits: int = 0
    households: int = 0
    anonymous: int = 0
    mass_g: int = 0
    lines: tuple[TotalLine, ...] = ()
    told: int = 0


def totals_of(visits: Iterable[Visit]) -> DriveTotals:
    """Add up visits."""
    held = list(visits)
    sums: dict[tuple[str, str], list[int]] = {}
    for lot in (lot for visit in held for lot in visit.weighing.lots):
        cell = sums.setdefault((lot.material, lot.grade), [0, 0])
        cell[0] += lot.mass_g
        cell[1] += 1
    lines = tuple(TotalLine(*key, mass_g, lots) for key, (mass_g, lots) in sorted(sums.items()))
    return DriveTotals(
        visits=len(held),
        households=len({each.household_id for each in held if each.household_id}),
        anonymous=sum(each.is_anonymous for each in held),
        mass_g=sum(line.mass_g for line in lines),
        lines=lines,
        told=sum(each.weighing.revision for each in held),
    )
