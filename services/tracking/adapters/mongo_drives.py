"""What drives said, and what their visits posted: sums over the visits' own entries."""

from typing import Any

from pymongo.collection import Collection

from services.tracking.adapters.announcements import announce
from services.tracking.domain.amounts import Amounts, amounts_of
from services.tracking.domain.drive_told import DriveTold, differing
from services.tracking.domain.journal import Journal
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

DRIVE = "state.weighed.drive_id"
OF_DRIVES = {DRIVE: {"$type": "string"}}
POSTING = "$state.entries.postings"
Stages = list[dict[str, Any]]


class MongoDrives:
    """Compares the totals of drives with the ledger."""

    def __init__(
        self, totals: Collection[dict[str, Any]], journals: MongoAggregates[Journal]
    ) -> None:
        """`told` is what drives said; journals are only read."""
        self.told = MongoAggregates(totals, kind="drive", state_type=DriveTold, announce=announce)
        self._journals = journals.collection

    def prepare(self) -> None:
        """Create the index of a drive's visits."""
        self.told.prepare()
        with storage_errors():
            self._journals.create_index(DRIVE, name="of_drive", partialFilterExpression=OF_DRIVES)

    def posted(self, drive_id: str) -> Amounts:
        """Return the grams that a drive's visits have brought into the ledger."""
        return self._posted({DRIVE: {"$eq": drive_id, "$type": "string"}}).get(drive_id, ())

    def facts(self) -> dict[str, int]:
        """Return how many drives told totals, and how many of them say something else."""
        with storage_errors():
            found = [self.told.stored(each) for each in self.told.collection.find({})]
        told = {each.id: each.state for each in found}
        return {
            "drives_told": len(told),
            "drives_differing": differing(told, self._posted(OF_DRIVES)),
        }

    def _posted(self, where: dict[str, Any]) -> dict[str, Amounts]:
        """Return by drive what households gave, by all entries: corrections are in it."""
        stages: Stages = [
            {"$match": where},
            {"$unwind": "$state.entries"},
            {"$unwind": POSTING},
            {"$match": {"state.entries.postings.account": {"$regex": "^household/"}}},
            {
                "$group": {
                    "_id": {"drive": f"${DRIVE}", "material": f"{POSTING}.unit.kind"},
                    "mass_g": {"$sum": f"{POSTING}.amount"},
                }
            },
        ]
        sums: dict[str, dict[str, int]] = {}
        with storage_errors():
            for row in self._journals.aggregate(stages, hint="of_drive"):
                named = row["_id"]
                sums.setdefault(named["drive"], {})[named["material"]] = -int(row["mass_g"])
        return {drive: amounts_of(held) for drive, held in sums.items()}
