"""Aggregates in MongoDB: one document each, one compare-and-set update a change."""

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from pymongo import ASCENDING, InsertOne, UpdateOne
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError

from shared.kernel.aggregate import Answer, Decision, Request, Stored
from shared.kernel.errors import Conflict, NotFound, Stale, Unavailable
from shared.messaging.crash_points import reached
from shared.messaging.documents import (
    Announce,
    Beside,
    Document,
    Shape,
    marks_of,
    stored_answer,
    with_mark,
)
from shared.messaging.marks import is_new
from shared.messaging.mongo_client import storage_errors
from shared.messaging.mongo_inserts import Inserts, ids_taken
from shared.messaging.outbox_bound import PENDING, OutboxBound
from shared.messaging.ports import EntityChange

S = TypeVar("S")
Write = InsertOne[Document] | UpdateOne
TRIES = 16


class MongoAggregates(Generic[S]):
    """`Aggregates` and `Reacting` over one collection."""

    def __init__(
        self,
        collection: Collection[Document],
        *,
        kind: str,
        state_type: type[S],
        announce: Announce,
        bound: OutboxBound | None = None,
        beside: Beside[S] | None = None,
        audited: Callable[[S], str] | None = None,
    ) -> None:
        """`bound` refuses announcing commands while too much waits for Kafka (P6).

        `beside` and `audited` as in `Shape`.
        """
        self._collection = collection
        self._shape = Shape(kind, state_type, announce, beside or {}, audited=audited)
        self._bound = bound
        self._inserts = Inserts(collection)

    @property
    def collection(self) -> Collection[Document]:
        """The collection, for a service's own reads."""
        return self._collection

    def prepare(self) -> None:
        """Create the index that the relay reads."""
        with storage_errors():
            self._collection.create_index(
                [("outbox.id", ASCENDING)],
                name="pending",
                partialFilterExpression=PENDING,
            )

    def get(self, entity_id: str, *, request: Request[S] | None = None) -> Stored[S]:
        """Return the present state, or raise `NotFound`; with the answer of a repeat."""
        held = self._document(entity_id)
        return self._shape.stored(held, stored_answer(held, request) if request else None)

    def get_many(self, entity_ids: Iterable[str]) -> dict[str, Stored[S]]:
        """Return those that exist, by id."""
        found = self._documents(entity_ids)
        return {each: self._shape.stored(document) for each, document in found.items()}

    def stored(self, document: Document) -> Stored[S]:
        """Return what a document that was read elsewhere holds."""
        return self._shape.stored(document)

    def create(
        self, entity_id: str, decision: Decision[S], *, request: Request[S] | None = None
    ) -> Stored[S]:
        """Insert; where the id is taken, it is a repeat of this request, or a conflict."""
        self._check_bound(decision)
        document, _, answer = self._shape.changed(
            self._shape.first(entity_id), decision, request=request
        )
        reached("outbox.write.before")
        try:
            self._inserts.insert(document)
        except DuplicateKeyError:
            return self._repeated(entity_id, request)
        except PyMongoError as error:
            return self._unknown(entity_id, document, answer, error)
        reached("outbox.write.after")
        return Stored(entity_id, document["version"], decision.state, answer, document)

    def change(
        self,
        entity_id: str,
        decide: Callable[[S], Decision[S]],
        *,
        request: Request[S] | None = None,
        expected_version: int | None = None,
        known: Stored[S] | None = None,
    ) -> Stored[S]:
        """Load, decide, compare-and-set; at most 16 times."""
        read = known.document if known is not None else None
        for _ in range(TRIES):
            before, read = dict(read or self._document(entity_id)), None
            answer = stored_answer(before, request) if request else None
            if answer is not None:
                return self._shape.stored(before, answer)
            if expected_version is not None and before["version"] != expected_version:
                raise Stale(f"{self._shape.kind}.stale", "the version is not the present one")
            decision = decide(self._shape.state_of(before))
            self._check_bound(decision)
            after, _, answer = self._shape.changed(before, decision, request=request)
            if self._replaced(before, after):
                return Stored(entity_id, after["version"], decision.state, answer, after)
        raise Unavailable("storage.contended", "this document changes too often; try again")

    def _replaced(self, before: Document, after: Document) -> bool:
        """Compare-and-set; False where another change was first."""
        reached("outbox.write.before")
        try:
            matched = self._collection.update_one(
                _unchanged(before), self._shape.update(before, after)
            ).matched_count
        except PyMongoError as error:
            self._unknown(after["_id"], after, None, error)
            matched = 1
        reached("outbox.write.after")
        return matched == 1

    def apply(self, changes: Sequence[EntityChange[S]]) -> None:
        """Apply a poll's changes: one read, one bulk write, then the losers again."""
        waiting = list(changes)
        for _ in range(TRIES):
            if not waiting:
                return
            lost = self._apply_once(waiting)
            waiting = [change for change in waiting if change.entity_id in lost]
        raise Unavailable("storage.contended", "these documents change too often")

    def _apply_once(self, changes: Sequence[EntityChange[S]]) -> set[str]:
        """Return the ids whose compare-and-set was lost."""
        before = self._documents({change.entity_id for change in changes})
        after: dict[str, Document] = {}
        for change in changes:
            document = after.get(change.entity_id, before.get(change.entity_id))
            changed = self._changed_by(change, document)
            if changed is not None:
                after[change.entity_id] = changed
        if not after:
            return set()
        ids = list(after)
        return self._written(ids, [self._write(before.get(each), after[each]) for each in ids])

    def _write(self, before: Document | None, after: Document) -> Write:
        if before is None:
            return InsertOne(after)
        return UpdateOne(_unchanged(before), self._shape.update(before, after))

    def _changed_by(self, change: EntityChange[S], document: Document | None) -> Document | None:
        held = document or self._shape.first(change.entity_id)
        if not is_new(marks_of(held), change.mark):
            return None
        decision = change.decide(self._shape.state_of(document) if document else None)
        if decision is None:
            return None
        marked = with_mark(held, change.mark.by, change.mark.last)
        return self._shape.changed(marked, decision)[0]

    def _written(self, ids: list[str], writes: list[Write]) -> set[str]:
        """Write all; of updates the result only counts, so a short count re-checks them all."""
        with storage_errors():
            try:
                result = self._collection.bulk_write(writes, ordered=False)
            except BulkWriteError as error:
                ids_taken(error)
                return set(ids)
        complete = result.inserted_count + result.matched_count == len(writes)
        return set() if complete else set(ids)

    def _check_bound(self, decision: Decision[S]) -> None:
        if self._bound is not None and decision.events:
            self._bound.check()

    def _document(self, entity_id: str) -> Document:
        with storage_errors():
            held = self._collection.find_one({"_id": entity_id})
        if held is None:
            raise NotFound(f"{self._shape.kind}.not_found", "there is no such thing")
        return held

    def _documents(self, entity_ids: Iterable[str]) -> dict[str, Document]:
        with storage_errors():
            found = self._collection.find({"_id": {"$in": list(entity_ids)}})
            return {document["_id"]: document for document in found}

    def _repeated(self, entity_id: str, request: Request[S] | None) -> Stored[S]:
        held = self._document(entity_id)
        answer = stored_answer(held, request) if request else None
        if answer is None:
            raise Conflict(f"{self._shape.kind}.exists", "this id is taken")
        return self._shape.stored(held, answer)

    def _unknown(
        self, entity_id: str, written: Document, answer: Answer | None, error: PyMongoError
    ) -> Stored[S]:
        """After a write without an outcome: found means done, not found proves nothing."""
        with storage_errors():
            held = self._collection.find_one({"_id": entity_id, "version": written["version"]})
        if held is not None and held["write"] == written["write"]:
            return self._shape.stored(held, answer)
        raise Unavailable("storage.unknown_outcome", "repeat with the same key") from error


def _unchanged(before: Document) -> Document:
    return {"_id": before["_id"], "version": before["version"]}
