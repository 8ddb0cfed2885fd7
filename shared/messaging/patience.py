"""Waiting for a dependency that is away: bounded, then the error goes on and ends the process."""

import time
from collections.abc import Callable
from typing import TypeVar

from shared.kernel.errors import Unavailable

T = TypeVar("T")

TRIES = 8
PAUSE_S = 0.2
DOUBLINGS_MAX = 4


class Patience:
    """Tries again while `Unavailable` is raised: 8 times, 12.6 s of pauses in all."""

    def __init__(self, pause: Callable[[float], object] = time.sleep) -> None:
        """`pause` waits for the given seconds; tests pass one that does not."""
        self._pause = pause

    def __call__(self, act: Callable[[], T]) -> T:
        """Return what `act` returns; blocks while it is tried again. `act` may run repeatedly."""
        for attempt in range(TRIES - 1):
            try:
                return act()
            except Unavailable:
                self._pause(PAUSE_S * 2 ** min(attempt, DOUBLINGS_MAX))
        return act()
