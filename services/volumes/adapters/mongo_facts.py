"""What volumes says of its own books: grams by material, and how far the log is applied."""

from typing import Any

from pymongo.database import Database

from services.volumes.adapters.collections import Names
from services.volumes.adapters.lanes import source_of
from shared.messaging.mongo_client import storage_errors

Documents = dict[str, Any]
GROUP = "volumes"


def by_material(db: Database[Documents], names: Names) -> dict[str, int]:
    """Sum all rows' grams by material."""
    stages: list[Documents] = [
        {"$project": {"cell": {"$objectToArray": "$cells"}}},
        {"$unwind": "$cell"},
        {
            "$group": {
                "_id": {"$arrayElemAt": [{"$split": ["$cell.k", "|"]}, 0]},
                "mass_g": {"$sum": "$cell.v.g"},
            }
        },
    ]
    with storage_errors():
        return {each["_id"]: int(each["mass_g"]) for each in db[names.rows].aggregate(stages)}


def applied(db: Database[Documents], names: Names, *, generation: int) -> list[Documents]:
    """Return how far each partition is folded into rows, as cursors of other groups are shown."""
    stages: list[Documents] = [
        {"$sort": {"_id": 1}},
        {
            "$group": {
                "_id": "$partition",
                "last": {"$last": "$last_sequence"},
                "duplicates": {"$last": "$duplicates_total"},
                "n": {"$last": "$n"},
            }
        },
    ]
    with storage_errors():
        marks = {held["_id"]: held for held in db[names.marks].find()}
        logged = list(db[names.deltas].aggregate(stages))
    return [
        {
            "group": GROUP,
            "generation": generation,
            "topic": source.topic.name,
            "partition": partition,
            "last_sequence": each["last"] if _is_folded(marks, each) else -1,
            "duplicates": each["duplicates"],
        }
        for each in logged
        for source, partition in [source_of(each["_id"])]
    ]


def _is_folded(marks: dict[int, Documents], logged: Documents) -> bool:
    """Say whether the newest delta is in the rows; until then its sequence is not claimed."""
    return bool(marks.get(logged["_id"], {}).get("n") == logged["n"])
