"""Codes are kept by their hash only."""

import hashlib


def hashed(code: str) -> str:
    """Return what is stored of a code: SHA-256. Codes have 160 random bits, so it needs no salt."""
    return hashlib.sha256(code.encode()).hexdigest()
