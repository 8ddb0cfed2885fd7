"""Taking records in: each partition's records in order, each sequence once, summed into deltas."""

from dataclasses import dataclass, field

from services.volumes.domain.delta import Delta, Position
from services.volumes.domain.sums import Cells, Sums

RECORDED_MAX = 64


class OutOfOrder(Exception):  # noqa: N818 - stops the process: somebody must look
    """A sequence is missing, or one number names two events: never guess, stop (exactness.md)."""


@dataclass(slots=True)
class PartitionIntake:
    """The unwritten part of one partition. `position` is where the written part ends."""

    partition: int
    position: Position
    sums: Sums = field(default_factory=dict)
    next_offset: int = 0
    last_sequence: int = 0
    last_id: str = ""
    events: int = 0
    duplicates: int = 0
    recorded_s: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin where the written part ends."""
        self.next_offset = self.position.next_offset
        self.last_sequence = self.position.last_sequence
        self.last_id = self.position.last_id

    def admits(self, sequence: int, event_id: str) -> bool:
        """Say whether this record counts: False for a re-sent one; raise `OutOfOrder` on a gap."""
        if sequence == self.last_sequence + 1:
            return True
        if sequence <= self.last_sequence:
            if sequence == self.last_sequence and event_id != self.last_id:
                raise OutOfOrder(f"partition {self.partition}: {sequence} names two events")
            self.duplicates += 1
            return False
        raise OutOfOrder(
            f"partition {self.partition}: {sequence} follows {self.last_sequence}, some are missing"
        )

    @property
    def samples_ages(self) -> bool:
        """Say whether this delta has room for one more event's recording time."""
        return len(self.recorded_s) < RECORDED_MAX

    def admitted(self, sequence: int, event_id: str) -> None:
        """Move past an event that counts; its lots are then added by `cells`."""
        self.last_sequence = sequence
        self.last_id = event_id
        self.events += 1

    def passed_over(self, sequence: int | None, event_id: str | None) -> None:
        """Move past a buried event, so that the next one follows; an unnumbered one is no step."""
        if sequence == self.last_sequence + 1:
            self.last_sequence, self.last_id = sequence, event_id or ""

    def cells(self, community_code: str, hour_s: int) -> Cells:
        """Return the cells of one row, to add lots to."""
        key = (community_code, hour_s)
        cells = self.sums.get(key)
        if cells is None:
            cells = self.sums[key] = {}
        return cells

    def take(self) -> Delta | None:
        """Return what was gathered since the last call as the next delta, or None if nothing."""
        if self.next_offset == self.position.next_offset:
            return None
        delta = Delta(
            partition=self.partition,
            n=self.position.n + 1,
            first_offset=self.position.next_offset,
            next_offset=self.next_offset,
            last_sequence=self.last_sequence,
            last_id=self.last_id,
            events=self.events,
            duplicates_total=self.position.duplicates_total + self.duplicates,
            sums=self.sums,
            recorded_s=tuple(self.recorded_s),
        )
        self.position = Position(
            delta.n, self.next_offset, self.last_sequence, self.last_id, delta.duplicates_total
        )
        self.sums, self.events, self.duplicates, self.recorded_s = {}, 0, 0, []
        return delta
