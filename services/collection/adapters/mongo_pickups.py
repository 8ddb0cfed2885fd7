"""Reads over pickups: what jobs look for, and the counts and grams of the report."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pymongo import UpdateOne

from services.collection.domain.pickup import Pickup
from services.collection.domain.states import OPEN, TERM, State
from shared.kernel.aggregate import Stored
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

Filter = dict[str, Any]
FORGOTTEN = 1_000
UNTOLD: Filter = {"state.untold": {"$gt": 0}}
LAPSED: Filter = {"state.state": State.LAPSED.value}
NEVER_BOOKED: Filter = {"state.booking_version": {"$lt": 1}}
# What breaks the conservation of counts, by the index that has hardly more than that: a lapsed
# draft has no booking, everything else has one.
MISFILED: Mapping[str, Filter] = {
    "lapsed": {**LAPSED, "state.booking_version": {"$gte": 1}},
    "never_booked": {**NEVER_BOOKED, "state.state": {"$ne": State.LAPSED.value}},
}


class MongoPickupSearch:
    """`PickupSearch`, and the sums of the report."""

    def __init__(self, pickups: MongoAggregates[Pickup]) -> None:
        """Reads the collection that `pickups` writes."""
        self._aggregates = pickups
        self._pickups = pickups.collection

    def prepare(self) -> None:
        """Create the indexes of the jobs; those of lists serve the rest (pickup_lists.py)."""
        with storage_errors():
            self._pickups.create_index(
                "state.weighing.recorded_at",
                name="weighed",
                partialFilterExpression={"state.state": State.WEIGHED.value},
            )
            self._pickups.create_index(
                "state.booked_at",
                name="lapsed",
                partialFilterExpression=LAPSED,
            )
            self._pickups.create_index(
                "state.state", name="never_booked", partialFilterExpression=NEVER_BOOKED
            )
            self._pickups.create_index(
                "state.untold", name="untold", partialFilterExpression=UNTOLD
            )
            self._pickups.create_index(
                "state.to_free.pool_id",
                partialFilterExpression={"state.to_free.pool_id": {"$exists": True}},
            )

    def many(self, pickup_ids: Iterable[str]) -> Mapping[str, Stored[Pickup]]:
        """Return those that exist, by id."""
        return self._aggregates.get_many(pickup_ids)

    def versions(self, pickup_ids: Collection[str]) -> Mapping[str, int]:
        """Return the versions of those that exist, by id."""
        with storage_errors():
            found = self._pickups.find({"_id": {"$in": list(pickup_ids)}}, {"version": 1})
            return {each["_id"]: each["version"] for each in found}

    def misses(self, household_id: str, *, since: date) -> int:
        """Count a household's missed pickups, up to 100."""
        where = {
            "state.booking.household_id": household_id,
            "state.state": State.MISSED.value,
            "state.booking.service_day": {"$gte": since.isoformat()},
        }
        with storage_errors():
            return self._pickups.count_documents(where, limit=100)

    def has_open(self, tour_id: str, *, beside: str) -> bool:
        """Say whether a pickup of a tour is open, by the lists' index of tours."""
        where = {
            "state.tour.tour_id": tour_id,
            "state.state": {"$in": [state.value for state in OPEN]},
            "_id": {"$ne": beside},
        }
        with storage_errors():
            return self._pickups.find_one(where, {"_id": 1}, hint="by_tour") is not None

    def weighed_before(self, instant: datetime, *, limit: int) -> list[str]:
        """Return what may stand by now."""
        where = {
            "state.state": State.WEIGHED.value,
            "state.weighing.recorded_at": {"$lte": instant},
        }
        return self._ids(where, limit=limit)

    def to_rebook(
        self, since: date, *, outcomes: Sequence[str], skip: int, limit: int
    ) -> list[Stored[Pickup]]:
        """Return what the city owes another visit, behind the first `skip`."""
        owed = [
            {"state.state": State.MISSED.value},
            {"state.state": State.FAILED.value, "state.outcome": {"$in": list(outcomes)}},
        ]
        where: Filter = {
            "state.state": {"$in": [State.FAILED.value, State.MISSED.value]},
            "state.booking.service_day": {"$gte": since.isoformat()},
            "state.rebooked_as": None,
            "$or": owed,
        }
        # The lists' index by day serves this too: the states, then the days.
        order = [("state.booking.service_day", 1), ("state.booking.community_code", 1), ("_id", 1)]
        with storage_errors():
            found = self._pickups.find(where, sort=order, skip=skip, limit=limit, hint="by_day")
            return [self._aggregates.stored(document) for document in found]

    def giving_up_places(self, *, limit: int) -> list[Stored[Pickup]]:
        """Return pickups with a given-up hold that may still be there."""
        return self._find({"state.to_free.pool_id": {"$exists": True}}, limit=limit)

    def of_household(self, household_id: str, *, since: date, limit: int) -> list[Stored[Pickup]]:
        """Return a household's pickups of days from `since`."""
        where: Filter = {
            "state.booking.household_id": household_id,
            "state.booking.service_day": {"$gte": since.isoformat()},
            "state.state": {"$ne": State.LAPSED.value},
        }
        return self._find(where, limit=limit)

    def untold(self, *, limit: int) -> list[Stored[Pickup]]:
        """Return pickups with steps that no notices were made of."""
        return self._find(UNTOLD, limit=limit)

    def told(self, pickups: Sequence[Stored[Pickup]]) -> None:
        """Take the steps off their lists, outside of versions.

        A change that runs meanwhile may write them back: then the same notices are made again,
        under the same ids.
        """
        pulls = [
            UpdateOne(
                {"_id": each.id}, {"$pull": {"state.untold": {"$in": list(each.state.untold)}}}
            )
            for each in pickups
        ]
        with storage_errors():
            if pulls:
                self._pickups.bulk_write(pulls, ordered=False)

    def forget_lapsed(self, *, before: datetime) -> int:
        """Delete them: nothing was ever booked or announced under their ids."""
        old = {"state.state": State.LAPSED.value, "state.booked_at": {"$lt": before}}
        with storage_errors():
            found = [each["_id"] for each in self._pickups.find(old, {"_id": 1}, limit=FORGOTTEN)]
            return self._pickups.delete_many({"_id": {"$in": found}, **old}).deleted_count

    def of_households(
        self, household_ids: Sequence[str], *, after_id: str, limit: int
    ) -> list[Stored[Pickup]]:
        """Return some households' pickups behind an id, by id; lapsed drafts are none."""
        where = {
            "state.booking.household_id": {"$in": list(household_ids)},
            "state.state": {"$ne": State.LAPSED.value},
            "_id": {"$gt": after_id},
        }
        return self._find(where, limit=limit)

    def misfiled(self) -> int:
        """Count what is in no term though it was booked, or in one though it was not.

        Without any, booked = open + collected + cancelled + missed + failed. It reads the drafts
        that lapsed lately and nothing else, however many pickups there are.
        """
        with storage_errors():
            return sum(
                self._pickups.count_documents(where, hint=index)
                for index, where in MISFILED.items()
            )

    def counts(self) -> dict[str, int]:
        """Count pickups by term, in a scan of all: for the report, not for a job.

        `booked` is all that have a booking, `lapsed` none of them.

        `booked` is counted by what booking wrote, the terms by state: they can differ.
        """
        has_booking = {"$cond": [{"$gte": ["$state.booking_version", 1]}, 1, 0]}
        group = {"_id": "$state.state", "count": {"$sum": 1}, "booked": {"$sum": has_booking}}
        with storage_errors():
            found = list(self._pickups.aggregate([{"$group": group}]))
        counts = dict.fromkeys(("booked", *TERM.values(), "lapsed"), 0)
        for each in found:
            counts[TERM.get(State(each["_id"]), "lapsed")] += int(each["count"])
            counts["booked"] += int(each["booked"])
        return counts

    def collected_g(self) -> dict[str, int]:
        """Sum the grams of all present lots by material."""
        stages: Iterable[dict[str, Any]] = [
            {"$match": {"state.weighing": {"$ne": None}}},
            {"$unwind": "$state.weighing.lots"},
            {
                "$group": {
                    "_id": "$state.weighing.lots.material",
                    "mass_g": {"$sum": "$state.weighing.lots.mass_g"},
                }
            },
        ]
        with storage_errors():
            return {
                each["_id"]: int(each["mass_g"]) for each in self._pickups.aggregate(list(stages))
            }

    def _ids(self, where: Filter, *, limit: int) -> list[str]:
        with storage_errors():
            return [each["_id"] for each in self._pickups.find(where, {"_id": 1}, limit=limit)]

    def _find(self, where: Filter, *, limit: int) -> list[Stored[Pickup]]:
        with storage_errors():
            found = self._pickups.find(where, sort=[("_id", 1)], limit=limit)
            return [self._aggregates.stored(document) for document in found]
