"""Cursors of lists that show the newest first: when something happened, and its id."""

from datetime import UTC, datetime

from shared.http.paging import decode_cursor, encode_cursor


def behind(at: datetime, name: str) -> str:
    """Return the cursor behind an item."""
    return encode_cursor(round(at.timestamp() * 1000), name)


def before(cursor: str) -> tuple[datetime, str]:
    """Return what the following items are before; an instant that cannot be is before all."""
    at_ms, name = decode_cursor(cursor, int, str)
    try:
        at = datetime.fromtimestamp(int(at_ms) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        at = datetime.fromtimestamp(0, UTC)
    return at, str(name)
