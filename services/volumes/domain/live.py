"""The live tile of today: grams per community since midnight in Shanghai, a moment old.

It is a view for people: it may miss or repeat an event after a crash, and is reconciled against
the exact rows, which replace it; the difference that was found is a gauge.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(slots=True)
class LiveTile:
    """One legal day's grams by community. Another day's event starts the tile anew or is old."""

    day: date
    mass_g: dict[str, int] = field(default_factory=dict)

    def add(self, day: date, community_code: str, mass_g: int) -> None:
        """Add grams of `day`; a later day than the tile's begins a new tile."""
        if day > self.day:
            self.day, self.mass_g = day, {}
        if day == self.day:
            self.mass_g[community_code] = self.mass_g.get(community_code, 0) + mass_g

    def reconcile(self, exact_g: Mapping[str, int]) -> int:
        """Take over the exact sums; return by how many grams the tile was off, in absolute sum."""
        communities = set(self.mass_g) | set(exact_g)
        off_g = sum(abs(self.mass_g.get(c, 0) - exact_g.get(c, 0)) for c in communities)
        self.mass_g = dict(exact_g)
        return off_g
