"""Sums of grams and lots by (community, hour, material, grade), as plain nested dictionaries.

Shape: {(community_code, hour_s): {"material|grade": [mass_g, lots]}}; `hour_s` is the epoch second
at which the UTC hour begins. A correction subtracts the lots before and adds the lots after, in
the hour of the first weighing, so that a sum never depends on what the reader remembers.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol

Cells = dict[str, list[int]]
Sums = dict[tuple[str, int], Cells]

HOUR_S = 3600
EARLIEST_S = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())
LATEST_S = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp())


class WeighedLot(Protocol):
    """What of a lot is counted."""

    @property
    def material(self) -> str:
        """The material's code."""

    @property
    def grade(self) -> str:
        """A, B or C."""

    @property
    def mass_g(self) -> int:
        """Net grams."""


def add_lots(cells: Cells, lots: Iterable[WeighedLot], *, sign: int) -> None:
    """Add `lots` to `cells` (`sign` 1) or take them back out (`sign` -1)."""
    for lot in lots:
        name = lot.material + "|" + lot.grade
        held = cells.get(name)
        if held is None:
            cells[name] = [sign * lot.mass_g, sign]
        else:
            held[0] += sign * lot.mass_g
            held[1] += sign


def merge(into: Sums, other: Sums) -> None:
    """Add all of `other` to `into`."""
    for key, cells in other.items():
        target = into.setdefault(key, {})
        for name, (mass_g, lots) in cells.items():
            held = target.setdefault(name, [0, 0])
            held[0] += mass_g
            held[1] += lots


@lru_cache(maxsize=100_000)
def hour_of(prefix: str) -> int:
    """Return the hour's first epoch second of an instant that begins with `2026-11-24T10` (UTC)."""
    return _possible(int(datetime.strptime(prefix + "Z", "%Y-%m-%dT%H%z").timestamp()))


def hour_of_instant(instant: str) -> int:
    """Return the UTC hour's first epoch second of an RFC 3339 instant; ValueError if it is none."""
    if instant.endswith("Z"):
        return hour_of(instant[:13])
    moment = datetime.fromisoformat(instant)
    if moment.tzinfo is None:
        raise ValueError("an instant has an offset")
    return _possible(int(moment.timestamp()) // HOUR_S * HOUR_S)


def _possible(hour_s: int) -> int:
    """Refuse what no weighing can say: far years break zones, and months of statistics."""
    if not EARLIEST_S <= hour_s < LATEST_S:
        raise ValueError("an instant is between the years 2000 and 2200")
    return hour_s
