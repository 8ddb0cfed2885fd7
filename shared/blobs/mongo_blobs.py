"""Files in MongoDB: a document a part, far below 16 MiB, and a time at which all of them go.

Not GridFS, for the reason of ADR 0015: what a crash leaves of a file there belongs to nobody. Here
each part carries its own end, and MongoDB's TTL deletes it.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from bson import Binary
from pymongo import ASCENDING
from pymongo.collection import Collection

from shared.blobs.parts import PART_BYTES, Measured
from shared.kernel.blobs import Blob
from shared.kernel.errors import NotFound
from shared.messaging.mongo_client import storage_errors


class MongoBlobs:
    """`Blobs` over one collection."""

    def __init__(self, parts: Collection[dict[str, Any]], *, part_bytes: int = PART_BYTES) -> None:
        """`parts` writes with majority and journal."""
        self._parts = parts
        self._part_bytes = part_bytes

    def prepare(self) -> None:
        """Create the indexes of reading and of the end."""
        with storage_errors():
            self._parts.create_index([("blob_id", ASCENDING), ("n", ASCENDING)], unique=True)
            self._parts.create_index("gone_at", expireAfterSeconds=0)

    def put(self, blob_id: str, chunks: Iterable[bytes], *, gone_at: datetime) -> Blob:
        """Insert a document a part."""
        stream = Measured(chunks, part_bytes=self._part_bytes)
        for part in stream:
            document = {
                "_id": f"{blob_id}/{stream.parts}",
                "blob_id": blob_id,
                "n": stream.parts,
                "gone_at": gone_at,
                "part": Binary(part),
            }
            with storage_errors():
                self._parts.insert_one(document)
        return Blob(blob_id, stream.parts, stream.size_bytes, stream.sha256)

    def read(self, blob: Blob) -> Iterator[bytes]:
        """Count the parts, then return them."""
        mine = {"blob_id": blob.blob_id}
        with storage_errors():
            if self._parts.count_documents(mine) != blob.parts:
                raise NotFound("blob.not_found", "there is no such file any more")
        return self._given(mine)

    def delete(self, blob_id: str) -> None:
        """Delete all parts."""
        with storage_errors():
            self._parts.delete_many({"blob_id": blob_id})

    def _given(self, mine: dict[str, Any]) -> Iterator[bytes]:
        with storage_errors():
            for document in self._parts.find(mine, {"part": 1}, sort=[("n", 1)], batch_size=2):
                yield bytes(document["part"])
