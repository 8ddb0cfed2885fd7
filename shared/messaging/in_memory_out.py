"""In-memory twins of what the relay needs: pending events, leases, producer, quarantine."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from shared.contracts.codec import RawRecord
from shared.contracts.topic import Topic
from shared.messaging.in_memory import InMemoryAggregates
from shared.messaging.leases import LEASE_MS, lease_ids
from shared.messaging.pending import entries_of
from shared.messaging.ports_out import Entry, Lease, NoAcknowledgement, Outgoing


class InMemoryTopics:
    """The records of all topics, in order of their arrival; `InMemorySource` reads `records`."""

    def __init__(self) -> None:
        """Begin empty."""
        self.records: list[RawRecord] = []

    def append(self, sent: Outgoing) -> None:
        """Put a record at the end of its partition."""
        place = (sent.topic, sent.partition)
        offset = sum((held.topic, held.partition) == place for held in self.records)
        self.records.append(
            RawRecord(sent.topic, sent.partition, offset, sent.key, sent.value, list(sent.headers))
        )


class InMemoryProducer:
    """`Producer` over topics in a list; while `is_away` nothing is acknowledged."""

    def __init__(self, topics: InMemoryTopics) -> None:
        """Several producers may write to the same topics."""
        self._topics = topics
        self.is_away = False
        self.is_closed = False

    def send_all(self, records: Sequence[Outgoing]) -> None:
        """Append all, or nothing."""
        if self.is_away or self.is_closed:
            raise NoAcknowledgement("in-memory")
        for record in records:
            self._topics.append(record)

    def close(self) -> None:
        """Take no more records; may be repeated."""
        self.is_closed = True


class InMemoryPendingEvents:
    """`PendingEvents` over the documents of in-memory aggregates that keep their outbox."""

    def __init__(self, aggregates: Sequence[InMemoryAggregates[Any]]) -> None:
        """They are made with `keeps_outbox`."""
        self._aggregates = tuple(aggregates)

    def oldest(self) -> list[Entry]:
        """Return all, in order."""
        return sorted(self._all(), key=lambda entry: entry.order)

    def among(self, ids: Iterable[str]) -> list[Entry]:
        """Return those of `ids` that are still pending."""
        wanted = set(ids)
        return [entry for entry in self._all() if entry.id in wanted]

    def clear(self, entries: Sequence[Entry]) -> None:
        """Take entries out of their documents."""
        ids = {entry.id for entry in entries}
        for aggregates in self._aggregates:
            aggregates.clear_outbox(ids)

    def _all(self) -> list[Entry]:
        documents = [held for each in self._aggregates for held in each.documents()]
        return [entry for document in documents for entry in entries_of(document)]


@dataclass(slots=True)
class _Held:
    """A partition's document."""

    lease: Lease
    owner: str = ""
    expires_at_s: float = 0.0


@dataclass(slots=True)
class LeaseBook:
    """The leases of one service, which all its owners share. `now_s` is the server's time."""

    now_s: Callable[[], float] = time.monotonic
    held: dict[str, _Held] = field(default_factory=dict)


class InMemoryLeases:
    """`Leases` of one owner over a shared book."""

    def __init__(
        self, book: LeaseBook, topics: Iterable[Topic], *, owner: str, lease_ms: int = LEASE_MS
    ) -> None:
        """`owner` is unique per process start: no epoch outlives its process."""
        self._book = book
        self._owner = owner
        self._lease_s = lease_ms / 1000
        self._ids = lease_ids(topics)

    def prepare(self) -> None:
        """Insert what is not there yet."""
        for name in self._ids:
            topic, _, partition = name.rpartition("/")
            free = _Held(Lease(name, topic, int(partition), epoch=0, first=1, ids=()))
            self._book.held.setdefault(name, free)

    def claim(self) -> list[Lease]:
        """Renew, take over, return."""
        now_s = self._book.now_s()
        for held in self._mine_or_free(now_s):
            if held.owner != self._owner:
                held.lease = replace(held.lease, epoch=held.lease.epoch + 1)
                held.owner = self._owner
            held.expires_at_s = now_s + self._lease_s
        return self.owned()

    def owned(self) -> list[Lease]:
        """Return own leases as they are now."""
        return [held.lease for held in self._known() if held.owner == self._owner]

    def release(self) -> None:
        """Give all up."""
        for held in self._known():
            if held.owner == self._owner:
                held.owner = ""

    def name(self, batches: Sequence[Lease]) -> None:
        """Write the ids where epoch and emptiness hold."""
        for batch in batches:
            held = self._book.held[batch.id]
            if held.lease.epoch == batch.epoch and not held.lease.ids:
                held.lease = replace(held.lease, ids=batch.ids)

    def empty(self, batches: Sequence[Lease]) -> None:
        """Empty and move on where epoch and ids hold."""
        for batch in batches:
            held = self._book.held[batch.id]
            if (held.lease.epoch, held.lease.ids) == (batch.epoch, batch.ids):
                following = batch.first + len(batch.ids)
                held.lease = replace(held.lease, first=following, ids=())

    def _known(self) -> list[_Held]:
        return [self._book.held[name] for name in self._ids if name in self._book.held]

    def _mine_or_free(self, now_s: float) -> list[_Held]:
        owners = (self._owner, "")
        return [h for h in self._known() if h.owner in owners or h.expires_at_s < now_s]


class InMemoryQuarantine:
    """`Quarantine` in a dictionary: entry and reason by the event's id."""

    def __init__(self) -> None:
        """Begin empty."""
        self.kept: dict[str, tuple[Entry, str]] = {}

    def keep(self, entry: Entry, reason: str) -> None:
        """Keep one entry once."""
        self.kept.setdefault(entry.id, (entry, reason))

    def count(self) -> int:
        """Count what is kept."""
        return len(self.kept)
