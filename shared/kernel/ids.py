"""Identifiers: random ones that sort by time, and derived ones that a repeat reaches again."""

import hashlib
import os
import threading
import time
import uuid

_lock = threading.Lock()
_last_value = 0
_RANDOM_BITS = 74


def new_id() -> str:
    """Return a UUIDv7 (RFC 9562, 5.7) as text, strictly increasing within this process."""
    global _last_value  # noqa: PLW0603 - the one counter that keeps ids of a process in order
    now_ms = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big") >> (80 - _RANDOM_BITS)
    with _lock:
        _last_value = max(_last_value + 1, (now_ms << _RANDOM_BITS) | random)
        value = _last_value
    stamp_ms, tail = value >> _RANDOM_BITS, value & ((1 << _RANDOM_BITS) - 1)
    high, low = tail >> 62, tail & ((1 << 62) - 1)
    return str(uuid.UUID(int=(stamp_ms << 80) | (7 << 76) | (high << 64) | (0b10 << 62) | low))


def derived_id(*parts: str) -> str:
    """Return the UUIDv8 (RFC 9562, 5.8) of `parts`: the same parts always give the same id.

    A repeated request or a repeated reaction reaches the same document by it, so that a repeat
    cannot create a second one. Parts are length-prefixed: ("ab", "c") differs from ("a", "bc").
    """
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode()
        digest.update(len(raw).to_bytes(4, "big"))
        digest.update(raw)
    value = int.from_bytes(digest.digest()[:16], "big")
    value = (value & ~(0xF << 76)) | (8 << 76)
    value = (value & ~(0b11 << 62)) | (0b10 << 62)
    return str(uuid.UUID(int=value))
