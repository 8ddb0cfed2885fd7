"""/livez, /readyz and /metrics: for machines, outside the limits, so they are cheap themselves."""

import asyncio
import time
from collections.abc import Callable

import anyio.to_thread
from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

FRESH_FOR_S = 0.25
ASKING_MAX = 1


class Readiness:
    """Asks the database at most four times a second, in a thread of its own, however many ask."""

    def __init__(self, ready: Callable[[], bool]) -> None:
        """`ready` blocks shortly."""
        self._ready = ready
        self._asked_at_s = float("-inf")
        self._was_ready = False
        self._asking: asyncio.Task[None] | None = None
        # Not the requests' threads: those may all be waiting for a database that does not answer.
        self._threads: anyio.CapacityLimiter | None = None

    async def ask(self) -> bool:
        """Say whether the database answers, or answered a moment ago."""
        if time.monotonic() - self._asked_at_s > FRESH_FOR_S:
            if self._asking is None or self._asking.done():
                self._asking = asyncio.get_running_loop().create_task(self._ask())
            await asyncio.shield(self._asking)
        return self._was_ready

    async def _ask(self) -> None:
        if self._threads is None:
            self._threads = anyio.CapacityLimiter(ASKING_MAX)
        self._was_ready = await anyio.to_thread.run_sync(self._ready, limiter=self._threads)
        self._asked_at_s = time.monotonic()


def health_router(ready: Callable[[], bool]) -> APIRouter:
    """Return the three routes. Readiness depends on `ready` (MongoDB) only: P6, not Kafka."""
    router = APIRouter(include_in_schema=False)
    readiness = Readiness(ready)

    @router.get("/livez")
    async def livez() -> Response:
        return Response("ok", media_type="text/plain")

    @router.get("/readyz")
    async def readyz() -> Response:
        is_ready = await readiness.ask()
        return Response(
            "ok" if is_ready else "MongoDB does not answer",
            status_code=200 if is_ready else 503,
            media_type="text/plain",
        )

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
