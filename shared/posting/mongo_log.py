"""The posting log in MongoDB: a document a batch, and the head."""

from typing import Any

from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from shared.messaging.mongo_client import storage_errors
from shared.posting.batch import Batch, Range, RowName

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
            "sums": [[*name, list(cells.items())] for name, cells in batch.sums.items()],
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


def _batch(held: Documents) -> Batch:
    return Batch(
        n=held["_id"],
        ranges=tuple(Range(*each) for each in held["ranges"]),
        sums={RowName(*name): dict(cells) for *name, cells in held["sums"]},
    )
