"""One delta: what a run of records adds to the sums, and where the run begins and ends."""

from dataclasses import dataclass, field

from services.volumes.domain.sums import Sums


@dataclass(slots=True)
class Position:
    """Where a lane's intake stands. `n` counts its deltas, densely, from 1."""

    n: int = 0
    next_offset: int = 0
    last_sequence: int = 0
    last_id: str = ""
    duplicates_total: int = 0


@dataclass(frozen=True, slots=True)
class Delta:
    """Records [first_offset, next_offset) of `partition`, summed. Written once, never changed.

    `partition` is a lane: the partitions of all topics with lots are numbered as one.
    `duplicates_total` counts the re-sent records since the log's begin. `recorded_s` holds up to
    64 of the events' recording times (real epoch seconds): their age is measured when folded.
    """

    partition: int
    n: int
    first_offset: int
    next_offset: int
    last_sequence: int
    last_id: str
    events: int
    duplicates_total: int
    sums: Sums = field(default_factory=dict)
    recorded_s: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class FoldMark:
    """How far a partition's deltas are in the rows: up to `n`; `to` is set while a fold runs."""

    partition: int
    n: int = 0
    next_offset: int = 0
    to: int | None = None
