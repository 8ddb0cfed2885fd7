"""The port of files. A file is one only when its owner's document names it, and says how large.

Its owner puts it first and then names it in one update of its own document. What a crash leaves is
named by nobody and goes by itself at `gone_at`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored file: its parts, its bytes, and their SHA-256 in hexadecimal."""

    blob_id: str
    parts: int
    size_bytes: int
    sha256: str


class Blobs(Protocol):
    """Files in parts. Calls block and raise `Unavailable`."""

    def put(self, blob_id: str, chunks: Iterable[bytes], *, gone_at: datetime) -> Blob:
        """Store what comes, part by part; a blob's id is used once.

        `gone_at` is real time: from then on it may be gone, whether anybody named it or not.
        """

    def read(self, blob: Blob) -> Iterator[bytes]:
        """Return the parts in order; raise `NotFound` (blob.not_found) where not all are there.

        That is found before the first part is given.
        """

    def delete(self, blob_id: str) -> None:
        """Delete all parts; may be repeated."""
