"""A rebuild of the volumes: the exact intake and folding of a new generation, and no publishing.

Its rows are published by the worker that begins with it, under revisions above the present ones.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, wait
from threading import Event, Thread
from types import TracebackType
from typing import Self

import faust

from services.volumes.domain.delta import Delta
from services.volumes.entrypoints.stream import WorkerHooks
from shared.kernel.errors import Unavailable
from shared.messaging.rebuilding import Comparison, Positions

PAUSE_S = 0.2
STOP_WITHIN_S = 15.0

Sequences = Callable[[], Mapping[str, int]]


class RebuildHooks(WorkerHooks):
    """A rebuild's events are old: their age says nothing of today."""

    def folded(self, deltas: Iterable[Delta]) -> None:
        """Measure nothing."""


class Background:
    """Runs Faust services in an event loop of a thread, while the context lasts."""

    def __init__(self, services: Callable[[], list[faust.Service]]) -> None:
        """`services` makes them inside the running loop."""
        self._services = services
        self._stopping = Event()
        self._ended: Future[None] = Future()

    def __enter__(self) -> Self:
        """Start."""
        Thread(target=self._run, name="rebuild", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop; what does not end in time ends with the process, and nothing is lost."""
        self._stopping.set()
        wait([self._ended], timeout=STOP_WITHIN_S)

    def work(self) -> None:
        """Let the services work for a moment; raise `Unavailable` where they ended."""
        wait([self._ended], timeout=PAUSE_S)
        if self._ended.done():
            raise Unavailable("volumes.rebuild", "the services ended") from self._ended.exception()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - told to the thread that waits
            self._ended.set_exception(error)
        else:
            self._ended.set_result(None)

    async def _serve(self) -> None:
        services = self._services()
        for service in services:
            await service.start()
        while not self._stopping.is_set():
            await asyncio.sleep(PAUSE_S)
        for service in reversed(services):
            await service.stop()


class VolumesRebuild:
    """`Rebuilding` over services that run in the background."""

    def __init__(
        self,
        background: Background,
        *,
        ends: Mapping[int, int],
        folded_to: Callable[[int], int],
        sequences: tuple[Sequences, Sequences],
        compare: Callable[[], Comparison],
    ) -> None:
        """`ends` are those of the topic's partitions when the rebuild begins.

        `folded_to` tells up to which offset a partition is in the rows; `sequences` give the last
        ones of the present and of the rebuilt generation.
        """
        self._background = background
        self._ends = ends
        self._folded_to = folded_to
        self._sequences = sequences
        self._compare = compare

    def advance(self) -> bool:
        """Wait for a moment."""
        self._background.work()
        return all(self._folded_to(place) >= end for place, end in self._ends.items() if end)

    def positions(self) -> Positions:
        """Return how far both generations are folded."""
        present, rebuilt = self._sequences
        return Positions(present(), rebuilt())

    def compare(self) -> Comparison:
        """Compare row by row."""
        return self._compare()
