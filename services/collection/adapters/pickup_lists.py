"""Lists of pickups in MongoDB: every page is a walk along an index, and no other.

A page behind a key is read in steps, each a walk of its own: the rest of the key's day, then the
days behind it. Several states or households are several walks, merged by their order. A list over
communities walks along days and skips, within each, to the communities that it is about.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.collection.application.listing import (
    BehindReview,
    Key,
    OfArea,
    OfCommunity,
    OfHouseholds,
    Wanted,
)
from services.collection.domain.pickup import Pickup
from shared.kernel.aggregate import Stored
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

Filter = dict[str, Any]
Fields = list[tuple[str, int]]
HOUSEHOLD = "state.booking.household_id"
COMMUNITY = "state.booking.community_code"
DAY = "state.booking.service_day"
STATE = "state.state"
COLLECTOR = "state.tour.collector_id"
TOUR = "state.tour.tour_id"
TOUR_DAY = "state.tour.service_day"
ETA = "state.tour.eta"
SINCE = "state.waiting.since"
CODES = "state.waiting.codes"
STOPS_MAX = 500

# The first three are written with each booking, the others only where there is a tour or a review.
INDEXES: dict[str, Fields] = {
    "by_household": [(HOUSEHOLD, 1), (DAY, 1), ("_id", 1), (STATE, 1)],
    "by_community": [(COMMUNITY, 1), (STATE, 1), (DAY, 1), ("_id", 1)],
    "by_day": [(STATE, 1), (DAY, 1), (COMMUNITY, 1), ("_id", 1)],
    "by_collector": [(COLLECTOR, 1), (TOUR_DAY, 1), (ETA, 1), ("_id", 1)],
    "by_tour": [(TOUR, 1), (ETA, 1), ("_id", 1)],
    "waiting": [(SINCE, 1), ("_id", 1)],
    "waiting_by_code": [(CODES, 1), (SINCE, 1), ("_id", 1)],
}
PARTIAL = {
    "by_collector": COLLECTOR,
    "by_tour": TOUR,
    "waiting": SINCE,
    "waiting_by_code": SINCE,
}


@dataclass(frozen=True, slots=True)
class Step:
    """A walk along an index: the order is that of the fields in which the found ones differ."""

    index: str
    where: Filter
    order: Fields


class MongoPickupLists:
    """`Lists` over the collection that `pickups` writes."""

    def __init__(self, pickups: MongoAggregates[Pickup]) -> None:
        """Reads only."""
        self._aggregates = pickups
        self._pickups = pickups.collection

    def prepare(self) -> None:
        """Create the indexes; may be repeated."""
        with storage_errors():
            for name, fields in INDEXES.items():
                options: Filter = {"name": name}
                if name in PARTIAL:
                    options["partialFilterExpression"] = {PARTIAL[name]: {"$exists": True}}
                self._pickups.create_index(fields, **options)

    def page(self, wanted: Wanted, *, behind: Key | None, limit: int) -> list[Stored[Pickup]]:
        """Return up to `limit` pickups in the list's order."""
        return self._walk(steps_of(wanted, behind), limit=limit)

    def stops(self, collector_id: str, service_day: date) -> list[Stored[Pickup]]:
        """Return a collector's stops of a day in the order of the tour."""
        return self._walk([stops_step(collector_id, service_day)], limit=STOPS_MAX)

    def tour(self, tour_id: str) -> list[Stored[Pickup]]:
        """Return a tour's stops in its order."""
        return self._walk([tour_step(tour_id)], limit=STOPS_MAX)

    def reviews(
        self, code: str | None, *, behind: BehindReview | None, limit: int
    ) -> list[Stored[Pickup]]:
        """Return pickups with open reviews, the longest waiting first."""
        return self._walk(review_steps(code, behind), limit=limit)

    def _walk(self, steps: Iterable[Step], *, limit: int) -> list[Stored[Pickup]]:
        found: list[Stored[Pickup]] = []
        with storage_errors():
            for step in steps:
                left = limit - len(found)
                if left:
                    # Hinted: a plan that is cached for one household is wrong for another list.
                    walked = self._pickups.find(
                        step.where, sort=step.order, limit=left, hint=step.index
                    )
                    found += [self._aggregates.stored(document) for document in walked]
        return found


def steps_of(wanted: Wanted, behind: Key | None) -> Iterator[Step]:
    """Return the walks of a page, in order; together they are what is behind a key."""
    way = -1 if wanted.newest_first else 1
    more, end = ("$lt", "$gte") if wanted.newest_first else ("$gt", "$lte")
    index, where = _scope(wanted)
    days, by_id = _days(wanted), [("_id", way)]
    area = isinstance(wanted.scope, OfArea)
    order = [(DAY, way), *([(COMMUNITY, way)] if area else []), *by_id]
    if isinstance(wanted.scope, OfHouseholds) and not wanted.scope.household_ids:
        return
    if behind is None:
        # Of one day the day orders nothing, and the planner would sort where it stands in an order.
        one_day = wanted.first is not None and wanted.first == wanted.last
        yield Step(index, {**where, **_range(DAY, days)}, order[1:] if one_day else order)
        return
    day = behind.service_day.isoformat()
    same_day = {**where, DAY: day}
    same_place = {**same_day, COMMUNITY: behind.community_code} if area else same_day
    yield Step(index, {**same_place, "_id": {more: behind.pickup_id}}, by_id)
    if area:
        others = {**where.get(COMMUNITY, {}), more: behind.community_code}
        yield Step(index, {**same_day, COMMUNITY: others}, order[1:])
    rest = {more: day, **({end: days[end]} if end in days else {})}
    yield Step(index, {**where, DAY: rest}, order)


def _scope(wanted: Wanted) -> tuple[str, Filter]:
    states = {STATE: {"$in": [state.value for state in wanted.states]}}
    scope = wanted.scope
    if isinstance(scope, OfHouseholds):
        return "by_household", {HOUSEHOLD: {"$in": list(scope.household_ids)}, **states}
    if isinstance(scope, OfCommunity):
        return "by_community", {COMMUNITY: scope.community_code, **states}
    # ":" comes behind "9": the codes that begin so, and no others.
    codes = {"$gte": scope.prefix, "$lt": f"{scope.prefix}:"} if scope.prefix else {}
    return "by_day", {**states, **_range(COMMUNITY, codes)}


def _days(wanted: Wanted) -> dict[str, str]:
    ends = {"$gte": wanted.first, "$lte": wanted.last}
    return {name: day.isoformat() for name, day in ends.items() if day is not None}


def _range(field: str, ends: dict[str, str]) -> Filter:
    return {field: ends} if ends else {}


def stops_step(collector_id: str, service_day: date) -> Step:
    """Return the walk along a collector's stops of a day."""
    where = {COLLECTOR: collector_id, TOUR_DAY: service_day.isoformat()}
    return Step("by_collector", where, [(ETA, 1), ("_id", 1)])


def tour_step(tour_id: str) -> Step:
    """Return the walk along a tour's stops."""
    return Step("by_tour", {TOUR: tour_id}, [(ETA, 1), ("_id", 1)])


def review_steps(code: str | None, behind: BehindReview | None) -> Iterator[Step]:
    """Return the walks of a page of reviews, in order."""
    index, where = ("waiting", {}) if code is None else ("waiting_by_code", {CODES: code})
    order = [(SINCE, 1), ("_id", 1)]
    if behind is None:
        yield Step(index, {**where, SINCE: {"$exists": True}}, order)
        return
    yield Step(index, {**where, SINCE: behind.since, "_id": {"$gt": behind.pickup_id}}, order[1:])
    yield Step(index, {**where, SINCE: {"$gt": behind.since}}, order)
