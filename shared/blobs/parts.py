"""Cutting a stream of bytes into parts of one size, and counting it on the way."""

import hashlib
from collections.abc import Iterable, Iterator

PART_BYTES = 512 * 1024


class Measured:
    """A stream in parts of one size (the last may be shorter); what it was is known at its end."""

    def __init__(self, chunks: Iterable[bytes], *, part_bytes: int = PART_BYTES) -> None:
        """Nothing is read before the first part is asked for."""
        self._chunks = chunks
        self._part_bytes = part_bytes
        self._digest = hashlib.sha256()
        self.parts = 0
        self.size_bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        """Give the parts; an empty stream has none."""
        held = bytearray()
        for chunk in self._chunks:
            held += chunk
            while len(held) >= self._part_bytes:
                yield self._counted(bytes(held[: self._part_bytes]))
                del held[: self._part_bytes]
        if held:
            yield self._counted(bytes(held))

    @property
    def sha256(self) -> str:
        """The digest of what was given so far."""
        return self._digest.hexdigest()

    def _counted(self, part: bytes) -> bytes:
        self.parts += 1
        self.size_bytes += len(part)
        self._digest.update(part)
        return part
