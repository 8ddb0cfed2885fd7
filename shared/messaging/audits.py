"""The audit of what staff did for others: append-only, each act once, no personal data.

An act is recorded in the update that it made (documents.py), and copied from there under its own
id. A crash in between copies it again, onto itself.
"""

from collections.abc import Sequence
from typing import Any

from pymongo import ASCENDING, DESCENDING, UpdateOne
from pymongo.collection import Collection

from shared.messaging.crash_points import reached
from shared.messaging.mongo_client import storage_errors

Documents = dict[str, Any]
COLLECTED_A_ROUND = 500
RECORDED = {"audits.0": {"$exists": True}}


class MongoAudits:
    """The collection `audits`, and the collections whose documents record acts."""

    def __init__(
        self, collection: Collection[Documents], sources: Sequence[Collection[Documents]]
    ) -> None:
        """All write with majority and journal."""
        self._audits = collection
        self._sources = tuple(sources)

    def prepare(self) -> None:
        """Create the indexes of the list, and of what is to be copied."""
        with storage_errors():
            for keys in ((), ("object_id",), ("actor",)):
                asked = [(key, ASCENDING) for key in keys]
                self._audits.create_index([*asked, ("at", DESCENDING), ("_id", DESCENDING)])
            for source in self._sources:
                source.create_index("audits.id", name="audits", partialFilterExpression=RECORDED)

    def collect(self) -> int:
        """Copy what is recorded, then take it out of the documents; return how many there were."""
        return sum(self._collect(source) for source in self._sources)

    def page(self, where: Documents, *, behind: Documents | None, limit: int) -> list[Documents]:
        """Return records, the newest first, behind one with these `at` and `_id`."""
        wanted = where if behind is None else {"$and": [where, older_than(behind)]}
        order = [("at", DESCENDING), ("_id", DESCENDING)]
        with storage_errors():
            return list(self._audits.find(wanted, sort=order, limit=limit))

    def _collect(self, source: Collection[Documents]) -> int:
        with storage_errors():
            found = list(source.find(RECORDED, {"audits": 1}, limit=COLLECTED_A_ROUND))
            entries = [entry for held in found for entry in held["audits"]]
            if not entries:
                return 0
            self._audits.bulk_write([_copy(entry) for entry in entries], ordered=False)
            reached("audit.copied.before_taken")
            source.bulk_write([_take(held) for held in found], ordered=False)
        return len(entries)


def older_than(record: Documents) -> Documents:
    """Return the filter of what comes behind a record in the list."""
    at = record["at"]
    return {"$or": [{"at": {"$lt": at}}, {"at": at, "_id": {"$lt": record["_id"]}}]}


def _copy(entry: Documents) -> UpdateOne:
    fields = {name: value for name, value in entry.items() if name != "id"}
    return UpdateOne({"_id": entry["id"]}, {"$setOnInsert": fields}, upsert=True)


def _take(held: Documents) -> UpdateOne:
    ids = [entry["id"] for entry in held["audits"]]
    return UpdateOne({"_id": held["_id"]}, {"$pull": {"audits": {"id": {"$in": ids}}}})
