"""Drives, sign-ups and visits whom somebody is to be told of, in MongoDB.

What is noted here is noted outside of versions: a change that runs meanwhile may write it back,
and then the same notices are made again, under the same ids.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from pymongo import UpdateOne

from services.collection.domain.drive import Drive
from services.collection.domain.drive_states import AHEAD
from services.collection.domain.notices import OF_DRIVES
from services.collection.domain.signup import SignUp, SignUpState
from services.collection.domain.visit import Visit
from shared.kernel.aggregate import Stored
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

Filter = dict[str, Any]
UNTOLD: Filter = {"state.untold": {"$gt": 0}}
UNTOLD_VISITS: Filter = {"state.untold": {"$gt": ""}}
FRESH: Filter = {"state.is_fresh": True}
TO_REMIND = (("state.state", 1), ("state.reminded", 1), ("state.window_start", 1))


class MongoDriveNews:
    """`DriveNews` over the collections of drives, sign-ups and visits."""

    def __init__(
        self,
        drives: MongoAggregates[Drive],
        sign_ups: MongoAggregates[SignUp],
        visits: MongoAggregates[Visit],
    ) -> None:
        """Reads the collections that these write."""
        self._of_drive, self._of_sign_up = drives, sign_ups
        self._drives, self._sign_ups = drives.collection, sign_ups.collection
        self._of_visit, self._visits = visits, visits.collection

    def prepare(self) -> None:
        """Create the indexes of the jobs."""
        with storage_errors():
            self._drives.create_index("state.untold", name="untold", partialFilterExpression=UNTOLD)
            self._visits.create_index(
                "state.untold", name="untold", partialFilterExpression=UNTOLD_VISITS
            )
            self._drives.create_index(TO_REMIND, name="to_remind")
            fresh = [("state.is_fresh", 1), ("_id", 1)]
            self._sign_ups.create_index(fresh, name="fresh", partialFilterExpression=FRESH)

    def many(self, drive_ids: Collection[str]) -> dict[str, Drive]:
        """Return those that exist, by id."""
        return {each: held.state for each, held in self._of_drive.get_many(drive_ids).items()}

    def untold(self, *, limit: int) -> Sequence[Drive]:
        """Return drives with steps that no notices were made of."""
        return self._found(UNTOLD, limit=limit)

    def told(self, drive: Drive) -> None:
        """Take its steps off its list."""
        pulled = {"$pull": {"state.untold": {"$in": list(drive.untold)}}}
        with storage_errors():
            self._drives.update_one({"_id": drive.drive_id}, pulled)

    def to_remind(
        self, kind: str, *, after: datetime, until: datetime, limit: int
    ) -> Sequence[Drive]:
        """Return drives ahead that begin in (after, until] and whose last reminder was another."""
        others = [each.kind.value for each in OF_DRIVES if each.kind != kind]
        where = {
            "state.state": {"$in": list(AHEAD)},
            "state.reminded": {"$in": [None, *others]},
            "state.window_start": {"$gt": after, "$lte": until},
        }
        return self._found(where, limit=limit)

    def reminded(self, drive_id: str, kind: str) -> None:
        """Note which reminder was made last."""
        with storage_errors():
            self._drives.update_one({"_id": drive_id}, {"$set": {"state.reminded": str(kind)}})

    def signed_for(self, drive_id: str, *, after_id: str, limit: int) -> Sequence[Stored[SignUp]]:
        """Return the sign-ups for a drive that stand, behind an id, by id."""
        where = {
            "state.drive_id": drive_id,
            "state.state": SignUpState.SIGNED.value,
            "_id": {"$gt": after_id},
        }
        return self._sign_ups_where(where, limit=limit)

    def fresh(self, *, limit: int) -> Sequence[Stored[SignUp]]:
        """Return sign-ups that nobody looked at since they were decided."""
        return self._sign_ups_where(FRESH, limit=limit)

    def looked_at(self, sign_ups: Sequence[Stored[SignUp]]) -> None:
        """Note it, of those that are still at this version."""
        seen = {"$set": {"state.is_fresh": False}}
        updates = [UpdateOne({"_id": each.id, "version": each.version}, seen) for each in sign_ups]
        if updates:
            with storage_errors():
                self._sign_ups.bulk_write(updates, ordered=False)

    def untold_visits(self, *, limit: int) -> Sequence[Visit]:
        """Return visits with marks that no notices were made of."""
        with storage_errors():
            found = self._visits.find(UNTOLD_VISITS, limit=limit, hint="untold")
            return [self._of_visit.stored(document).state for document in found]

    def visits_told(self, visits: Sequence[Visit]) -> None:
        """Take these marks off these visits; later ones stay."""
        updates = [
            UpdateOne(
                {"_id": each.visit_id}, {"$pull": {"state.untold": {"$in": list(each.untold)}}}
            )
            for each in visits
        ]
        if updates:
            with storage_errors():
                self._visits.bulk_write(updates, ordered=False)

    def _found(self, where: Filter, *, limit: int) -> Sequence[Drive]:
        with storage_errors():
            found = self._drives.find(where, limit=limit)
            return [self._of_drive.stored(document).state for document in found]

    def _sign_ups_where(self, where: Filter, *, limit: int) -> Sequence[Stored[SignUp]]:
        with storage_errors():
            found = self._sign_ups.find(where, sort=[("_id", 1)], limit=limit)
            return [self._of_sign_up.stored(document) for document in found]
