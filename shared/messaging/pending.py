"""Reading and clearing pending events in the documents of a service's collections."""

from collections.abc import Iterable, Sequence
from typing import Any

from pymongo.collection import Collection

from shared.messaging.mongo_client import storage_errors
from shared.messaging.outbox_bound import PENDING
from shared.messaging.ports_out import Entry

DOCUMENTS_A_READ = 2_000


class MongoPendingEvents:
    """`PendingEvents` in the outboxes of several collections."""

    def __init__(self, collections: Sequence[Collection[dict[str, Any]]]) -> None:
        """All have the index `pending` (MongoAggregates.prepare)."""
        self._collections = tuple(collections)

    def oldest(self) -> list[Entry]:
        """Return the pending events of the oldest 2,000 documents a collection, in order."""
        found: list[Entry] = []
        for collection in self._collections:
            with storage_errors():
                documents = collection.find(
                    PENDING,
                    {"outbox": 1},
                    sort=[("outbox.id", 1)],
                    hint="pending",
                    limit=DOCUMENTS_A_READ,
                    batch_size=DOCUMENTS_A_READ,
                )
                found.extend(entry for document in documents for entry in entries_of(document))
        return sorted(found, key=lambda entry: entry.order)

    def among(self, ids: Iterable[str]) -> list[Entry]:
        """Return those of `ids` that are still pending."""
        wanted = set(ids)
        found: list[Entry] = []
        for collection in self._collections:
            with storage_errors():
                documents = collection.find(
                    {**PENDING, "outbox.id": {"$in": list(wanted)}}, {"outbox": 1}, hint="pending"
                )
                found.extend(entry for document in documents for entry in entries_of(document))
        return [entry for entry in found if entry.id in wanted]

    def clear(self, entries: Sequence[Entry]) -> None:
        """Take acknowledged entries out of their documents; may be repeated."""
        ids = [entry.id for entry in entries]
        documents = list({entry.document_id for entry in entries})
        for collection in self._collections:
            with storage_errors():
                collection.update_many(
                    {"_id": {"$in": documents}}, {"$pull": {"outbox": {"id": {"$in": ids}}}}
                )


def entries_of(document: dict[str, Any]) -> Iterable[Entry]:
    """Yield the pending events of a document, in order."""
    newest = ""
    for place, held in enumerate(document["outbox"]):
        newest = max(newest, held["id"])
        yield Entry(
            order=(newest, place),
            document_id=document["_id"],
            id=held["id"],
            topic=held["topic"],
            partition=held["partition"],
            key=held["key"],
            headers=held["headers"],
            value=bytes(held["value"]),
            at=held["at"],
        )
