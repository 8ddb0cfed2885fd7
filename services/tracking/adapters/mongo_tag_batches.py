"""Tag batches: a unique index gives each block of serials to one batch."""

from pymongo import DESCENDING

from services.tracking.domain.tag_batch import Scheme, TagBatch
from services.tracking.domain.tags import BLOCK
from shared.kernel.aggregate import Decision, Request, Stored
from shared.kernel.errors import Conflict, NotFound
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors


class MongoTagBatches:
    """`TagBatches` over the batches' collection."""

    def __init__(self, batches: MongoAggregates[TagBatch]) -> None:
        """Writes and reads what `batches` holds."""
        self._batches = batches

    def prepare(self) -> None:
        """Create the index that keeps blocks apart."""
        with storage_errors():
            self._batches.collection.create_index("state.block", unique=True)

    def get(self, batch_id: str) -> Stored[TagBatch]:
        """Return a batch."""
        return self._batches.get(batch_id)

    def next_block(self) -> int:
        """Return the block behind the last one."""
        with storage_errors():
            last = self._batches.collection.find_one(
                {}, {"state.block": 1}, sort=[("state.block", DESCENDING)]
            )
        return int(last["state"]["block"]) + 1 if last is not None else 0

    def create(
        self, batch_id: str, decision: Decision[TagBatch], *, request: Request[TagBatch]
    ) -> Stored[TagBatch]:
        """Insert; where it is not this id that was taken, it was the block."""
        try:
            return self._batches.create(batch_id, decision, request=request)
        except NotFound:
            raise Conflict("tracking.tag_block_taken", "another batch has these serials") from None

    def is_issued(self, serial: int) -> bool:
        """Say whether an own tag of this serial was issued."""
        block, place = divmod(serial, BLOCK)
        wanted = {
            "state.block": block,
            "state.scheme": Scheme.OWN.value,
            "state.count": {"$gt": place},
        }
        with storage_errors():
            return self._batches.collection.find_one(wanted, {"_id": 1}) is not None
