"""Intents in MongoDB, claimed by one atomic update; what ended is kept for 90 days."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from pymongo import ReturnDocument
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from services.collection.domain.intents import Intent, Progress
from services.collection.domain.notices import SubjectKind
from shared.kernel.errors import Conflict, NotFound
from shared.messaging.mongo_client import storage_errors
from shared.messaging.mongo_inserts import ids_taken
from shared.observability import metrics

KEPT_FOR = timedelta(days=90)
WAITING, PARKED = Progress.WAITING.value, Progress.PARKED.value
Documents = dict[str, Any]


class MongoIntents:
    """`Intents` over one collection, and the lists of those who look after it."""

    def __init__(self, collection: Collection[Documents]) -> None:
        """`collection` writes with majority and journal."""
        self._intents = collection

    def prepare(self) -> None:
        """Create the indexes of claiming, listing and forgetting."""
        with storage_errors():
            self._intents.create_index(
                "try_at", name="waiting", partialFilterExpression={"progress": WAITING}
            )
            self._intents.create_index([("progress", 1), ("_id", 1)])
            self._intents.create_index([("notice.subject.id", 1), ("_id", 1)])
            self._intents.create_index([("notice.subject.drive_id", 1), ("_id", 1)])
            self._intents.create_index("ended_at", expireAfterSeconds=int(KEPT_FOR.total_seconds()))

    def add(self, intents: Sequence[Intent]) -> None:
        """Insert those that are not there yet."""
        documents = [_document(each) for each in intents]
        with storage_errors():
            try:
                self._intents.insert_many(documents, ordered=False)
            except BulkWriteError as error:
                ids_taken(error)

    def claim(self, *, now: datetime, real_now: datetime, until: datetime) -> Intent | None:
        """Take the next one that is due, and count the attempt."""
        due = {"progress": WAITING, "try_at": {"$lte": real_now}, "due_at": {"$lte": now}}
        with storage_errors():
            found = self._intents.find_one_and_update(
                due,
                {"$set": {"try_at": until}, "$inc": {"attempts": 1}},
                sort=[("try_at", 1)],
                return_document=ReturnDocument.AFTER,
            )
        return None if found is None else _intent(found)

    def end(self, intent: Intent) -> None:
        """Store how a claimed one ended."""
        ended = {
            "progress": intent.progress.value,
            "why": intent.why,
            "channel": intent.channel,
            "ended_at": intent.ended_at,
        }
        if self._claimed(intent, ended):
            metrics.NOTICES_ENDED.labels(intent.progress.value).inc()

    def again(self, intent: Intent, *, at: datetime, why: str, counts: bool) -> None:
        """Give a claimed one back."""
        attempts = intent.attempts if counts else intent.attempts - 1
        self._claimed(intent, {"try_at": at, "why": why, "attempts": attempts})
        if counts:
            metrics.NOTICES_FAILED.inc()

    def get(self, intent_id: str) -> Intent:
        """Return one, or raise `NotFound` (notice.not_found)."""
        with storage_errors():
            found = self._intents.find_one({"_id": intent_id})
        if found is None:
            raise NotFound("notice.not_found", "there is no such notice")
        return _intent(found)

    def page(self, where: Mapping[str, Any], *, after_id: str, limit: int) -> list[Intent]:
        """Return those behind an id, by id."""
        with storage_errors():
            wanted = {**where, "_id": {"$gt": after_id}}
            found = self._intents.find(wanted, sort=[("_id", 1)], limit=limit)
            return [_intent(each) for each in found]

    def resume(self, intent_id: str, *, real_now: datetime) -> Intent:
        """Let a parked one be tried anew; one that waits stays as it is.

        Raises `NotFound` (notice.not_found) and `Conflict` (notice.ended).
        """
        anew = {"progress": WAITING, "try_at": real_now, "attempts": 0, "ended_at": None}
        with storage_errors():
            self._intents.update_one({"_id": intent_id, "progress": PARKED}, {"$set": anew})
        intent = self.get(intent_id)
        if intent.progress is not Progress.WAITING:
            raise Conflict("notice.ended", "this notice was sent, or there is nothing to send")
        return intent

    def counts(self) -> dict[str, int]:
        """Count by progress what waits and what is parked: both are few."""
        with storage_errors():
            return {
                each: self._intents.count_documents({"progress": each})
                for each in (WAITING, PARKED)
            }

    def _claimed(self, intent: Intent, changes: Documents) -> bool:
        """Change what this claim still has."""
        mine = {"_id": intent.intent_id, "progress": WAITING, "attempts": intent.attempts}
        with storage_errors():
            return self._intents.update_one(mine, {"$set": changes}).modified_count == 1


def _document(intent: Intent) -> Documents:
    document = msgspec.to_builtins(intent, builtin_types=(datetime,))
    document["_id"] = document.pop("intent_id")
    return dict(document)


def _notice(held: Mapping[str, Any]) -> Mapping[str, Any]:
    """Upcast what was kept when notices were about pickups only."""
    if "subject" in held:
        return held
    return {**held, "subject": {"kind": SubjectKind.PICKUP.value, "id": held["pickup_id"]}}


def _intent(document: Mapping[str, Any]) -> Intent:
    held = {**document, "intent_id": document["_id"], "notice": _notice(document["notice"])}
    return msgspec.convert(held, Intent, builtin_types=(datetime,))
