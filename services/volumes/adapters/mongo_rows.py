"""Folded rows and fold marks in MongoDB. A row is one (community, hour, partition).

It has the lots of all topics, each with a mark of its own: the last delta that is in the row.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, DuplicateKeyError

from services.volumes.adapters.lanes import source_of
from services.volumes.adapters.mongo_deltas import DUPLICATE_KEY
from services.volumes.application.ports import Volume
from services.volumes.domain.delta import FoldMark
from services.volumes.domain.sums import Cells, Sums
from shared.messaging.mongo_client import storage_errors

Documents = Collection[dict[str, Any]]
BATCH_ROWS = 1000


class MongoRows:
    """`Rows` and `Volumes` over two collections of one generation."""

    def __init__(self, rows: Documents, marks: Documents) -> None:
        """Both write with majority and journal, and read from the primary."""
        self._rows = rows
        self._marks = marks

    def prepare(self) -> None:
        """Create the index that reads use: a day of a community or of a whole area."""
        with storage_errors():
            self._rows.create_index([("community_code", 1), ("hour", 1)])
            self._rows.create_index([("hour", 1)])
            self._rows.create_index("unpublished", sparse=True)

    def mark(self, partition: int) -> FoldMark:
        """Return the mark, inserting the first one."""
        with storage_errors():
            held = self._marks.find_one({"_id": partition})
            if held is None:
                held = {"_id": partition, "n": 0, "next_offset": 0, "to": None}
                try:
                    self._marks.insert_one(dict(held))
                except DuplicateKeyError:
                    held = self._marks.find_one({"_id": partition}) or held
        return FoldMark(partition, held["n"], held["next_offset"], held["to"])

    def begin(self, mark: FoldMark, to: int) -> bool:
        """Record the range, also when the fold is done again."""
        expected = {"_id": mark.partition, "n": mark.n, "to": mark.to}
        with storage_errors():
            return self._marks.update_one(expected, {"$set": {"to": to}}).matched_count == 1

    def add(self, partition: int, to: int, sums: Sums) -> None:
        """Upsert each row that lacks delta `to`; a duplicate key is a row that has it already."""
        items = list(sums.items())
        for begin in range(0, len(items), BATCH_ROWS):
            updates = [
                _update(community, hour_s, lane=partition, to=to, cells=cells)
                for (community, hour_s), cells in items[begin : begin + BATCH_ROWS]
            ]
            with storage_errors():
                try:
                    self._rows.bulk_write(updates, ordered=False)
                except BulkWriteError as error:
                    _only_repeats(error)

    def end(self, mark: FoldMark, next_offset: int) -> bool:
        """Move the mark over its range."""
        expected = {"_id": mark.partition, "n": mark.n, "to": mark.to}
        moved = {"n": mark.to, "next_offset": next_offset, "to": None}
        with storage_errors():
            return self._marks.update_one(expected, {"$set": moved}).matched_count == 1

    def hours(self, area_code: str, *, start: datetime, end: datetime) -> list[Volume]:
        """Read all rows of an area; an area is a prefix of the division code."""
        where: dict[str, Any] = {"hour": {"$gte": start, "$lt": end}}
        if area_code:
            where["community_code"] = {"$gte": area_code, "$lt": area_code + ":"}
        with storage_errors():
            rows = self._rows.find(where, sort=[("community_code", 1), ("hour", 1)])
            return [volume for row in rows for volume in volumes_of(row)]


def volumes_of(row: Mapping[str, Any]) -> list[Volume]:
    """Return the cells of one row document."""
    cells = []
    for name, held in sorted(row["cells"].items()):
        material, grade = name.split("|")
        cells.append(
            Volume(row["community_code"], row["hour"], material, grade, held["g"], held["n"])
        )
    return cells


def _update(community: str, hour_s: int, *, lane: int, to: int, cells: Cells) -> UpdateOne:
    source, partition = source_of(lane)
    mark = source.mark
    added: dict[str, int] = {}
    for name, (mass_g, lots) in cells.items():
        added[f"cells.{name}.g"] = mass_g
        added[f"cells.{name}.n"] = lots
    return UpdateOne(
        {
            "_id": f"{community}|{hour_s}|{partition}",
            "$or": [{mark: {"$exists": False}}, {mark: {"$lt": to}}],
        },
        {
            "$inc": added,
            "$set": {mark: to, "unpublished": True},
            "$setOnInsert": {
                "community_code": community,
                "hour": datetime.fromtimestamp(hour_s, UTC),
            },
        },
        upsert=True,
    )


def _only_repeats(error: BulkWriteError) -> None:
    """Let pass a bulk whose only failures are rows that already have the delta."""
    failed = error.details.get("writeErrors", [])
    if error.details.get("writeConcernErrors") or not failed:
        raise error
    if any(each["code"] != DUPLICATE_KEY for each in failed):
        raise error
