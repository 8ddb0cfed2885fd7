"""What a reaction needs: a source of records, cursors, dead letters. Each has an in-memory twin."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from shared.contracts.codec import RawRecord

Place = tuple[str, int]  # (topic, partition)


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a group is in one partition. `epoch` is this owner's; a later claim is another's."""

    topic: str
    partition: int
    epoch: int
    next_offset: int = 0
    last_sequence: int = 0
    last_id: str = ""
    duplicates: int = 0

    @property
    def place(self) -> Place:
        """The partition."""
        return self.topic, self.partition

    def past(self, record: RawRecord) -> "Cursor":
        """Return the cursor behind a record that counts for nothing."""
        return replace(self, next_offset=record.offset + 1)


class OwnershipLost(Exception):  # noqa: N818 - says what happened
    """Another owner has the partition: this process must end or drop it, its work is repeated."""


class Cursors(Protocol):
    """A group's progress, durable; never Kafka's own offsets."""

    def claim(self, topic: str, partition: int) -> Cursor:
        """Become the owner and return where to go on."""

    def confirm(self, cursor: Cursor) -> None:
        """Raise `OwnershipLost` where a later owner claimed the partition."""

    def move(self, cursors: Sequence[Cursor]) -> None:
        """Keep the progress of owned partitions, or raise `OwnershipLost`."""


Assigned = Callable[[Sequence[Place]], None]


class Source(Protocol):
    """Records of the partitions that the group gives this member."""

    def subscribe(self, topics: Sequence[str], *, assigned: Assigned, revoked: Assigned) -> None:
        """Join; the listeners are called from within `poll`."""

    def poll(self, *, timeout_s: float, records_max: int) -> list[RawRecord]:
        """Return what is there, in order a partition; blocks up to `timeout_s`."""

    def seek(self, place: Place, offset: int) -> None:
        """Go on from `offset`."""

    def lag(self) -> dict[str, int]:
        """Return how many records wait, by topic, as far as is known."""

    def close(self) -> None:
        """Leave without losing the static membership."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter: the raw record, and why nobody could use it.

    `entity_ids` names the entities whose part failed; none named means all of them.
    """

    id: str
    record: RawRecord
    code: str
    message: str
    entity_ids: tuple[str, ...] = ()


class TooManyLetters(Exception):  # noqa: N818 - says what happened
    """The ceiling is reached: something is wrong with more than single events; the group stops."""


class DeadLetters(Protocol):
    """A group's dead letters, durable before the cursor moves.

    A letter is the decision about a record (or about its part for an entity): a reader that meets
    the record again leaves it to the letter, or a replay would apply it a second time.
    """

    def bury(
        self, record: RawRecord, *, code: str, message: str, entity_ids: Sequence[str] = ()
    ) -> None:
        """Keep a record once, and add entities to its letter; the first code stays.

        Raises `TooManyLetters` over the ceiling.
        """

    def buried(
        self, topic: str, partition: int, *, from_offset: int
    ) -> Mapping[int, frozenset[str]]:
        """Return the letters of a partition, replayed ones too: entities (none: all) by offset."""

    def crashed(self, record: RawRecord) -> int:
        """Count a crash on this record; return how many there were."""

    def wanted_back(self) -> list[Letter]:
        """Return letters whose replay was asked for."""

    def replayed(self, letter: Letter, *, error: str | None) -> None:
        """Note a replay's outcome: done, or the error that it had again."""

    def waiting(self) -> int:
        """Return how many letters wait for a person."""
