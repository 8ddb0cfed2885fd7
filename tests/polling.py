"""Waiting in tests: ask again until a deadline, never sleep for a guessed time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(
    ask: Callable[[], T], *, within_s: float = 30.0, every_s: float = 0.02, of: object = None
) -> T:
    """Return the first truthy answer of `ask`, or fail after `within_s` with the last one.

    `of` is what the question is about: a failure shows it.
    """
    deadline = time.monotonic() + within_s
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s} s; last answer: {answer!r}, of: {of!r}")
        time.sleep(every_s)
