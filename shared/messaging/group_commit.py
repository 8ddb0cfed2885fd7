"""Group commit: writes of many threads by one command (ADR 0025).

As databases do it for their logs: who comes while a command is under way goes with the next one.
Nobody waits for company: a write that finds none under way is made at once, alone. Each write is
still one of its own, done or refused by itself; the way to the server and the wait for its journal
are shared.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

from shared.kernel.errors import Unavailable

W = TypeVar("W")
# One command's worth; small enough that the first of them does not wait long for the last.
AT_MOST = 32
# Who has waited so long is refused: a database that answers this slowly is away, and a command may
# take 8 s more. Nothing of theirs was written.
PATIENCE_S = 4.0


class _Writer(Generic[W]):
    """A thread with its write. Its lock is released when the outcome is there, or it is to lead."""

    __slots__ = ("outcome", "since_s", "turn", "write")

    def __init__(self, write: W, since_s: float) -> None:
        self.write = write
        self.since_s = since_s
        self.outcome: bool | BaseException | None = None
        self.turn = Lock()
        self.turn.acquire()


class GroupCommit(Generic[W]):
    """Used by all threads of a process, for writes of one kind."""

    def __init__(
        self,
        write_all: Callable[[Sequence[W]], Sequence[bool | BaseException]],
        *,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """`write_all` blocks for a bounded time. It gives an outcome for each write, or raises.

        What it raises holds for all of them.
        """
        self._write_all = write_all
        self._clock_s = clock_s
        self._guard = Lock()
        self._waiting: deque[_Writer[W]] = deque()
        self._is_led = False

    def write(self, write: W) -> bool:
        """Block until the write is made; return its outcome, or raise it.

        `Unavailable` (storage.unavailable): it waited too long, and was not made.
        """
        own = _Writer(write, self._clock_s())
        with self._guard:
            self._waiting.append(own)
            leads, self._is_led = not self._is_led, True
        if not leads:
            own.turn.acquire()
        if own.outcome is None:
            self._lead()
        if isinstance(own.outcome, BaseException):
            raise own.outcome
        return bool(own.outcome)

    def _lead(self) -> None:
        """Write what waits, hand the lead on, and let the writers go."""
        with self._guard:
            count = min(len(self._waiting), AT_MOST)
            group = [self._waiting.popleft() for _ in range(count)]
        self._decide(group)
        with self._guard:
            self._is_led = bool(self._waiting)
            freed = [*([self._waiting[0]] if self._is_led else []), *group]
        for each in freed:
            each.turn.release()

    def _decide(self, group: list[_Writer[W]]) -> None:
        since_s = self._clock_s() - PATIENCE_S
        in_time = [each for each in group if each.since_s >= since_s]
        for each in group:
            each.outcome = Unavailable("storage.unavailable", "the database answers too slowly")
        if not in_time:
            return
        try:
            outcomes = self._write_all([each.write for each in in_time])
        except BaseException as error:  # noqa: BLE001 - each writer raises it, in its own thread
            outcomes = [error] * len(in_time)
        for each, outcome in zip(in_time, outcomes, strict=True):
            each.outcome = outcome
