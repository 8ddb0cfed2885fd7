"""Series in MongoDB: those with work that waits, and the lists of the API."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo.collection import Collection

from services.collection.adapters.mongo_rules import unannounced
from services.collection.domain.occurrences import Standing
from services.collection.domain.series import NEVER, Series
from shared.kernel.aggregate import Stored
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

COUNTED_MAX = 100
Filter = dict[str, Any]


class MongoSeries(MongoAggregates[Series]):
    """`SeriesStore` and `SeriesSearch` over one collection."""

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        """`collection` writes with majority and journal. Nobody outside is told of a series."""
        super().__init__(
            collection,
            kind="series",
            state_type=Series,
            announce=unannounced,
            audited=lambda series: series.community_code,
        )

    def prepare(self) -> None:
        """Create the indexes of the lists and of what waits."""
        super().prepare()
        with storage_errors():
            self.collection.create_index([("state.due_at", 1)])
            for field in ("household_id", "community_code"):
                self.collection.create_index([(f"state.{field}", 1), ("_id", 1)])

    def due(self, now: datetime, *, limit: int) -> Sequence[str]:
        """Return series with work that waits, the longest waiting first."""
        with storage_errors():
            found = self.collection.find(
                {"state.due_at": {"$lte": now}}, {"_id": 1}, sort=[("state.due_at", 1)], limit=limit
            )
            return [str(each["_id"]) for each in found]

    def going_on(self, household_id: str) -> int:
        """Count a household's series that have work to come, up to 100."""
        where = {"state.household_id": household_id, "state.due_at": {"$lt": NEVER}}
        with storage_errors():
            return self.collection.count_documents(where, limit=COUNTED_MAX)

    def unplaced(self) -> int:
        """Count the days of all series that wait for a place."""
        waiting = {"state.occurrences.standing": Standing.UNPLACED.value}
        stages: list[dict[str, Any]] = [
            {"$match": {"state.due_at": {"$lt": NEVER}, **waiting}},
            {"$unwind": "$state.occurrences"},
            {"$match": waiting},
            {"$count": "days"},
        ]
        with storage_errors():
            found = list(self.collection.aggregate(stages))
        return int(found[0]["days"]) if found else 0

    def page(self, where: Filter, *, after_id: str, limit: int) -> list[Stored[Series]]:
        """Return series behind an id, by id."""
        with storage_errors():
            found = self.collection.find(
                {**where, "_id": {"$gt": after_id}}, sort=[("_id", 1)], limit=limit
            )
            return [self.stored(document) for document in found]
