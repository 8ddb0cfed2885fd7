"""Cursors in MongoDB: the collection `cursors` of a service's database."""

from collections.abc import Sequence
from typing import Any

from pymongo import ReturnDocument, UpdateOne
from pymongo.collection import Collection

from shared.messaging.marks import mark_name
from shared.messaging.mongo_client import storage_errors
from shared.messaging.ports_in import Cursor, OwnershipLost


class MongoCursors:
    """`Cursors` of one group and generation."""

    def __init__(
        self, collection: Collection[dict[str, Any]], *, group: str, generation: int, owner: str
    ) -> None:
        """`owner` is for people only; the epoch decides."""
        self._collection = collection
        self._group = group
        self._generation = generation
        self._owner = owner

    def claim(self, topic: str, partition: int) -> Cursor:
        """Raise the epoch, so that an earlier owner's progress is refused."""
        fresh = {
            "group": self._group,
            "generation": self._generation,
            "topic": topic,
            "partition": partition,
            "next_offset": 0,
            "last_sequence": 0,
            "last_id": "",
            "duplicates": 0,
        }
        with storage_errors():
            held = self._collection.find_one_and_update(
                {"_id": self._id(topic, partition)},
                {"$inc": {"epoch": 1}, "$set": {"owner": self._owner}, "$setOnInsert": fresh},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        if held is None:
            raise AssertionError("an upsert returns the document")
        return Cursor(
            topic,
            partition,
            epoch=held["epoch"],
            next_offset=held["next_offset"],
            last_sequence=held["last_sequence"],
            last_id=held["last_id"],
            duplicates=held["duplicates"],
        )

    def confirm(self, cursor: Cursor) -> None:
        """Read the present epoch; blocks."""
        owned = {"_id": self._id(cursor.topic, cursor.partition), "epoch": cursor.epoch}
        with storage_errors():
            if self._collection.find_one(owned, {"_id": 1}) is None:
                raise OwnershipLost(self._group)

    def move(self, cursors: Sequence[Cursor]) -> None:
        """Write all in one bulk, each filtered on its epoch."""
        if not cursors:
            return
        with storage_errors():
            result = self._collection.bulk_write(
                [self._update(cursor) for cursor in cursors], ordered=False
            )
        if result.matched_count != len(cursors):
            raise OwnershipLost(self._group)

    def _update(self, cursor: Cursor) -> UpdateOne:
        return UpdateOne(
            {"_id": self._id(cursor.topic, cursor.partition), "epoch": cursor.epoch},
            {
                "$set": {
                    "next_offset": cursor.next_offset,
                    "last_sequence": cursor.last_sequence,
                    "last_id": cursor.last_id,
                    "duplicates": cursor.duplicates,
                }
            },
        )

    def _id(self, topic: str, partition: int) -> str:
        return mark_name(self._group, self._generation, topic, partition=partition)
