"""What a service says of its own books, for the conservation report and the invariants' gauge."""

from collections.abc import Callable, Sequence
from typing import Any

from pymongo.database import Database

from shared.messaging.generations import FIRST
from shared.messaging.mongo_client import storage_errors
from shared.messaging.outbox_bound import PENDING


def reconcile(database: Database[dict[str, Any]], *, collections: Sequence[str]) -> dict[str, Any]:
    """Return accepted, pending, published, applied, dead letters and quarantined entries.

    Shape: accepted, pending and quarantined are counts; `published` maps a topic to the sum of its
    last sequences; `applied` lists each cursor; `dead_letters` counts those waiting, by group.
    """
    with storage_errors():
        return {
            "accepted": sum(_accepted(database, name) for name in collections),
            "pending": sum(_pending(database, name) for name in collections),
            "published": _published(database),
            "applied": _applied(database),
            "dead_letters": _letters(database),
            "quarantined": database["quarantine"].count_documents({}),
        }


def _accepted(database: Database[dict[str, Any]], name: str) -> int:
    return _sum(database, name, [{"$group": {"_id": None, "sum": {"$sum": "$announced"}}}])


def _pending(database: Database[dict[str, Any]], name: str) -> int:
    stages: list[dict[str, Any]] = [
        {"$match": PENDING},
        {"$group": {"_id": None, "sum": {"$sum": {"$size": "$outbox"}}}},
    ]
    return _sum(database, name, stages)


def _sum(database: Database[dict[str, Any]], name: str, stages: list[dict[str, Any]]) -> int:
    return sum(int(found["sum"]) for found in database[name].aggregate(stages))


def _published(database: Database[dict[str, Any]]) -> dict[str, int]:
    """Sum the sequences that batches were named up to; a batch under way counts as published."""
    sums: dict[str, int] = {}
    for lease in database["relay"].find({}, {"first": 1, "ids": 1}):
        topic = lease["_id"].rpartition("/")[0]
        sums[topic] = sums.get(topic, 0) + lease["first"] - 1 + len(lease["ids"])
    return sums


def _applied(database: Database[dict[str, Any]]) -> list[dict[str, Any]]:
    wanted = ("group", "generation", "topic", "partition", "last_sequence", "duplicates")
    read = _generations_read(database)
    held = database["cursors"].find()
    return [{n: c[n] for n in wanted} for c in held if c["generation"] == read(c["group"])]


def _letters(database: Database[dict[str, Any]]) -> dict[str, int]:
    stages: list[dict[str, Any]] = [
        {"$match": {"replayed_at": None}},
        {"$group": {"_id": {"g": "$group", "n": "$generation"}, "count": {"$sum": 1}}},
    ]
    read = _generations_read(database)
    found = [(each["_id"], each["count"]) for each in database["dead_letters"].aggregate(stages)]
    return {str(of["g"]): int(count) for of, count in found if of["n"] == read(of["g"])}


def _generations_read(database: Database[dict[str, Any]]) -> Callable[[str], int]:
    """Return what tells a group's active generation: what others hold is not in the books."""
    active = {held["_id"]: int(held["active"]) for held in database["generations"].find()}
    return lambda group: active.get(group, FIRST)
