"""Entries that can never be sent: kept with their key for a person, out of the others' way."""

from typing import Any

from pymongo.collection import Collection

from shared.contracts.catalogue import TOPIC_BY_NAME
from shared.messaging.mongo_client import storage_errors
from shared.messaging.ports_out import Entry

# The producer's limit is 1 MiB a request; headers and framing need room too.
SENDABLE_BYTES_MAX = 1_000_000


def reason_not_to_send(entry: Entry) -> str | None:
    """Return the code of what makes `entry` impossible to send, or None."""
    topic = TOPIC_BY_NAME.get(entry.topic)
    if topic is None:
        return "relay.unknown_topic"
    if not 0 <= entry.partition < topic.partitions:
        return "relay.unknown_partition"
    headers = sum(len(name) + len(value) for name, value in entry.headers.items())
    if len(entry.value) + len(entry.key) + headers > SENDABLE_BYTES_MAX:
        return "relay.too_large"
    return None


class MongoQuarantine:
    """`Quarantine` in the collection `quarantine` of one service's database."""

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        """Documents stay until a person removes them."""
        self._collection = collection

    def keep(self, entry: Entry, reason: str) -> None:
        """Keep one entry; may be repeated."""
        document = {
            "code": reason,
            "document_id": entry.document_id,
            "topic": entry.topic,
            "partition": entry.partition,
            "key": entry.key,
            "headers": entry.headers,
            "value": entry.value,
            "at": entry.at,
        }
        with storage_errors():
            self._collection.update_one({"_id": entry.id}, {"$setOnInsert": document}, upsert=True)

    def count(self) -> int:
        """Return how many entries are kept."""
        with storage_errors():
            return self._collection.count_documents({})
