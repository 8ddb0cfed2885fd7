"""Interrupts that wait for a safe place: the next request.

A signal that raises in the middle of a thread pool can leave one of its locks held for ever. While
a day runs, signals are noted, and whoever asks an API next ends with `KeyboardInterrupt`.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_NOTED = threading.Event()


@contextmanager
def deferred() -> Iterator[None]:
    """Note SIGINT, SIGTERM and SIGHUP instead of raising. For the main thread."""
    _NOTED.clear()
    held = {number: signal.signal(number, lambda *_: _NOTED.set()) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in held.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        _NOTED.clear()


def check() -> None:
    """Raise `KeyboardInterrupt` where one was noted."""
    if _NOTED.is_set():
        raise KeyboardInterrupt
