"""One worker process of a service: relay, reactions and jobs, a thread each.

The end or failure of any thread ends the process: its supervisor starts it again, and correctness
never depends on a clean stop. A watchdog ends a process that has work and makes no progress, or
that its consumer group has given nothing for long: both look alike from inside.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from shared.kernel.errors import Unavailable
from shared.messaging.health import serve_health
from shared.messaging.relay import Relay
from shared.messaging.runner import Runner
from shared.observability import metrics
from shared.observability.settings import ServiceSettings

log = structlog.get_logger(__name__)

STOP_WITHIN_S = 8.0
STALLED_AFTER_S = 45.0
WATCHED_EVERY_S = 1.0

ShouldStop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Job:
    """Work that is repeated every `every_s` seconds; `Unavailable` waits for the next time."""

    name: str
    every_s: float
    run: Callable[[], object]


class Worker:
    """Runs until SIGTERM, or until a part of it fails."""

    def __init__(
        self,
        settings: ServiceSettings,
        *,
        relay: Relay | None,
        runners: Sequence[Runner],
        jobs: Sequence[Job],
        ready: Callable[[], bool],
    ) -> None:
        """Nothing runs yet."""
        self._settings = settings
        self._relay = relay
        self._runners = tuple(runners)
        self._jobs = tuple(jobs)
        self._ready = ready
        self._stopping = threading.Event()
        self._failed = threading.Event()

    def run(self) -> int:
        """Run; return the process's exit status: 0 after SIGTERM, 1 after a failure."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stopping.set())
        metrics.STARTS_UNIX_S.set_to_current_time()
        health = serve_health(self._settings.http_host, self._settings.http_port, ready=self._ready)
        threads = [self._start(name, part) for name, part in self._parts()]
        while not self._stopping.wait(WATCHED_EVERY_S):
            self._watch()
        deadline = time.monotonic() + STOP_WITHIN_S
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        health.shutdown()
        return 1 if self._failed.is_set() else 0

    def _parts(self) -> list[tuple[str, Callable[[ShouldStop], None]]]:
        parts: list[tuple[str, Callable[[ShouldStop], None]]] = []
        if self._relay is not None:
            parts.append(("relay", self._relay.run))
        parts += [(f"reaction-{runner.group}", runner.run) for runner in self._runners]
        parts += [(f"job-{job.name}", self._repeat(job)) for job in self._jobs]
        return parts

    def _start(self, name: str, part: Callable[[ShouldStop], None]) -> threading.Thread:
        def guarded() -> None:
            try:
                part(self._stopping.is_set)
            except BaseException:
                log.exception("worker.part_failed", part=name)
                self._failed.set()
            finally:
                self._stopping.set()

        thread = threading.Thread(target=guarded, name=name, daemon=True)
        thread.start()
        return thread

    def _repeat(self, job: Job) -> Callable[[ShouldStop], None]:
        def repeated(should_stop: ShouldStop) -> None:
            while not should_stop():
                try:
                    job.run()
                except Unavailable as away:
                    log.warning("worker.job_waits", job=job.name, code=away.code)
                self._stopping.wait(job.every_s)

        return repeated

    def _watch(self) -> None:
        now_s = time.monotonic()
        for runner in self._runners:
            if now_s - runner.progressed_at_s > STALLED_AFTER_S:
                log.error("worker.stalled", group=runner.group, lag=runner.lag)
                metrics.WATCHDOG_RESTARTS.labels(runner.group).inc()
                os._exit(1)  # the thread that should end hangs: nothing gentler would end it
