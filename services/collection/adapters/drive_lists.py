"""Lists of drives in MongoDB, by their begin: every page is a walk along an index, and no other.

A page behind a key is read in two steps: the rest of what begins with it, then what begins later.
What an index does not lead to it still tells (the last fields), so that no drive is read in vain;
only of the planned ones, which a collector sees where they are the own, some may be.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.collection.adapters.pickup_lists import Fields, Filter, Step
from services.collection.adapters.visit_lists import name_of
from services.collection.domain.drive import Drive
from services.collection.domain.drive_states import DriveState
from shared.kernel.aggregate import Stored
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

BEGIN, STATE, COMMUNITY = "state.window_start", "state.state", "state.site.community_code"
SITE, CAMPAIGN = "state.site.site_id", "state.terms.campaign_id"
IN_CHARGE, NAMED = "state.collector_id", "state.terms.collector_id"
IN_ORDER: Fields = [(BEGIN, 1), ("_id", 1)]
INDEXES: dict[str, Fields] = {
    "by_site": [(SITE, 1), *IN_ORDER, (STATE, 1)],
    "by_campaign": [(CAMPAIGN, 1), *IN_ORDER, (STATE, 1)],
    "by_community": [(COMMUNITY, 1), *IN_ORDER, (STATE, 1)],
    "by_state": [(STATE, 1), *IN_ORDER, (COMMUNITY, 1)],
    "by_time": [*IN_ORDER, (COMMUNITY, 1), (STATE, 1)],
    "by_named": [(NAMED, 1), *IN_ORDER],
}
BY_COLLECTOR: Fields = [(IN_CHARGE, 1), *IN_ORDER]
PUBLIC = tuple(state.value for state in DriveState if state is not DriveState.PLANNED)
# So many walks are merged by MongoDB; in an area of more communities drives are not rare.
COMMUNITIES_MAX = 150
OWN_MAX = 200


@dataclass(frozen=True, slots=True)
class WantedDrives:
    """What a list is narrowed to. They begin in [first, end).

    `area`: a division code's beginning; `planned_of`: the collector who sees its own planned ones,
    where `hides_planned`.
    """

    community_code: str | None = None
    site_id: str | None = None
    campaign_id: str | None = None
    state: str | None = None
    first: datetime | None = None
    end: datetime | None = None
    area: str = ""
    hides_planned: bool = False
    planned_of: str | None = None


class MongoDriveLists:
    """Pages of drives, over the collection that `drives` writes."""

    def __init__(self, drives: MongoAggregates[Drive]) -> None:
        """Reads only."""
        self._aggregates = drives
        self._drives = drives.collection

    def prepare(self) -> None:
        """Create the indexes; may be repeated."""
        with storage_errors():
            for name, fields in INDEXES.items():
                self._drives.create_index(fields, name=name)
            self._drives.create_index(BY_COLLECTOR)

    def page(
        self, wanted: WantedDrives, *, behind: tuple[datetime, str] | None, limit: int
    ) -> list[Stored[Drive]]:
        """Return up to `limit` drives behind one with this begin and id."""
        if wanted.community_code is not None and not wanted.community_code.startswith(wanted.area):
            return []
        within = self.communities(wanted.area) if _needs_communities(wanted) else None
        return self._walk(steps_of(wanted, behind, within=within), limit=limit)

    def of_collector(
        self, collector_id: str, *, first: datetime, end: datetime
    ) -> list[Stored[Drive]]:
        """Return the drives that a collector is named for, or in charge of; 200 at the most."""
        found = {
            each.id: each
            for step in own_steps(collector_id, first=first, end=end)
            for each in self._walk([step], limit=OWN_MAX)
        }
        ordered = sorted(found.values(), key=lambda each: (each.state.window_start, each.id))
        return ordered[:OWN_MAX]

    def communities(self, area: str) -> Sequence[str]:
        """Return the communities of an area that have drives, one more than is merged at most."""
        with storage_errors():
            found = self._drives.distinct(COMMUNITY, _in_area(area))
        return found[: COMMUNITIES_MAX + 1]

    def _walk(self, steps: Iterable[Step], *, limit: int) -> list[Stored[Drive]]:
        found: list[Stored[Drive]] = []
        with storage_errors():
            for step in steps:
                left = limit - len(found)
                if left:
                    walked = self._drives.find(
                        step.where, sort=step.order, limit=left, hint=step.index
                    )
                    found += [self._aggregates.stored(document) for document in walked]
        return found


def steps_of(
    wanted: WantedDrives, behind: tuple[datetime, str] | None, *, within: Sequence[str] | None
) -> Iterator[Step]:
    """Return the walks of a page, in order. `within`: the communities of its area, if asked for."""
    if within is not None and not within:
        return
    index, scope = _scope(wanted, within)
    where = {**scope, **_visible(wanted)}
    ends = {"$gte": wanted.first, "$lt": wanted.end}
    times = {name: end for name, end in ends.items() if end is not None}
    if behind is None:
        yield Step(index, {**where, **({BEGIN: times} if times else {})}, IN_ORDER)
        return
    begin, drive_id = behind
    same = {**where, BEGIN: {**times, "$eq": begin}, "_id": {"$gt": drive_id}}
    yield Step(index, same, IN_ORDER[1:])
    yield Step(index, {**where, BEGIN: {**times, "$gt": begin}}, IN_ORDER)


def own_steps(collector_id: str, *, first: datetime, end: datetime) -> Iterator[Step]:
    """Return the walks along a collector's drives: those in charge of, and those named for."""
    for index, field in ((name_of(BY_COLLECTOR), IN_CHARGE), ("by_named", NAMED)):
        yield Step(index, {field: collector_id, BEGIN: {"$gte": first, "$lt": end}}, IN_ORDER)


def _scope(wanted: WantedDrives, within: Sequence[str] | None) -> tuple[str, Filter]:
    """Return the index that leads to the fewest, and all that was asked for."""
    asked = {
        SITE: wanted.site_id,
        CAMPAIGN: wanted.campaign_id,
        COMMUNITY: wanted.community_code,
        STATE: wanted.state,
    }
    where: Filter = {name: value for name, value in asked.items() if value is not None}
    if wanted.area and wanted.community_code is None:
        where |= _in_area(wanted.area)
    for name, index in ((SITE, "by_site"), (CAMPAIGN, "by_campaign")):
        if name in where:
            return index, where
    if wanted.community_code is not None:
        return "by_community", where
    if within is not None and len(within) <= COMMUNITIES_MAX:
        return "by_community", {**where, COMMUNITY: {"$in": list(within)}}
    return ("by_state" if wanted.state is not None else "by_time"), where


def _visible(wanted: WantedDrives) -> Filter:
    if not wanted.hides_planned:
        return {}
    public: dict[str, Any] = {STATE: {"$in": list(PUBLIC)}}
    if wanted.planned_of is not None:
        own = [{IN_CHARGE: wanted.planned_of}, {NAMED: wanted.planned_of}]
        return {"$or": [public, *own]}
    if wanted.state is not None:
        return {"$and": [public]}
    return public


def _needs_communities(wanted: WantedDrives) -> bool:
    narrower = (wanted.site_id, wanted.campaign_id, wanted.community_code)
    return bool(wanted.area) and not any(narrower)


def _in_area(area: str) -> Filter:
    """ ":" comes behind "9": the codes that begin so, and no others."""
    return {COMMUNITY: {"$gte": area, "$lt": f"{area}:"}}
