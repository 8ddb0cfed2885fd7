"""The document of an aggregate: state, outbox, answers and marks, and how they change together.

`write` names the last change: after a write without an outcome it tells whether it happened.
Pure functions over plain dictionaries, so that the adapter and its twin share the rules.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

import msgspec

from shared.contracts.codec import Envelope
from shared.kernel.aggregate import Answer, Decision, Request, Stored
from shared.kernel.errors import Conflict, Invalid, Unavailable
from shared.kernel.ids import new_id

S = TypeVar("S")
Document = dict[str, Any]
Announce = Callable[[object], Envelope]
Beside = Mapping[str, Callable[[S], Any]]

PENDING_MAX = 64
REQUESTS_MAX = 64
REQUESTS_KEPT = timedelta(days=7)
WRITTEN = ("version", "state", "requests", "marks", "announced", "write")
APPENDED = ("outbox", "audits")


@dataclass(frozen=True, slots=True)
class Shape(Generic[S]):
    """How states of one kind become documents. `announce` maps a domain event to its envelope.

    `beside` names fields that are set from the state with every change, for an index or for a
    reader that the state's owner need not know.

    `audited` gives a state's community code ("" where it has none): acts of staff are recorded.
    `requests_max` bounds the stored answers of 7 days; what forgets them is never refused for it.
    """

    kind: str
    state_type: type[S]
    announce: Announce
    beside: Beside[S] = field(default_factory=dict)
    audited: Callable[[S], str] | None = None
    requests_max: int = REQUESTS_MAX

    def state_of(self, document: Mapping[str, Any]) -> S:
        """Return the state that a document holds."""
        return msgspec.convert(document["state"], self.state_type, builtin_types=(datetime,))

    def stored(self, document: Mapping[str, Any], answer: Answer | None = None) -> Stored[S]:
        """Return what a document holds, for the application."""
        state = self.state_of(document)
        return Stored(document["_id"], document["version"], state, answer, document)

    def first(self, entity_id: str) -> Document:
        """Return the document before its first change: version 0, never stored."""
        return {
            "_id": entity_id,
            "version": 0,
            "state": None,
            "outbox": [],
            "requests": [],
            "marks": [],
            "announced": 0,
            "write": "",
        }

    def changed(
        self, document: Document, decision: Decision[S], *, request: Request[S] | None = None
    ) -> tuple[Document, list[Envelope], Answer | None]:
        """Return the next document, what it announces, and the answer to the request.

        Raises `Unavailable` (outbox.full, idempotency.full) at the document's bounds.
        """
        envelopes = [self.announce(event) for event in decision.events]
        now = datetime.now(UTC)
        after = {
            **document,
            "version": document["version"] + 1,
            "state": msgspec.to_builtins(decision.state, builtin_types=(datetime,)),
            "outbox": [*document["outbox"], *(_entry(each, now) for each in envelopes)],
            "announced": document["announced"] + len(envelopes),
            "write": new_id(),
            **{name: of(decision.state) for name, of in self.beside.items()},
        }
        # One decision cannot be split: where nothing waits, it may be larger than the bound.
        if envelopes and document["outbox"] and len(after["outbox"]) > PENDING_MAX:
            raise Unavailable("outbox.full", "too many events of this document are pending")
        requests = document["requests"]
        if decision.forgets:
            requests = [_forgotten(held) for held in requests]
        after["requests"] = requests
        if request is None:
            return after, envelopes, None
        answer = request.render(Stored(document["_id"], after["version"], decision.state))
        kept = [held for held in requests if _aware(held["at"]) > now - REQUESTS_KEPT]
        if len(kept) >= self.requests_max and not decision.forgets:
            raise Unavailable("idempotency.full", "too many requests to this document in 7 days")
        after["requests"] = [*kept, _record(request, answer=answer, now=now)]
        if request.staff is not None and self.audited is not None:
            entry = self._audit(document["_id"], decision.state, request=request, now=now)
            after["audits"] = [*document.get("audits", ()), entry]
        return after, envelopes, answer

    def update(self, before: Document, after: Document) -> Document:
        """Return the update from one document to the other.

        The relay takes entries out of the outbox without a new version, and the audit out of its
        records, so that new ones are pushed and old ones never written back.
        """
        update: Document = {"$set": {name: after[name] for name in (*WRITTEN, *self.beside)}}
        added = {name: after.get(name, ())[len(before.get(name, ())) :] for name in APPENDED}
        pushed = {name: {"$each": entries} for name, entries in added.items() if entries}
        if pushed:
            update["$push"] = pushed
        return update

    def _audit(self, entity_id: str, state: S, *, request: Request[S], now: datetime) -> Document:
        """Return the record of an act of staff; its id is the request's, so it is one."""
        if request.staff is None or self.audited is None:
            raise AssertionError("only an act of staff on an audited kind is recorded")
        return {
            "id": request.scope,
            "actor": request.staff.actor,
            "role": request.staff.role,
            "act": request.staff.act,
            "kind": self.kind,
            "object_id": entity_id,
            "community_code": self.audited(state),
            "at": now,
        }


def stored_answer(document: Mapping[str, Any], request: Request[Any]) -> Answer | None:
    """Return the answer that this request already got, or None.

    Raises `Invalid` (idempotency.body_differs) where its key was used for another body, and
    `Conflict` (idempotency.forgotten) where its answer was erased: it is not done again.
    """
    for held in document["requests"]:
        if held["scope"] == request.scope:
            if held.get("forgotten"):
                raise Conflict("idempotency.forgotten", "what this request did was erased")
            if held["body_sha256"] != request.body_sha256:
                raise Invalid("idempotency.body_differs", "this key was used for another body")
            return Answer(held["status"], bytes(held["body"]))
    return None


def _forgotten(held: Document) -> Document:
    """Return a record that still says that its key is used, and nothing of body and answer."""
    return {**held, "body_sha256": "", "body": b"", "forgotten": True}


def marks_of(document: Mapping[str, Any]) -> dict[str, int]:
    """Return the marks of a document by reader."""
    return {held["by"]: held["last"] for held in document["marks"]}


def with_mark(document: Document, by: str, last: int) -> Document:
    """Return the document with one reader's mark moved."""
    others = [held for held in document["marks"] if held["by"] != by]
    return {**document, "marks": [*others, {"by": by, "last": last}]}


def _entry(envelope: Envelope, now: datetime) -> Document:
    return {
        "id": envelope.id,
        "topic": envelope.topic,
        "partition": envelope.partition,
        "key": envelope.key,
        "headers": dict(envelope.headers),
        "value": envelope.value,
        "at": now,
    }


def _record(request: Request[Any], *, answer: Answer, now: datetime) -> Document:
    return {
        "scope": request.scope,
        "body_sha256": request.body_sha256,
        "status": answer.status,
        "body": answer.body,
        "at": now,
    }


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
