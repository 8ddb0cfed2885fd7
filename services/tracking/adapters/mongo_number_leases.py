"""Leases of number blocks in MongoDB: a block's range is one atomic update of its series.

The series keeps each range until the block is inserted, so that no range is lost by a crash; the
lowest range of a lease is its block, and what a race took besides is returned at once.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.collection import Collection as MongoCollection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from services.tracking.adapters.number_documents import block_document, block_of, took_range
from services.tracking.domain.numbers import SERIAL_MAX, Block, Lease, exhausted
from shared.kernel.errors import Invalid, Unavailable
from shared.messaging.crash_points import reached
from shared.messaging.mongo_client import storage_errors

Document = dict[str, Any]
TRIES = 64
SPARE = "spare"


class MongoNumberLeases:
    """Series and the blocks that they lease."""

    def __init__(self, database: Database[Document]) -> None:
        """`database` writes with majority and journal."""
        self._series: MongoCollection[Document] = database["number_series"]
        self._blocks: MongoCollection[Document] = database["number_blocks"]

    def prepare(self) -> None:
        """Create the indexes; may be repeated."""
        with storage_errors():
            self._blocks.create_index("lease_id")
            self._blocks.create_index("entries.hold_id")
            self._blocks.create_index("sweep_at")
            self._blocks.create_index([("consignor_id", 1), ("series", 1), ("left", 1)])
            self._blocks.create_index([("series", 1), ("first", 1)])

    def lease(self, lease: Lease, *, at: datetime) -> Block:
        """Lease a block; a repeat returns the first."""
        for _ in range(TRIES):
            held = self.of_lease(lease.lease_id)
            if held is not None:
                return _expect_same(held, lease)
            reached("numbers.lease.before")
            series = self._took_range(lease, at)
            reached("numbers.lease.after")
            for each in (each for each in series["open"] if each["lease_id"] == lease.lease_id):
                self._settle(series["_id"], each)
        raise Unavailable("storage.contended", "this series changes too often; try again")

    def of_lease(self, lease_id: str) -> Block | None:
        """Return the block of a lease, None where it has none yet."""
        with storage_errors():
            found = self._blocks.find_one({"lease_id": lease_id}, sort=[("_id", 1)])
        return None if found is None else block_of(found)

    def settle_open(self) -> int:
        """Insert the blocks of ranges that a crash left; return how many there were."""
        with storage_errors():
            found = list(self._series.find({"open.0": {"$exists": True}}))
        ranges = [(series["_id"], each) for series in found for each in series["open"]]
        for series_id, each in ranges:
            self._settle(series_id, each)
        return len(ranges)

    def _took_range(self, lease: Lease, at: datetime) -> Document:
        """Take a range for the lease; return the series with the ranges that are still open."""
        series = lease.owner.series
        fresh = {"next": 1, "open": []}
        room = {"_id": series.id, "next": {"$lte": SERIAL_MAX}}
        with storage_errors():
            self._series.update_one({"_id": series.id}, {"$setOnInsert": fresh}, upsert=True)
            taken = self._series.find_one_and_update(
                {**room, "open.lease_id": {"$ne": lease.lease_id}},
                took_range(lease, at),
                return_document=ReturnDocument.AFTER,
            )
            if taken is None:
                taken = self._series.find_one({"_id": series.id}) or {**fresh, "_id": series.id}
        is_open = any(each["lease_id"] == lease.lease_id for each in taken["open"])
        if taken["next"] > SERIAL_MAX and not is_open and self.of_lease(lease.lease_id) is None:
            raise exhausted()
        return taken

    def _settle(self, series_id: str, taken: Mapping[str, Any]) -> None:
        """Insert a range's block, then strike it from the series; may be repeated."""
        document = block_document(series_id, taken)
        with storage_errors():
            lower = {"lease_id": taken["lease_id"], "_id": {"$lt": document["_id"]}}
            if self._blocks.find_one(lower, {"_id": 1}) is not None:
                document |= {"closed": SPARE, "left": 0}
            with suppress(DuplicateKeyError):  # somebody else settled it
                self._blocks.insert_one(document)
            reached("numbers.settle.after")
            self._series.update_one(
                {"_id": series_id}, {"$pull": {"open": {"first": taken["first"]}}}
            )


def _expect_same(held: Block, lease: Lease) -> Block:
    if held.lease.asked != lease.asked:
        raise Invalid("idempotency.body_differs", "this key was used for another body")
    return held
