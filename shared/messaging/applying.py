"""Applies admitted events, and finds out which one cannot be applied.

A batch is tried at once, then event by event, then entity by entity: a refused part of an event
becomes a dead letter, the other parts take effect, and nobody else waits. A bug ends the process;
its third crash on one event makes a dead letter of what crashed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

import structlog

from shared.contracts.codec import RawRecord, decode
from shared.kernel.errors import Rejected, Unavailable
from shared.messaging.marks import Mark
from shared.messaging.patience import Patience
from shared.messaging.ports_in import Letter
from shared.messaging.reactions import AnyEvent, Reaction

log = structlog.get_logger(__name__)

T = TypeVar("T")

CRASHES_MAX = 3
BUG = "bug"


@dataclass(frozen=True, slots=True)
class Admitted:
    """An event that is due. The parts of `spared` entities are dead letters already."""

    record: RawRecord
    event: AnyEvent
    spared: frozenset[str] = frozenset()


class Graveyard(Protocol):
    """What the applier needs of the dead letters."""

    def bury(
        self, record: RawRecord, *, code: str, message: str, entity_ids: Sequence[str] = ()
    ) -> None:
        """Keep a record as a dead letter, of the named entities or of all."""

    def crashed(self, record: RawRecord) -> int:
        """Count a crash on a record; return how many there were."""


class Applier:
    """Applies events of one reaction under one kind of mark."""

    def __init__(
        self,
        reaction: Reaction,
        graveyard: Graveyard,
        *,
        mark: Callable[[AnyEvent], Mark],
        patience: Patience,
    ) -> None:
        """`mark` says what marks an event's effect."""
        self._reaction = reaction
        self._graveyard = graveyard
        self._mark = mark
        self._patience = patience

    def apply(self, batch: Sequence[Admitted]) -> None:
        """Apply in order. Durable when it returns; raises what must end the process."""
        if not batch:
            return
        try:
            self._attempt(batch)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - told apart event by event just below
            log.warning("reaction.one_by_one", group=self._reaction.group, error=_kind(error))
            for admitted in batch:
                self._apply_one(admitted)

    def read(self, record: RawRecord) -> AnyEvent | None:
        """Return a record's event, or None where it became a dead letter."""
        return self._judged(record, partial(decode, record))

    def replay(self, letter: Letter) -> None:
        """Apply a letter under its own mark: once, however often it is asked for.

        Raises `Rejected` where it can still not be applied.
        """
        event = decode(letter.record)
        if self._reaction.handles(event.type):
            wanted = frozenset(letter.entity_ids)
            apply = partial(
                self._reaction.apply,
                [event],
                lambda _: Mark(f"letter|{letter.id}", 1),
                concerns=lambda _, entity_id: not wanted or entity_id in wanted,
            )
            self._patience(apply)

    def _apply_one(self, admitted: Admitted) -> None:
        try:
            self._attempt([admitted])
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 - told apart entity by entity just below
            for entity_id in self._entity_ids(admitted):
                act = partial(self._attempt, [admitted], only=entity_id)
                self._judged(admitted.record, act, entity_ids=[entity_id])

    def _entity_ids(self, admitted: Admitted) -> list[str]:
        named = partial(self._reaction.entity_ids, admitted.event)
        return self._judged(admitted.record, named) or []

    def _attempt(self, batch: Sequence[Admitted], *, only: str | None = None) -> None:
        spared = {_place(each.event): each.spared for each in batch}

        def concerns(event: AnyEvent, entity_id: str) -> bool:
            return only in (None, entity_id) and entity_id not in spared[_place(event)]

        events = [each.event for each in batch]
        self._patience(partial(self._reaction.apply, events, self._mark, concerns=concerns))

    def _judged(
        self, record: RawRecord, act: Callable[[], T], *, entity_ids: Sequence[str] = ()
    ) -> T | None:
        """Return what `act` returns, or None where its failure became a dead letter."""
        try:
            return act()
        except Rejected as reason:
            self._graveyard.bury(
                record, code=reason.code, message=reason.message, entity_ids=entity_ids
            )
        except Unavailable:
            raise
        except Exception as error:
            if self._graveyard.crashed(record) < CRASHES_MAX:
                raise
            self._graveyard.bury(record, code=BUG, message=_kind(error), entity_ids=entity_ids)
        return None


def _place(event: AnyEvent) -> tuple[str, int, int]:
    return event.topic, event.partition, event.offset


def _kind(error: Exception) -> str:
    """Return an error's type: its text may hold what an event holds."""
    return type(error).__name__
