"""The port through which a command or a reaction changes one document, and nothing else.

State, answer to the caller, mark of the reader and announced events are one atomic write
(docs/exactness.md). The real adapter is shared.messaging.mongo_aggregates, the twin
shared.messaging.in_memory; both pass the same contract suite.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from shared.kernel.errors import Conflict, NotFound, Rejected

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Decision(Generic[S]):
    """What a rule decided: the next state, and the domain events that report it, in order.

    `forgets`: the answers that are stored for earlier requests go with it; they may tell of a
    person who is erased now. A repeat of one is `Conflict` (idempotency.forgotten).
    """

    state: S
    events: tuple[object, ...] = ()
    forgets: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A stored 2xx answer: repeated word for word when the request is repeated."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Stored(Generic[S]):
    """A state as it is stored. `answer` is set where a request was given: send that one.

    `document` is the storage's own, for a change that begins with what was read.
    """

    id: str
    version: int
    state: S
    answer: Answer | None = None
    document: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class StaffAct:
    """Who acts for somebody else: the token's subject and role; `act` is method and route."""

    actor: str
    role: str
    act: str


@dataclass(frozen=True, slots=True)
class Request(Generic[S]):
    """One keyed request: `scope` = hash of caller + method + full path + Idempotency-Key.

    `render` makes the answer from what was stored; it is kept with the document for 7 days.
    `staff` is to be audited; the record of it is part of the same update.
    """

    scope: str
    body_sha256: str
    render: Callable[[Stored[S]], Answer]
    staff: StaffAct | None = None


class Aggregates(Protocol[S]):
    """A collection of documents of one kind, each changed by one compare-and-set update.

    All methods block and may raise `Unavailable` (`storage.unavailable`; `storage.unknown_outcome`
    where a write timed out: repeat with the same request). A repeated `request` is not executed
    again: the stored answer is returned; with another body it is `Invalid`
    (`idempotency.body_differs`). Past 64 pending events of one document `Unavailable`
    (`outbox.full`).
    """

    def get(self, entity_id: str, *, request: "Request[S] | None" = None) -> Stored[S]:
        """Return the present state, or raise `NotFound` (`<kind>.not_found`).

        `answer` is set where the `request` was done before; nothing is done here.
        """

    def create(
        self, entity_id: str, decision: Decision[S], *, request: "Request[S] | None" = None
    ) -> Stored[S]:
        """Insert; raise `Conflict` (`<kind>.exists`) where the id is taken by another request."""

    def change(
        self,
        entity_id: str,
        decide: Callable[[S], Decision[S]],
        *,
        request: "Request[S] | None" = None,
        expected_version: int | None = None,
        known: Stored[S] | None = None,
    ) -> Stored[S]:
        """Load, decide, compare-and-set; on a lost race load and decide again, at most 16 times.

        `decide` may run several times and must be pure. `expected_version` differs: `Stale`
        (`<kind>.stale`). `NotFound` as in `get`. `known` is what the caller has read just now: the
        first try begins with it instead of another read, and is lost where it is out of date.
        """


def put(
    aggregates: Aggregates[S], entity_id: str, state: S, *, request: Request[S] | None
) -> Stored[S]:
    """Let a thing be so, whether or not it is there: of two that make it at once, one is later."""

    def decide(_held: S) -> Decision[S]:
        return Decision(state)

    with suppress(NotFound):
        return aggregates.change(entity_id, decide, request=request)
    with suppress(Conflict):  # another one made it just now
        return aggregates.create(entity_id, Decision(state), request=request)
    return aggregates.change(entity_id, decide, request=request)


def answered_before(
    aggregates: Aggregates[S], entity_id: str, no: Rejected, *, request: Request[S] | None
) -> Stored[S]:
    """Give a repeated request its stored answer, also where it could not be done any more.

    Raises `no`, why it cannot be done now, where this is no repeat.
    """
    try:
        held = aggregates.get(entity_id, request=request)
    except NotFound:
        raise no from None
    if held.answer is None:
        raise no
    return held
