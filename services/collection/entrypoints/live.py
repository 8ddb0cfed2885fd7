"""A pickup's life as server-sent events, resumed by Last-Event-ID.

An event's id is the step's number (domain/life.py): a stream that resumes misses and repeats
nothing, whichever process serves it. Steps name roles, codes and opaque ids, never persons.
"""

import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Annotated
from zlib import crc32

from fastapi import APIRouter, Depends, Header, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse, ServerSentEvent

from services.collection.application.desk import Desk
from services.collection.domain.life import last_number
from services.collection.domain.pickup import Pickup
from services.collection.entrypoints.live_watch import Following, Watcher
from services.collection.entrypoints.reading import visible
from services.collection.entrypoints.views import StepView
from shared.http.auth import Anybody, Caller
from shared.http.body import View
from shared.http.streams import Streams
from shared.kernel.aggregate import Stored
from shared.kernel.errors import NotFound

# So soon a client comes again after an end; spread, so that not all do at once after a restart.
RETRY_MS, RETRY_SPREAD_MS = 1_000, 2_000
LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", pattern="^[0-9]{0,9}$")]


class StepEvent(StepView):
    """One step of a pickup's life: the data of a `step` event."""

    pickup_id: str


class GapEvent(View):
    """So many steps before the next one are not kept any more: the data of a `gap` event."""

    pickup_id: str
    missed: int


@dataclass(frozen=True, slots=True)
class Live:
    """What streams work with. A stream ends after `stream_for_s` and is resumed by its client."""

    desk: Desk
    watcher: Watcher
    streams: Streams
    stream_for_s: float


@dataclass(frozen=True, slots=True)
class Stream:
    """An open stream: what its caller saw first, which step was sent last, and what follows."""

    first: Stored[Pickup]
    sent: int
    caller: Caller
    following: Following
    ends_at_s: float
    desk: Desk

    async def next(self) -> Stored[Pickup] | None:
        """Wait for a change; None at the end, or where the caller may not see it any more."""
        newest = await self.following.next(within_s=self.ends_at_s - time.monotonic())
        if newest is None or not await run_in_threadpool(self._may_see, newest):
            return None
        return newest

    def _may_see(self, newest: Stored[Pickup]) -> bool:
        try:
            visible(newest, self.caller, desk=self.desk)
        except NotFound:
            return False
        return True


def live_router(live: Live) -> APIRouter:
    """Return the route of streams."""
    router = APIRouter(prefix="/v1/pickups", tags=["live"])

    async def placed(caller: Anybody) -> AsyncIterator[Caller]:
        with live.streams.place(caller.subject):
            yield caller

    def seen(pickup_id: str, caller: Annotated[Caller, Depends(placed)]) -> Stored[Pickup]:
        first = live.desk.pickups.get(pickup_id)
        visible(first, caller, desk=live.desk)
        return first

    async def opened(
        request: Request,
        caller: Annotated[Caller, Depends(placed)],
        first: Annotated[Stored[Pickup], Depends(seen)],
        last_event_id: LastEventId = None,
    ) -> AsyncIterator[Stream]:
        ends_at_s = time.monotonic() + live.stream_for_s
        with live.watcher.following(first, stopping=request.app.state.stopping) as following:
            yield Stream(
                first=first,
                sent=int(last_event_id or 0),
                caller=caller,
                following=following,
                ends_at_s=ends_at_s,
                desk=live.desk,
            )

    @router.get("/{pickup_id}/events", response_class=EventSourceResponse)
    async def events(
        stream: Annotated[Stream, Depends(opened)],
    ) -> AsyncIterator[ServerSentEvent]:
        """Tell a pickup's steps as they happen; the id of each event is the step's number."""
        sent, stored = stream.sent, stream.first
        yield ServerSentEvent(retry=RETRY_MS + crc32(stored.id.encode()) % RETRY_SPREAD_MS)
        while True:
            for event in unsent(stored.state, sent):
                yield event
            sent = last_number(stored.state.history)
            newest = await stream.next()
            if newest is None:
                return
            stored = newest

    return router


def unsent(pickup: Pickup, sent: int) -> Iterator[ServerSentEvent]:
    """Give the steps behind number `sent`, with a gap where the next ones are not kept.

    A number that no step has had yet was never given: then all steps are new.
    """
    first, last = pickup.history[0].number, last_number(pickup.history)
    behind = sent if sent <= last else 0
    if first > behind + 1:
        gap = GapEvent(pickup_id=pickup.pickup_id, missed=first - behind - 1)
        yield ServerSentEvent(event="gap", data=gap)
    for step in pickup.history:
        if step.number > behind:
            told = StepView.model_validate(step).model_dump()
            data = StepEvent(pickup_id=pickup.pickup_id, **told)
            yield ServerSentEvent(event="step", id=str(step.number), data=data)
