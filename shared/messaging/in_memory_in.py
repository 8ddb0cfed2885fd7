"""In-memory twins of what a reaction needs: source, cursors, dead letters. No server."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

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
        claimed = replace(held, epoch=held.epoch + 1)
        self._held[claimed.place] = claimed
        return claimed

    def confirm(self, cursor: Cursor) -> None:
        """Refuse where another claimed since."""
        if self._held[cursor.place].epoch != cursor.epoch:
            raise OwnershipLost("in-memory")

    def move(self, cursors: Sequence[Cursor]) -> None:
        """Keep those that are still owned; refuse where one is not."""
        owned = [c for c in cursors if self._held[c.place].epoch == c.epoch]
        self._held.update({cursor.place: cursor for cursor in owned})
        if len(owned) != len(cursors):
            raise OwnershipLost("in-memory")


class InMemoryDeadLetters:
    """`DeadLetters` of one group and generation in a dictionary."""

    def __init__(self, *, group: str, generation: int = 1, ceiling: int = CEILING) -> None:
        """Over `ceiling` waiting letters the group stops."""
        self._group = group
        self._generation = generation
        self._ceiling = ceiling
        self._crashes: dict[str, int] = {}
        self._replayed: set[str] = set()
        self._wanted: set[str] = set()
        self.letters: dict[str, Letter] = {}

    def bury(
        self, record: RawRecord, *, code: str, message: str, entity_ids: Sequence[str] = ()
    ) -> None:
        """Keep a record once; a letter that gets another entity waits again."""
        name = letter_id(self._group, self._generation, record)
        held = self.letters.get(name, Letter(name, record, code, message))
        added = dict.fromkeys((*held.entity_ids, *entity_ids))
        self.letters[name] = replace(held, entity_ids=tuple(added))
        self._replayed.discard(name)
        if self.waiting() > self._ceiling:
            raise TooManyLetters(self._group)

    def buried(
        self, topic: str, partition: int, *, from_offset: int
    ) -> Mapping[int, frozenset[str]]:
        """Return what was buried there."""
        return {
            letter.record.offset: frozenset(letter.entity_ids)
            for letter in self.letters.values()
            if (letter.record.topic, letter.record.partition) == (topic, partition)
            and letter.record.offset >= from_offset
        }

    def crashed(self, record: RawRecord) -> int:
        """Count a crash."""
        name = letter_id(self._group, self._generation, record)
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
            self._replayed.add(letter.id)

    def waiting(self) -> int:
        """Count letters that were not replayed."""
        return len(self.letters.keys() - self._replayed)


class InMemorySource:
    """`Source` over a list of records; a partition is this member's from its first record on."""

    def __init__(self, records: list[RawRecord]) -> None:
        """`records` are those of the topics, and may grow."""
        self.records = records
        self._positions: dict[Place, int] = {}
        self._topics: frozenset[str] = frozenset()
        self._assigned: Assigned | None = None

    def subscribe(self, topics: Sequence[str], *, assigned: Assigned, revoked: Assigned) -> None:
        """Give everything to the only member, at the first poll."""
        del revoked  # nothing is ever taken from the only member
        self._topics = frozenset(topics)
        self._assigned = assigned

    def poll(self, *, timeout_s: float, records_max: int) -> list[RawRecord]:
        """Return what is behind the positions; never blocks."""
        del timeout_s
        for place in sorted({(r.topic, r.partition) for r in self._subscribed()}):
            if place not in self._positions and self._assigned is not None:
                self._positions[place] = 0
                self._assigned([place])
        found = [record for record in self._subscribed() if self._waits(record)][:records_max]
        for record in found:
            self._positions[record.topic, record.partition] = record.offset + 1
        return found

    def seek(self, place: Place, offset: int) -> None:
        """Go on from `offset`."""
        self._positions[place] = offset

    def lag(self) -> dict[str, int]:
        """Return how many records wait, by topic."""
        waiting = {topic: 0 for topic, _ in self._positions}
        for record in self._subscribed():
            waiting[record.topic] = waiting.get(record.topic, 0) + self._waits(record)
        return waiting

    def close(self) -> None:
        """Nothing is held."""

    def _subscribed(self) -> list[RawRecord]:
        return [record for record in self.records if record.topic in self._topics]

    def _waits(self, record: RawRecord) -> bool:
        return record.offset >= self._positions.get((record.topic, record.partition), 0)
