"""What the relay needs: pending events, leases, a producer, quarantine. Each has an in-memory twin.

The steps that these ports must allow, and what each must hold to, are docs/exactness.md's "The
relay": name, send, clear, takeover.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Entry:
    """One pending event. `order` sorts entries: by id across documents, by place within one."""

    order: tuple[str, int]
    document_id: str
    id: str
    topic: str
    partition: int
    key: str
    headers: dict[str, str]
    value: bytes
    at: datetime


class PendingEvents(Protocol):
    """The events that a service accepted and that Kafka has not acknowledged. All calls block."""

    def oldest(self) -> list[Entry]:
        """Return the oldest pending events, in order; bounded."""

    def among(self, ids: Iterable[str]) -> list[Entry]:
        """Return those of `ids` that are still pending, in any order."""

    def clear(self, entries: Sequence[Entry]) -> None:
        """Take acknowledged entries away; may be repeated."""


@dataclass(frozen=True, slots=True)
class Lease:
    """An owned partition. `first` is the sequence of the batch's first id, or of the next event."""

    id: str
    topic: str
    partition: int
    epoch: int
    first: int
    ids: tuple[str, ...]


class Leases(Protocol):
    """One owner's view of a service's partitions. Lease and batch are one thing, so that an owner
    that was paused past its lease cannot name a batch. All calls block.
    """

    def prepare(self) -> None:
        """Create what is not there yet; may be repeated."""

    def claim(self) -> list[Lease]:
        """Renew own leases, take free and expired ones over, and return all that are owned now.

        Another owner's lease gets a new epoch; its batch and `first` stay as they are.
        """

    def owned(self) -> list[Lease]:
        """Return the leases that are this owner's, as they are now."""

    def release(self) -> None:
        """Give all leases up, so that the next owner need not wait for their expiry."""

    def name(self, batches: Sequence[Lease]) -> None:
        """Write the ids of each batch where the lease is of its epoch and its batch is empty.

        Others stay as they are, in silence: `owned` tells what was written.
        """

    def empty(self, batches: Sequence[Lease]) -> None:
        """Empty each batch and move `first` behind it, where the lease is as it is given."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record as the relay sends it."""

    topic: str
    partition: int
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


class Producer(Protocol):
    """Sends records with acks of all in-sync replicas, in order per partition, for ever."""

    def send_all(self, records: Sequence[Outgoing]) -> None:
        """Send and block until all are acknowledged; raise `NoAcknowledgement` after 30 s.

        After `NoAcknowledgement` any part of the records may be on the topics, and may still come.
        """

    def close(self) -> None:
        """Close within 5 s, whatever is queued."""


class NoAcknowledgement(Exception):  # noqa: N818 - says what did not come
    """No acknowledgement within the bound: the outcome is unknown and the process must end."""


class Quarantine(Protocol):
    """Entries that can never be sent, kept for a person. All calls block."""

    def keep(self, entry: Entry, reason: str) -> None:
        """Keep one entry; may be repeated, the first reason stays."""

    def count(self) -> int:
        """Return how many entries are kept."""
