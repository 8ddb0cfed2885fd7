"""One watcher a process for all open streams: it asks MongoDB what changed, and wakes who waits.

It polls versions by id, so that it needs no state of its own to survive a restart of MongoDB, and
works beside other API processes. What a stream has not sent yet is in the pickup's own steps: a
change that comes before the last one was sent replaces it, and nothing is lost or piles up.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from threading import Event

import anyio.to_thread
import structlog

from services.collection.domain.pickup import Pickup
from shared.kernel.aggregate import Stored
from shared.kernel.errors import Unavailable

log = structlog.get_logger(__name__)

ASKED_EVERY_S = 0.5
Versions = Callable[[Collection[str]], Mapping[str, int]]
Many = Callable[[Collection[str]], Mapping[str, Stored[Pickup]]]


class Following:
    """What one stream waits for: the newest state that it has not seen."""

    def __init__(self, seen: Stored[Pickup]) -> None:
        """`seen` is what the stream has."""
        self._version = seen.version
        self._newest: Stored[Pickup] | None = None
        self._has_ended = False
        self._woken = asyncio.Event()

    async def next(self, *, within_s: float) -> Stored[Pickup] | None:
        """Wait for a change; None when the time is over, or nothing more will come."""
        try:
            await asyncio.wait_for(self._woken.wait(), max(0.0, within_s))
        except TimeoutError:
            return None
        self._woken.clear()
        newest, self._newest = self._newest, None
        return None if self._has_ended else newest

    def tell(self, newest: Stored[Pickup]) -> None:
        """Wake the stream, unless it has seen this."""
        if newest.version > self._version:
            self._version, self._newest = newest.version, newest
            self._woken.set()

    def end(self) -> None:
        """Let the stream end."""
        self._has_ended = True
        self._woken.set()


class Watcher:
    """Used by one event loop. It asks in a thread of its own, while anybody follows anything."""

    def __init__(self, *, versions: Versions, many: Many) -> None:
        """`versions` and `many` block; `stopping` is set when the process is about to end."""
        self._versions = versions
        self._many = many
        self._followed: defaultdict[str, set[Following]] = defaultdict(set)
        self._known: dict[str, int] = {}
        self._asking: asyncio.Task[None] | None = None

    @contextmanager
    def following(self, seen: Stored[Pickup], *, stopping: Event) -> Iterator[Following]:
        """Follow a pickup from what was seen of it."""
        following = Following(seen)
        self._followed[seen.id].add(following)
        self._known[seen.id] = min(seen.version, self._known.get(seen.id, seen.version))
        if self._asking is None or self._asking.done():
            self._asking = asyncio.get_running_loop().create_task(self._ask_on(stopping))
        try:
            yield following
        finally:
            self._leave(seen.id, following)

    def _leave(self, pickup_id: str, following: Following) -> None:
        self._followed[pickup_id].discard(following)
        if not self._followed[pickup_id]:
            del self._followed[pickup_id], self._known[pickup_id]

    async def _ask_on(self, stopping: Event) -> None:
        one_thread = anyio.CapacityLimiter(1)
        try:
            while self._followed and not stopping.is_set():
                await asyncio.sleep(ASKED_EVERY_S)
                await self._ask(one_thread)
        finally:  # whatever happened: who is left comes again, and resumes
            for following in [each for held in self._followed.values() for each in held]:
                following.end()

    async def _ask(self, one_thread: anyio.CapacityLimiter) -> None:
        known = dict(self._known)
        try:
            changed = await anyio.to_thread.run_sync(self._changed, known, limiter=one_thread)
        except Unavailable as away:
            log.warning("live.waits", code=away.code)
            return
        for pickup_id, newest in changed.items():
            for following in list(self._followed.get(pickup_id, ())):
                following.end() if newest is None else following.tell(newest)
            if newest is not None and pickup_id in self._known:
                self._known[pickup_id] = newest.version

    def _changed(self, known: Mapping[str, int]) -> dict[str, Stored[Pickup] | None]:
        """Return what has another version by now; None for what is gone."""
        versions = self._versions(list(known))
        changed = [each for each, version in known.items() if versions.get(each) != version]
        present = self._many(changed) if changed else {}
        return {each: present.get(each) for each in changed}
