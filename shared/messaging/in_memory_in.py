"""In-memory twins of what a reaction needs: source, cursors, dead letters. No server."""

from collections.abc import Sequence

from shared.contracts.codec import RawRecord
from shared.messaging.dead_letters import CEILING, letter_id
from shared.messaging.ports_in import (
    Assigned,
    Cursor,
    Letter,
    OwnershipLost,
    Place,
    TooManyLetters,
)


class InMemoryCursors:
    """`Cursors` in a dictionary."""

    def __init__(self) -> None:
        """Begin at the start of everything."""
        self._held: dict[Place, Cursor] = {}

    def claim(self, topic: str, partition: int) -> Cursor:
        """Raise the epoch."""
        held = self._held.get((topic, partition), Cursor(topic, partition, epoch=0))
        claimed = Cursor(
            topic,
            partition,
            epoch=held.epoch + 1,
            next_offset=held.next_offset,
            last_sequence=held.last_sequence,
            last_id=held.last_id,
            duplicates=held.duplicates,
        )
        self._held[claimed.place] = claimed
        return claimed

    def move(self, cursors: Sequence[Cursor]) -> None:
        """Keep those that are still owned; refuse where one is not."""
        owned = [c for c in cursors if self._held[c.place].epoch == c.epoch]
        self._held.update({cursor.place: cursor for cursor in owned})
        if len(owned) != len(cursors):
            raise OwnershipLost("in-memory")


class InMemoryDeadLetters:
    """`DeadLetters` of one group in a dictionary."""

    def __init__(self, *, group: str, ceiling: int = CEILING) -> None:
        """Over `ceiling` waiting letters the group stops."""
        self._group = group
        self._ceiling = ceiling
        self._crashes: dict[str, int] = {}
        self._replayed: dict[str, str | None] = {}
        self._wanted: set[str] = set()
        self.letters: dict[str, Letter] = {}

    def bury(self, record: RawRecord, *, code: str, message: str) -> None:
        """Keep a record once."""
        name = letter_id(self._group, record)
        self.letters.setdefault(name, Letter(name, record, code, message))
        if self.waiting() > self._ceiling:
            raise TooManyLetters(self._group)

    def crashed(self, record: RawRecord) -> int:
        """Count a crash."""
        name = letter_id(self._group, record)
        self._crashes[name] = self._crashes.get(name, 0) + 1
        return self._crashes[name]

    def want_back(self, name: str) -> None:
        """Ask for a replay, as `greenloop dlq replay` does."""
        self._wanted.add(name)

    def wanted_back(self) -> list[Letter]:
        """Return letters whose replay was asked for."""
        return [self.letters[name] for name in sorted(self._wanted)]

    def replayed(self, letter: Letter, *, error: str | None) -> None:
        """Note the outcome."""
        self._wanted.discard(letter.id)
        if error is None:
            self._replayed[letter.id] = None

    def waiting(self) -> int:
        """Count letters that were not replayed."""
        return len(self.letters.keys() - self._replayed.keys())


class InMemorySource:
    """`Source` over a list of records; all partitions are this member's."""

    def __init__(self, records: Sequence[RawRecord] = ()) -> None:
        """`records` may grow."""
        self.records = list(records)
        self._positions: dict[Place, int] = {}
        self._assigned: Assigned | None = None

    def subscribe(self, topics: Sequence[str], *, assigned: Assigned, revoked: Assigned) -> None:
        """Give everything to the only member, at the first poll."""
        del topics, revoked  # nothing is ever taken from the only member
        self._assigned = assigned

    def poll(self, *, timeout_s: float, records_max: int) -> list[RawRecord]:
        """Return what is behind the positions; never blocks."""
        del timeout_s
        for place in sorted({(r.topic, r.partition) for r in self.records}):
            if place not in self._positions and self._assigned is not None:
                self._positions[place] = 0
                self._assigned([place])
        found = [r for r in self.records if r.offset >= self._position(r)][:records_max]
        for record in found:
            self._positions[record.topic, record.partition] = record.offset + 1
        return found

    def seek(self, place: Place, offset: int) -> None:
        """Go on from `offset`."""
        self._positions[place] = offset

    def lag(self) -> dict[str, int]:
        """Return how many records wait, by topic."""
        waiting: dict[str, int] = {}
        for record in self.records:
            if record.offset >= self._position(record):
                waiting[record.topic] = waiting.get(record.topic, 0) + 1
        return waiting

    def close(self) -> None:
        """Nothing is held."""

    def _position(self, record: RawRecord) -> int:
        return self._positions.get((record.topic, record.partition), 0)
