"""What reactions need of a collection of documents, and what the relay needs of a producer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from shared.kernel.aggregate import Decision
from shared.messaging.marks import Mark

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class EntityChange(Generic[S]):
    """One event's effect on one entity. `decide` gets None where the entity is not known.

    It must be pure: it may run several times. None as its answer writes nothing.
    """

    entity_id: str
    mark: Mark
    decide: Callable[[S | None], Decision[S] | None]


class Reacting(Protocol[S]):
    """Documents that events change, each event once."""

    def apply(self, changes: Sequence[EntityChange[S]]) -> None:
        """Apply changes in order; those whose mark is already there are passed over.

        One read, one bulk write, and a bounded retry of lost races. Durable when it returns;
        may be repeated. Raises `Unavailable`; a `Rejected` of `decide` passes through, with
        nothing of its entity written.
        """


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
        """Send and block until all are acknowledged; raise `NoAcknowledgement` after 30 s."""

    def close(self) -> None:
        """Close within 5 s, whatever is queued."""


class NoAcknowledgement(Exception):  # noqa: N818 - says what did not come
    """No acknowledgement within the bound: the outcome is unknown and the process must end."""
