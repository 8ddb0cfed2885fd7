"""Reads over drives, visits and sign-ups: what is due, lists, and the figures of the report."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.read_concern import ReadConcern

from services.collection.adapters.pickup_lists import Fields, Step
from services.collection.adapters.visit_lists import ids_of
from services.collection.domain.drive import Drive, DriveRules
from services.collection.domain.drive_states import AHEAD, ENDED, DriveState
from services.collection.domain.signup import SignUp, SignUpState
from services.collection.domain.visit import Visit
from shared.kernel.aggregate import Stored
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

Filter = dict[str, Any]
DRIVES_MAX = 5_000
CAMPAIGN_DRIVES_A_ROUND = 200
UNCOUNTED: Filter = {"state.is_uncounted": True}
ANNOUNCE_AT = "announce_at"
TO_ANNOUNCE: Fields = [(ANNOUNCE_AT, 1), ("_id", 1)]
PLANNED: Filter = {"state.state": DriveState.PLANNED.value}
UNDATED: Filter = {**PLANNED, ANNOUNCE_AT: None}


class MongoDriveSearch:
    """`DriveSearch`, the lists of the API, and the service's books of drives."""

    def __init__(
        self,
        drives: MongoAggregates[Drive],
        visits: MongoAggregates[Visit],
        sign_ups: MongoAggregates[SignUp],
    ) -> None:
        """Reads the collections that these write."""
        self._of_drive, self._of_visit, self._of_sign_up = drives, visits, sign_ups
        self._drives = drives.collection
        self._visits = visits.collection
        self._sign_ups = sign_ups.collection

    def prepare(self) -> None:
        """Create the indexes of jobs; lists have their own (drive_lists.py, visit_lists.py)."""
        with storage_errors():
            self._visits.create_index(
                "state.drive_id", name="uncounted", partialFilterExpression=UNCOUNTED
            )
            self._drives.create_index(
                TO_ANNOUNCE, name="to_announce", partialFilterExpression=PLANNED
            )
            self._sign_ups.create_index(
                "state.to_free.pool_id",
                partialFilterExpression={"state.to_free.pool_id": {"$exists": True}},
            )

    def known(self, drive_ids: Iterable[str]) -> set[str]:
        """Return which of these drives are there."""
        with storage_errors():
            found = self._drives.find({"_id": {"$in": list(drive_ids)}}, {"_id": 1})
            return {each["_id"] for each in found}

    def visits_of(self, drive_id: str) -> list[Visit]:
        """Return a drive's visits as they were at one instant: a snapshot, not a moving scan."""
        visits = self._visits.with_options(read_concern=ReadConcern("snapshot"))
        with storage_errors():
            found = visits.find({"_id": ids_of(drive_id)}, {"state": 1, "version": 1})
            return [self._of_visit.stored(document).state for document in found]

    def has_visits(self, drive_id: str, count: int) -> bool:
        """Count along the ids, and no further."""
        with storage_errors():
            return self._visits.count_documents({"_id": ids_of(drive_id)}, limit=count) >= count

    def mark_counted(self, visits: Sequence[Visit]) -> None:
        """Take the mark from visits that are still at the revision that was counted."""
        updates = [
            UpdateOne(
                {"_id": visit.visit_id, "state.weighing.revision": visit.weighing.revision},
                {"$set": {"state.is_uncounted": False}},
            )
            for visit in visits
            if visit.is_uncounted
        ]
        if updates:
            with storage_errors():
                self._visits.bulk_write(updates, ordered=False)

    def with_uncounted(self, *, limit: int) -> list[Drive]:
        """Return drives that have ended and have visits which are not in their totals."""
        with storage_errors():
            drive_ids = self._visits.distinct("state.drive_id", UNCOUNTED)
        ended = {"_id": {"$in": drive_ids}, "state.state": {"$in": list(ENDED)}}
        return [each.state for each in self._drives_where(ended, limit=limit)]

    def closing(self, *, limit: int) -> list[Drive]:
        """Return drives that are closing."""
        where = {"state.state": DriveState.CLOSING.value}
        return [each.state for each in self._drives_where(where, limit=limit)]

    def to_announce(self, now: datetime, *, limit: int) -> list[Drive]:
        """Return planned drives whose time to be announced has come, the longest due first."""
        self._date_announcements()
        step = announce_step(now)
        with storage_errors():
            found = self._drives.find(step.where, sort=step.order, limit=limit, hint=step.index)
            return [self._of_drive.stored(document).state for document in found]

    def to_watch(self, now: datetime, *, limit: int) -> list[Drive]:
        """Return drives that begin late, and open ones that end late."""
        unopened = {"state.state": {"$in": list(AHEAD)}, "state.window_start": {"$lte": now}}
        open_still = {"state.state": DriveState.OPEN.value, "state.window_end": {"$lte": now}}
        found = self._drives_where({"$or": [unopened, open_still]}, limit=limit)
        return [each.state for each in found]

    def ended_of(self, campaign_id: str, *, known: Mapping[str, int]) -> list[Drive]:
        """Return a campaign's drives that have ended, but those known at their revision."""
        where = {"state.terms.campaign_id": campaign_id, "state.revision": {"$gt": 0}}
        where["state.state"] = {"$in": list(ENDED)}
        with storage_errors():
            told = self._drives.find(where, {"state.revision": 1}, limit=DRIVES_MAX)
            new = [d["_id"] for d in told if known.get(d["_id"]) != d["state"]["revision"]]
        found = self._drives_where({"_id": {"$in": new}, **where}, limit=CAMPAIGN_DRIVES_A_ROUND)
        return [each.state for each in found]

    def of_site(self, site_id: str, *, since: datetime, limit: int) -> list[Drive]:
        """Return a site's drives that begin from `since` on, the latest first."""
        where = {"state.site.site_id": site_id, "state.window_start": {"$gte": since}}
        order = [("state.window_start", -1), ("_id", -1)]
        with storage_errors():
            found = self._drives.find(where, sort=order, limit=limit)
            return [self._of_drive.stored(document).state for document in found]

    def signed_by(self, household_id: str, *, limit: int) -> list[Stored[SignUp]]:
        """Return a household's sign-ups that stand, by id."""
        where = {"state.household_id": household_id, "state.state": SignUpState.SIGNED.value}
        with storage_errors():
            found = self._sign_ups.find(where, sort=[("_id", 1)], limit=limit)
            return [self._of_sign_up.stored(document) for document in found]

    def giving_up_places(self, *, limit: int) -> list[Stored[SignUp]]:
        """Return sign-ups with a given-up place that may still be held."""
        where = {"state.to_free.pool_id": {"$exists": True}}
        with storage_errors():
            found = self._sign_ups.find(where, sort=[("_id", 1)], limit=limit)
            return [self._of_sign_up.stored(document) for document in found]

    def _date_announcements(self) -> None:
        """Date the drives that were planned before this field was kept, or by an older process.

        Outside of versions: whoever changes a drive sets the field by the same rule.
        """
        hours = {"$ifNull": ["$state.terms.rules.announce_ahead_h", DriveRules().announce_ahead_h]}
        ahead = {"$multiply": [hours, 3_600_000]}
        dated = {"$set": {ANNOUNCE_AT: {"$subtract": ["$state.window_start", ahead]}}}
        with storage_errors():
            self._drives.update_many(UNDATED, [dated], hint="to_announce")

    def _drives_where(self, where: Filter, *, limit: int) -> list[Stored[Drive]]:
        order = [("state.window_start", 1), ("_id", 1)]
        with storage_errors():
            found = self._drives.find(where, sort=order, limit=limit)
            return [self._of_drive.stored(document) for document in found]


def announce_step(now: datetime) -> Step:
    """Return the walk along the planned drives whose time to be announced has come."""
    return Step("to_announce", {**PLANNED, ANNOUNCE_AT: {"$lte": now}}, TO_ANNOUNCE)


def announce_beside(drive: Drive) -> datetime:
    """Return what is kept beside a drive for the job that announces: when that is due."""
    return drive.announce_at
