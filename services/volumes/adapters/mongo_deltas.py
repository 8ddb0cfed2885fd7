"""The delta log in MongoDB: `_id` = "partition|n", both zero-padded, so that order is by text."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo import DESCENDING
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from services.volumes.application.ports import PartitionLost
from services.volumes.domain.delta import Delta, FoldMark, Position
from services.volumes.domain.sums import Sums
from shared.kernel.errors import Unavailable
from shared.messaging.mongo_client import storage_errors

DUPLICATE_KEY = 11000
Document = Mapping[str, Any]


def delta_id(partition: int, n: int) -> str:
    """Return the `_id` of delta `n` of `partition`."""
    return f"{partition:04d}|{n:016d}"


class MongoDeltas:
    """`Deltas` over one collection of one source topic and generation."""

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        """`collection` writes with majority and journal, and reads from the primary."""
        self._log = collection

    def position(self, partition: int) -> Position:
        """Return where the newest delta ends."""
        with storage_errors():
            newest = self._log.find_one(_of(partition), sort=[("_id", DESCENDING)])
        if newest is None:
            return Position()
        return Position(
            n=newest["n"],
            next_offset=newest["next_offset"],
            last_sequence=newest["last_sequence"],
            last_id=newest["last_id"],
            duplicates_total=newest["duplicates_total"],
        )

    def append(self, deltas: Sequence[Delta]) -> None:
        """Write all in one unordered insert; a taken number means that the partition is lost."""
        try:
            with storage_errors():
                self._log.insert_many([_document(delta) for delta in deltas], ordered=False)
        except Unavailable as error:
            lost = _taken(error.__cause__, deltas)
            if not lost:
                raise
            raise PartitionLost(lost) from error

    def after(self, mark: FoldMark, *, limit: int) -> list[Delta]:
        """Return the deltas that a fold from `mark` takes."""
        upper = mark.to if mark.to is not None else mark.n + limit
        between = {
            "$gt": delta_id(mark.partition, mark.n),
            "$lte": delta_id(mark.partition, upper),
        }
        with storage_errors():
            return [_delta(found) for found in self._log.find({"_id": between}, sort=[("_id", 1)])]

    def backlog(self, partition: int) -> int:
        """Return how many deltas are in the log; the newest folded one stays in it."""
        with storage_errors():
            return self._log.count_documents(_of(partition))

    def forget_below(self, partition: int, n: int) -> None:
        """Delete the deltas below `n`."""
        below = {"$gte": delta_id(partition, 0), "$lt": delta_id(partition, n)}
        with storage_errors():
            self._log.delete_many({"_id": below})


def _of(partition: int) -> dict[str, Any]:
    return {"_id": {"$gte": delta_id(partition, 0), "$lt": delta_id(partition + 1, 0)}}


def _taken(cause: BaseException | None, deltas: Sequence[Delta]) -> list[int]:
    """Name the partitions whose insert failed on a duplicate key alone; else none."""
    if not isinstance(cause, BulkWriteError):
        return []
    errors = cause.details.get("writeErrors", [])
    if cause.details.get("writeConcernErrors") or not errors:
        return []
    if any(each["code"] != DUPLICATE_KEY for each in errors):
        return []
    return [deltas[each["index"]].partition for each in errors]


def _document(delta: Delta) -> dict[str, Any]:
    return {
        "_id": delta_id(delta.partition, delta.n),
        "partition": delta.partition,
        "n": delta.n,
        "first_offset": delta.first_offset,
        "next_offset": delta.next_offset,
        "last_sequence": delta.last_sequence,
        "last_id": delta.last_id,
        "events": delta.events,
        "duplicates_total": delta.duplicates_total,
        "written_at": datetime.now(UTC),
        "recorded_s": list(delta.recorded_s),
        "sums": [
            [community, hour_s, [[name, *held] for name, held in cells.items()]]
            for (community, hour_s), cells in delta.sums.items()
        ],
    }


def _delta(held: Document) -> Delta:
    sums: Sums = {
        (community, hour_s): {name: [mass_g, lots] for name, mass_g, lots in cells}
        for community, hour_s, cells in held["sums"]
    }
    return Delta(
        partition=held["partition"],
        n=held["n"],
        first_offset=held["first_offset"],
        next_offset=held["next_offset"],
        last_sequence=held["last_sequence"],
        last_id=held["last_id"],
        events=held["events"],
        duplicates_total=held["duplicates_total"],
        sums=sums,
        recorded_s=tuple(held["recorded_s"]),
    )
