"""What reactions need of a collection of documents."""

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
