"""The in-memory twin of MongoAggregates: same rules, same contract suite, no server."""

import threading
from collections.abc import Callable, Iterable, Sequence, Set
from copy import deepcopy
from typing import Generic, TypeVar

from shared.contracts.codec import Envelope
from shared.kernel.aggregate import Decision, Request, Stored
from shared.kernel.errors import Conflict, NotFound, Stale
from shared.messaging.documents import (
    Announce,
    Document,
    Shape,
    marks_of,
    stored_answer,
    with_mark,
)
from shared.messaging.marks import is_new
from shared.messaging.ports import EntityChange

S = TypeVar("S")


class InMemoryAggregates(Generic[S]):
    """Documents in a dictionary. `announced` lists all envelopes in order of their commits."""

    def __init__(
        self,
        *,
        kind: str,
        state_type: type[S],
        announce: Announce,
        keeps_outbox: bool = False,
        audited: Callable[[S], str] | None = None,
    ) -> None:
        """Begin empty. Without `keeps_outbox` an event counts as sent when it is announced."""
        self._keeps_outbox = keeps_outbox
        self._shape = Shape(kind, state_type, announce, audited=audited)
        self._documents: dict[str, Document] = {}
        self._lock = threading.RLock()
        self.announced: list[Envelope] = []

    def get(self, entity_id: str, *, request: Request[S] | None = None) -> Stored[S]:
        """Return the present state, or raise `NotFound`; with the answer of a repeat."""
        held = self._document(entity_id)
        return self._shape.stored(held, stored_answer(held, request) if request else None)

    def get_many(self, entity_ids: Iterable[str]) -> dict[str, Stored[S]]:
        """Return those that exist, by id."""
        held = self._documents
        return {each: self._shape.stored(held[each]) for each in entity_ids if each in held}

    def create(
        self, entity_id: str, decision: Decision[S], *, request: Request[S] | None = None
    ) -> Stored[S]:
        """Insert; a repeat of the same request gets its stored answer."""
        with self._lock:
            held = self._documents.get(entity_id)
            if held is not None:
                answer = stored_answer(held, request) if request else None
                if answer is None:
                    raise Conflict(f"{self._shape.kind}.exists", "this id is taken")
                return self._shape.stored(held, answer)
            return self._commit(self._shape.first(entity_id), decision, request)

    def change(
        self,
        entity_id: str,
        decide: Callable[[S], Decision[S]],
        *,
        request: Request[S] | None = None,
        expected_version: int | None = None,
        known: Stored[S] | None = None,  # noqa: ARG002 - nothing is read twice here
    ) -> Stored[S]:
        """Decide on the present state and keep the decision."""
        with self._lock:
            held = self._document(entity_id)
            answer = stored_answer(held, request) if request else None
            if answer is not None:
                return self._shape.stored(held, answer)
            if expected_version is not None and held["version"] != expected_version:
                raise Stale(f"{self._shape.kind}.stale", "the version is not the present one")
            return self._commit(held, decide(self._shape.state_of(held)), request)

    def apply(self, changes: Sequence[EntityChange[S]]) -> None:
        """Apply each change whose mark is new."""
        with self._lock:
            for change in changes:
                held = self._documents.get(change.entity_id)
                document = held or self._shape.first(change.entity_id)
                if not is_new(marks_of(document), change.mark):
                    continue
                decision = change.decide(self._shape.state_of(held) if held else None)
                if decision is not None:
                    marked = with_mark(document, change.mark.by, change.mark.last)
                    self._commit(marked, decision, None)

    def documents(self) -> list[Document]:
        """Return copies of all documents, for a relay."""
        with self._lock:
            return deepcopy(list(self._documents.values()))

    def clear_outbox(self, event_ids: Set[str]) -> None:
        """Take events out of their documents, as a relay does, without a new version."""
        with self._lock:
            for held in self._documents.values():
                held["outbox"] = [each for each in held["outbox"] if each["id"] not in event_ids]

    def _document(self, entity_id: str) -> Document:
        held = self._documents.get(entity_id)
        if held is None:
            raise NotFound(f"{self._shape.kind}.not_found", "there is no such thing")
        return held

    def _commit(
        self, document: Document, decision: Decision[S], request: Request[S] | None
    ) -> Stored[S]:
        after, envelopes, answer = self._shape.changed(document, decision, request=request)
        self._documents[after["_id"]] = deepcopy(after)
        self.announced.extend(envelopes)
        if not self._keeps_outbox:
            self._documents[after["_id"]]["outbox"] = []
        return self._shape.stored(after, answer)
