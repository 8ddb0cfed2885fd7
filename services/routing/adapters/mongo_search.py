"""Reads over stops, fleet and plans."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.routing.domain.day import PlanDay
from services.routing.domain.fleet import FleetVehicle, Site
from services.routing.domain.plan import Plan, PlanState
from services.routing.domain.stop import PickupStop, StopState
from shared.kernel.aggregate import Stored
from shared.kernel.errors import NotFound
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

PLANS_A_ROUND = 4
DAYS_A_ROUND = 16
VEHICLES_MAX = 1_000


@dataclass(frozen=True, slots=True)
class MongoSearch:
    """`Search` over routing's collections."""

    stops: MongoAggregates[PickupStop]
    plans: MongoAggregates[Plan]
    sites: MongoAggregates[Site]
    vehicles: MongoAggregates[FleetVehicle]
    days: MongoAggregates[PlanDay]

    def prepare(self) -> None:
        """Create the indexes."""
        with storage_errors():
            self.stops.collection.create_index([("state.service_day", 1), ("state.state", 1)])
            self.plans.collection.create_index([("state.state", 1), ("state.requested_at", 1)])
            self.plans.collection.create_index("state.tours.tour_id")
            self.plans.collection.create_index("state.service_day")
            self.days.collection.create_index(
                "state.due", partialFilterExpression={"state.due": True}
            )

    def open_stops(self, service_day: date) -> Sequence[PickupStop]:
        """Return the day's open stops, by id."""
        where = {"state.service_day": service_day.isoformat(), "state.state": StopState.OPEN.value}
        with storage_errors():
            found = self.stops.collection.find(where, sort=[("_id", 1)])
            return [self.stops.stored(document).state for document in found]

    def fleet(self) -> tuple[Sequence[FleetVehicle], Mapping[str, Site]]:
        """Return vehicles by id, and sites."""
        with storage_errors():
            vehicles = self.vehicles.collection.find({}, sort=[("_id", 1)], limit=VEHICLES_MAX)
            found = [self.vehicles.stored(document).state for document in vehicles]
            sites = [self.sites.stored(each).state for each in self.sites.collection.find()]
        return found, {site.key: site for site in sites}

    def requested_plans(self) -> Sequence[Stored[Plan]]:
        """Return what waits for the solver."""
        where = {"state.state": PlanState.REQUESTED.value}
        with storage_errors():
            found = self.plans.collection.find(
                where, sort=[("state.requested_at", 1)], limit=PLANS_A_ROUND
            )
            return [self.plans.stored(document) for document in found]

    def due_days(self) -> Sequence[Stored[PlanDay]]:
        """Return what is to be compared."""
        with storage_errors():
            found = self.days.collection.find({"state.due": True}, limit=DAYS_A_ROUND)
            return [self.days.stored(document) for document in found]

    def published_ids(self, service_day: date) -> Sequence[str]:
        """Return ids only: a plan is large."""
        with storage_errors():
            found = self.plans.collection.find(_published(service_day), {"_id": 1})
            return [each["_id"] for each in found]

    def plan_of_tour(self, tour_id: str) -> Plan:
        """Return the plan of a tour."""
        where = {"state.tours.tour_id": tour_id, "state.state": PlanState.PUBLISHED.value}
        with storage_errors():
            found = self.plans.collection.find_one(where)
        if found is None:
            raise NotFound("tour.not_found", "there is no such tour")
        return self.plans.stored(found).state

    def plans_of_day(self, service_day: date) -> Sequence[Plan]:
        """Return a day's published plans, the newest first."""
        newest_first = [("state.plan_version", -1)]
        with storage_errors():
            found = self.plans.collection.find(_published(service_day), sort=newest_first)
            return [self.plans.stored(document).state for document in found]

    def facts(self) -> dict[str, Any]:
        """Return counts for the report."""
        by_state = [{"$group": {"_id": "$state.state", "count": {"$sum": 1}}}]
        with storage_errors():
            stops = {
                each["_id"]: int(each["count"])
                for each in self.stops.collection.aggregate(by_state)
            }
            plans = self.plans.collection.count_documents({})
        return {"stops": stops, "open_by_day": self._open_by_day(), "plans": plans}

    def _open_by_day(self) -> dict[str, int]:
        stages = [
            {"$match": {"state.state": StopState.OPEN.value, "state.service_day": {"$ne": None}}},
            {"$group": {"_id": "$state.service_day", "count": {"$sum": 1}}},
        ]
        with storage_errors():
            counted = self.stops.collection.aggregate(stages)
            return {each["_id"]: int(each["count"]) for each in counted}


def _published(service_day: date) -> dict[str, Any]:
    return {
        "state.service_day": service_day.isoformat(),
        "state.state": PlanState.PUBLISHED.value,
    }
