"""Dead letters in MongoDB: kept raw, seen, replayable inside their group only."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.collection import Collection

from shared.contracts.codec import RawRecord
from shared.messaging.mongo_client import storage_errors
from shared.messaging.ports_in import Letter, TooManyLetters

CEILING = 1_000
REPLAYS_A_ROUND = 50
MESSAGE_MAX = 500


def letter_id(group: str, record: RawRecord) -> str:
    """Return the `_id` of a record's letter: one a group and record, however often it is met."""
    return f"{group}|{record.topic}|{record.partition}|{record.offset}"


class MongoDeadLetters:
    """`DeadLetters` of one group, in the collection `dead_letters` of its service's database."""

    def __init__(
        self, collection: Collection[dict[str, Any]], *, group: str, ceiling: int = CEILING
    ) -> None:
        """Over `ceiling` waiting letters the group stops."""
        self._collection = collection
        self._group = group
        self._ceiling = ceiling

    def bury(self, record: RawRecord, *, code: str, message: str) -> None:
        """Keep a record once."""
        letter = {**_raw(record), "group": self._group, "code": code}
        letter |= {"message": message[:MESSAGE_MAX], "at": datetime.now(UTC), "replayed_at": None}
        with storage_errors():
            self._collection.update_one(
                {"_id": letter_id(self._group, record)}, {"$setOnInsert": letter}, upsert=True
            )
        if self.waiting() > self._ceiling:
            raise TooManyLetters(self._group)

    def crashed(self, record: RawRecord) -> int:
        """Count a crash, beside the letters."""
        with storage_errors():
            held = self._collection.database["crashes"].find_one_and_update(
                {"_id": letter_id(self._group, record)},
                {"$inc": {"count": 1}, "$set": {"at": datetime.now(UTC)}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        return int((held or {})["count"])

    def wanted_back(self) -> list[Letter]:
        """Return letters marked by `greenloop dlq replay`."""
        with storage_errors():
            found = self._collection.find(
                {"group": self._group, "replay_wanted": True}, limit=REPLAYS_A_ROUND
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
                {"group": self._group, "replayed_at": None}, limit=self._ceiling + 1
            )


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
    return Letter(document["_id"], record, document["code"], document["message"])


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
