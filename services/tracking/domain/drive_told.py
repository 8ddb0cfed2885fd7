"""What a drive said that it collected. It is compared with the ledger and never posted.

Each gram of a drive is in one visit, and is posted from there. Totals follow what is told late, so
the two may differ for a while; where they stay apart, a person must look.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.tracking.domain.amounts import Amounts, negated, plus


@dataclass(frozen=True, slots=True)
class DriveTold:
    """A drive's totals by material, by the highest `revision` that came."""

    drive_id: str
    community_code: str
    revision: int
    collected: Amounts
    told_at: datetime

    def difference(self, posted: Amounts) -> Amounts:
        """Return what the drive says beyond what its visits posted; empty where they agree."""
        return plus(self.collected, negated(posted))


def newer(held: DriveTold | None, told: DriveTold) -> DriveTold | None:
    """Return what is known once totals were told; None where these, or later ones, are known."""
    return None if held is not None and held.revision >= told.revision else told


def differing(told: Mapping[str, DriveTold], posted: Mapping[str, Amounts]) -> int:
    """Return how many drives say something else than their visits posted."""
    return sum(bool(each.difference(posted.get(name, ()))) for name, each in told.items())
