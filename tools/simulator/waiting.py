"""Waiting for what the city's workers do by themselves: asked for again, with a deadline."""

import time
from collections.abc import Callable

from shared.kernel.errors import Unavailable

POLL_FIRST_S = 0.02
POLL_MAX_S = 0.3
WAIT_S = 120.0


def until(is_so: Callable[[], object], *, what: str, within_s: float = WAIT_S) -> None:
    """Return once it is so; `Unavailable` (simulator.waited) where it never was."""
    deadline = time.monotonic() + within_s
    pause_s = POLL_FIRST_S
    while not is_so():
        if time.monotonic() > deadline:
            raise Unavailable("simulator.waited", f"not within {within_s:.0f} s: {what}")
        time.sleep(pause_s)
        pause_s = min(POLL_MAX_S, pause_s * 1.5)
