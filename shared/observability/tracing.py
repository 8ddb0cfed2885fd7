"""W3C trace context: one id follows a request through logs and events."""

import os
import re
from contextvars import ContextVar

_FORM = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def begin(traceparent: str | None) -> str:
    """Begin work under a caller's trace, or under a new one; return the traceparent."""
    found = _FORM.fullmatch(traceparent or "")
    trace = found[1] if found and found[1] != "0" * 32 else os.urandom(16).hex()
    mine = f"00-{trace}-{os.urandom(8).hex()}-01"
    _current.set(mine)
    return mine


def current() -> str | None:
    """Return the traceparent of the present work, to be put into events."""
    return _current.get()


def trace_id() -> str | None:
    """Return the present trace's id, for logs and problem details."""
    held = _current.get()
    return held.split("-")[1] if held else None
