"""Dead letters in MongoDB: kept raw, seen, replayable inside their group only."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.collection import Collection

from shared.contracts.codec import RawRecord
from shared.messaging.marks import mark_name
from shared.messaging.mongo_client import storage_errors
from shared.messaging.ports_in import Letter, TooManyLetters

CEILING = 1_000
REPLAYS_A_ROUND = 50
MESSAGE_MAX = 500


def letter_id(group: str, generation: int, record: RawRecord) -> str:
    """Return the `_id` of a record's letter: one a reader and record, however often it is met."""
    by = mark_name(group, generation, record.topic, partition=record.partition)
    return f"{by}|{record.offset}"


class MongoDeadLetters:
    """`DeadLetters` of one group and generation, in `dead_letters` of its service's database."""

    def __init__(
        self,
        collection: Collection[dict[str, Any]],
        *,
        group: str,
        generation: int = 1,
        ceiling: int = CEILING,
    ) -> None:
        """Over `ceiling` waiting letters the group stops."""
        self._collection = collection
        self._group = group
        self._generation = generation
        self._ceiling = ceiling

    def bury(
        self, record: RawRecord, *, code: str, message: str, entity_ids: Sequence[str] = ()
    ) -> None:
        """Keep a record once; a letter that gets another entity waits again."""
        letter = {**_raw(record), **self._mine, "code": code, "message": message[:MESSAGE_MAX]}
        update: dict[str, Any] = {
            "$setOnInsert": {**letter, "at": datetime.now(UTC)},
            "$set": {"replayed_at": None},
            "$addToSet": {"entity_ids": {"$each": list(entity_ids)}},
        }
        with storage_errors():
            self._collection.update_one({"_id": self._id(record)}, update, upsert=True)
        if self.waiting() > self._ceiling:
            raise TooManyLetters(self._group)

    def buried(
        self, topic: str, partition: int, *, from_offset: int
    ) -> Mapping[int, frozenset[str]]:
        """Read the letters from an offset on: when a partition is taken over, not in between."""
        behind = {"topic": topic, "partition": partition, "offset": {"$gte": from_offset}}
        with storage_errors():
            found = self._collection.find({**self._mine, **behind}, {"offset": 1, "entity_ids": 1})
            return {held["offset"]: frozenset(held["entity_ids"]) for held in found}

    def crashed(self, record: RawRecord) -> int:
        """Count a crash, beside the letters."""
        with storage_errors():
            held = self._collection.database["crashes"].find_one_and_update(
                {"_id": self._id(record)},
                {"$inc": {"count": 1}, "$set": {"at": datetime.now(UTC)}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        return int((held or {})["count"])

    def wanted_back(self) -> list[Letter]:
        """Return letters marked by `greenloop dlq replay`."""
        with storage_errors():
            found = self._collection.find(
                {**self._mine, "replay_wanted": True}, limit=REPLAYS_A_ROUND
            )
            return [letter_of(document) for document in found]

    def replayed(self, letter: Letter, *, error: str | None) -> None:
        """Note the outcome."""
        done = {"replayed_at": datetime.now(UTC)} if error is None else {"replay_error": error}
        with storage_errors():
            self._collection.update_one(
                {"_id": letter.id}, {"$set": done, "$unset": {"replay_wanted": True}}
            )

    def waiting(self) -> int:
        """Count letters that were not replayed."""
        with storage_errors():
            return self._collection.count_documents(
                {**self._mine, "replayed_at": None}, limit=self._ceiling + 1
            )

    @property
    def _mine(self) -> dict[str, Any]:
        return {"group": self._group, "generation": self._generation}

    def _id(self, record: RawRecord) -> str:
        return letter_id(self._group, self._generation, record)


def letter_of(document: Mapping[str, Any]) -> Letter:
    """Return the letter that a document holds."""
    record = RawRecord(
        topic=document["topic"],
        partition=document["partition"],
        offset=document["offset"],
        key=_bytes(document["key"]),
        value=_bytes(document["value"]),
        headers=[(held["name"], bytes(held["value"])) for held in document["headers"]],
        timestamp_ms=document["timestamp_ms"],
    )
    entity_ids = tuple(document["entity_ids"])
    return Letter(document["_id"], record, document["code"], document["message"], entity_ids)


def _raw(record: RawRecord) -> dict[str, Any]:
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "key": record.key,
        "value": record.value,
        "headers": [{"name": name, "value": value} for name, value in record.headers],
        "timestamp_ms": record.timestamp_ms,
    }


def _bytes(held: Any) -> bytes | None:  # noqa: ANN401 - what BSON gave back
    return None if held is None else bytes(held)
