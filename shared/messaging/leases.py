"""The relay's leases: one document per (topic, partition) that holds lease and batch together.

Because they are one document, an owner that was paused past its lease cannot name a batch: the
epoch in its filter is no longer the present one. Expiry is by the server's time alone.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from pymongo import UpdateOne
from pymongo.collection import Collection

from shared.contracts.topic import Topic
from shared.messaging.mongo_client import storage_errors
from shared.messaging.ports_out import Lease

LEASE_MS = 5_000


class MongoLeases:
    """`Leases` in the collection `relay` of one service's database."""

    def __init__(
        self,
        collection: Collection[dict[str, Any]],
        topics: Iterable[Topic],
        *,
        owner: str,
        lease_ms: int = LEASE_MS,
    ) -> None:
        """`owner` is unique per process start: no epoch outlives its process."""
        self._collection = collection
        self._owner = owner
        self._lease_ms = lease_ms
        self._ids = lease_ids(topics)

    def prepare(self) -> None:
        """Insert the documents that are not there yet."""
        absent = {"owner": "", "epoch": 0, "first": 1, "ids": []}
        with storage_errors():
            self._collection.bulk_write(
                [
                    UpdateOne({"_id": each}, {"$setOnInsert": absent}, upsert=True)
                    for each in self._ids
                ],
                ordered=False,
            )

    def claim(self) -> list[Lease]:
        """Renew own leases, take expired ones over, and return all that are owned now."""
        free = {
            "$or": [
                {"owner": self._owner},
                {"owner": ""},
                {"$expr": {"$lt": ["$expires_at", "$$NOW"]}},
            ]
        }
        mine = {"$eq": ["$owner", self._owner]}
        taken = {
            "epoch": {"$cond": [mine, "$epoch", {"$add": ["$epoch", 1]}]},
            "owner": self._owner,
            "expires_at": {"$add": ["$$NOW", self._lease_ms]},
        }
        with storage_errors():
            self._collection.bulk_write(
                [UpdateOne({"_id": each, **free}, [{"$set": taken}]) for each in self._ids],
                ordered=False,
            )
        return self.owned()

    def owned(self) -> list[Lease]:
        """Return the leases that are this owner's, as they are now."""
        with storage_errors():
            found = self._collection.find({"_id": {"$in": self._ids}, "owner": self._owner})
            return [_lease(document) for document in found]

    def release(self) -> None:
        """Give all leases up, so that the next owner need not wait for their expiry."""
        with storage_errors():
            self._collection.update_many({"owner": self._owner}, {"$set": {"owner": ""}})

    def name(self, batches: Sequence[Lease]) -> None:
        """Write the ids of each batch where the lease is still owned and its batch empty."""
        self._write(
            [
                UpdateOne(
                    {"_id": batch.id, "epoch": batch.epoch, "ids": []},
                    {"$set": {"ids": list(batch.ids)}},
                )
                for batch in batches
            ]
        )

    def empty(self, batches: Sequence[Lease]) -> None:
        """Empty each batch and move `first` behind it, where the lease is still owned."""
        self._write(
            [
                UpdateOne(
                    {"_id": batch.id, "epoch": batch.epoch, "ids": list(batch.ids)},
                    {"$set": {"ids": [], "first": batch.first + len(batch.ids)}},
                )
                for batch in batches
            ]
        )

    def _write(self, updates: list[UpdateOne]) -> None:
        if updates:
            with storage_errors():
                self._collection.bulk_write(updates, ordered=False)


def lease_ids(topics: Iterable[Topic]) -> list[str]:
    """Return the name of each partition's lease."""
    return [f"{topic.name}/{p}" for topic in topics for p in range(topic.partitions)]


def _lease(document: dict[str, Any]) -> Lease:
    topic, _, partition = document["_id"].rpartition("/")
    return Lease(
        id=document["_id"],
        topic=topic,
        partition=int(partition),
        epoch=document["epoch"],
        first=document["first"],
        ids=tuple(document["ids"]),
    )
