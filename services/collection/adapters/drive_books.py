"""What collection says of its drives in its books: counts, grams, and totals against lots."""

from typing import Any

from services.collection.domain.drive import Drive
from services.collection.domain.drive_states import DRIVE_TERM, ENDED, DriveState
from services.collection.domain.visit import Visit
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

Stages = list[dict[str, Any]]
LOTS: Stages = [{"$unwind": "$state.weighing.lots"}]
TOTALS: Stages = [
    {"$match": {"state.state": {"$in": list(ENDED)}}},
    {"$group": {"_id": None, "mass_g": {"$sum": "$state.totals.mass_g"}}},
]


class MongoDriveBooks:
    """Sums over drives and visits."""

    def __init__(self, drives: MongoAggregates[Drive], visits: MongoAggregates[Visit]) -> None:
        """Reads the collections that these write."""
        self._drives = drives.collection
        self._visits = visits.collection

    def facts(self) -> dict[str, Any]:
        """Return drives by term, visits, and the grams of ended drives as totals and as lots.

        `uncounted` visits of drives that ended wait for a revision of the totals: 0 once all jobs
        have run, and then `totals_g` is `lots_g`.
        """
        ended = self._ended()
        return {
            "drives": self.counts(),
            "visits": self._visits.count_documents({}),
            "uncounted": self._uncounted(ended),
            "totals_g": self._sum(self._drives, TOTALS),
            "lots_g": self._sum(self._visits, _lots_of(ended)),
        }

    def counts(self) -> dict[str, int]:
        """Count drives by term; `planned` are all of them, by what planning wrote."""
        with storage_errors():
            stages: Stages = [{"$group": {"_id": "$state.state", "count": {"$sum": 1}}}]
            found = list(self._drives.aggregate(stages))
            planned = self._drives.count_documents({"state.planned_at": {"$exists": True}})
        counts = dict.fromkeys(("planned", *DRIVE_TERM.values()), 0)
        for each in found:
            counts[DRIVE_TERM[DriveState(each["_id"])]] += int(each["count"])
        return {**counts, "planned": planned}

    def collected_g(self) -> dict[str, int]:
        """Sum the grams of all visits' present lots by material."""
        lot = "$state.weighing.lots"
        by_material = {"_id": f"{lot}.material", "mass_g": {"$sum": f"{lot}.mass_g"}}
        with storage_errors():
            found = self._visits.aggregate([*LOTS, {"$group": by_material}])
            return {each["_id"]: int(each["mass_g"]) for each in found}

    def _ended(self) -> list[str]:
        with storage_errors():
            found = self._drives.find({"state.state": {"$in": list(ENDED)}}, {"_id": 1})
            return [each["_id"] for each in found]

    def _uncounted(self, ended: list[str]) -> int:
        waiting = {"state.is_uncounted": True, "state.drive_id": {"$in": ended}}
        with storage_errors():
            return self._visits.count_documents(waiting)

    def _sum(self, collection: Any, stages: Stages) -> int:  # noqa: ANN401 - of either kind
        with storage_errors():
            return sum(int(each["mass_g"]) for each in collection.aggregate(stages))


def _lots_of(drive_ids: list[str]) -> Stages:
    return [
        {"$match": {"state.drive_id": {"$in": drive_ids}}},
        *LOTS,
        {"$group": {"_id": None, "mass_g": {"$sum": "$state.weighing.lots.mass_g"}}},
    ]
