"""The posting log in MongoDB: a document a batch, and the head."""

from typing import Any

import msgspec
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from shared.messaging.mongo_client import storage_errors
from shared.posting.batch import Batch, Range, RowName, Sums

HEAD = 0
Documents = dict[str, Any]


class MongoPostingLog:
    """`PostingLog` over one collection; `_id` is the batch's number, 0 the head."""

    def __init__(self, collection: Collection[Documents]) -> None:
        """`collection` writes with majority and journal, and reads from the primary."""
        self._log = collection

    def head(self) -> int:
        """Return the number of the newest finished batch."""
        with storage_errors():
            held = self._log.find_one({"_id": HEAD})
        return int(held["n"]) if held else 0

    def batch(self, n: int) -> Batch | None:
        """Return a batch that was decided."""
        with storage_errors():
            held = self._log.find_one({"_id": n})
        return _batch(held) if held else None

    def decide(self, batch: Batch) -> bool:
        """Insert; where the head has come to this number meanwhile, the insert is void."""
        document = {
            "_id": batch.n,
            "ranges": [[r.collection, r.document_id, r.first, r.last] for r in batch.ranges],
            "sums": _packed(batch.sums),
        }
        try:
            with storage_errors():
                self._log.insert_one(document)
        except DuplicateKeyError:
            return False
        if self.head() >= batch.n:
            with storage_errors():
                self._log.delete_one({"_id": batch.n})
            return False
        return True

    def finish(self, n: int) -> None:
        """Move the head; the finished batch stays until the next one is finished."""
        with storage_errors():
            if n == 1:
                self._log.update_one({"_id": HEAD}, {"$setOnInsert": {"n": 0}}, upsert=True)
            self._log.update_one({"_id": HEAD, "n": n - 1}, {"$set": {"n": n}})
            self._log.delete_many({"_id": {"$gt": HEAD, "$lt": n}})


def _packed(sums: Sums) -> bytes:
    """Return the sums as MessagePack: thousands of them, which MongoDB need not look into."""
    return msgspec.msgpack.encode([(*name, cells) for name, cells in sums.items()])


def _batch(held: Documents) -> Batch:
    return Batch(
        n=held["_id"],
        ranges=tuple(Range(*each) for each in held["ranges"]),
        sums={RowName(*name): dict(cells) for *name, cells in _unpacked(held["sums"])},
    )


def _unpacked(sums: bytes | list[Any]) -> list[Any]:
    """Return the sums of a batch; one of before 0.2 that was left undone has them as a list."""
    return sums if isinstance(sums, list) else msgspec.msgpack.decode(sums, type=list[Any])
