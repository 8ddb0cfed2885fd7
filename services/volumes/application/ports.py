"""What taking in, folding and asking need from the outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.volumes.domain.delta import Delta, FoldMark, Position
from services.volumes.domain.sums import Sums


class PartitionLost(Exception):  # noqa: N818 - not an error: another owner, or an own repeat
    """Another writer has this partition's next delta: drop its state, read, seek, go on."""

    def __init__(self, partitions: Sequence[int]) -> None:
        """`partitions` are those whose delta was not the next one."""
        super().__init__(f"partitions {sorted(partitions)}")
        self.partitions = tuple(partitions)


class Deltas(Protocol):
    """The append-only log of deltas. All calls block; writes are durable on a majority."""

    def position(self, partition: int) -> Position:
        """Return where the newest delta of `partition` ends."""

    def append(self, deltas: Sequence[Delta]) -> None:
        """Write one delta of each partition; raise `PartitionLost` for those already taken."""

    def after(self, mark: FoldMark, *, limit: int) -> list[Delta]:
        """Return the deltas mark.n + 1 …, up to mark.to where it is set, in order."""

    def backlog(self, partition: int) -> int:
        """Return how many deltas wait to be folded."""

    def forget_below(self, partition: int, n: int) -> None:
        """Delete deltas of `partition` with a number below `n`."""


class Rows(Protocol):
    """The folded rows and the marks of how far they are folded. All calls block."""

    def mark(self, partition: int) -> FoldMark:
        """Return the partition's mark; a new one where there is none."""

    def begin(self, mark: FoldMark, to: int) -> bool:
        """Record the range of a fold by compare-and-set on (n, to); False: another was first."""

    def add(self, partition: int, to: int, sums: Sums) -> None:
        """Add `sums` to each row that has not had delta `to` yet. May be repeated."""

    def end(self, mark: FoldMark, next_offset: int) -> bool:
        """Move the mark from its range's begin to its end by compare-and-set."""


@dataclass(frozen=True, slots=True)
class Volume:
    """An answer: grams and lots of one material and grade in [start, start + hour or day)."""

    community_code: str
    start: datetime
    material: str
    grade: str
    mass_g: int
    lots: int


class Volumes(Protocol):
    """Reads of the folded rows."""

    def hours(self, area_code: str, *, start: datetime, end: datetime) -> list[Volume]:
        """Return the rows of all communities under `area_code` in [start, end), hour by hour."""
