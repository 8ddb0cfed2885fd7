"""Lists of visits and sign-ups in MongoDB, by id: every page is a walk along one index."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from services.collection.adapters.pickup_lists import Fields, Filter, Step
from services.collection.domain.records import waiting_of
from services.collection.domain.visit import Visit
from shared.kernel.aggregate import Stored
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

S = TypeVar("S")
BY_ID: Fields = [("_id", 1)]
VISITOR: Fields = [("state.first.visitor.household_id", 1), *BY_ID]
HOUSEHOLD: Fields = [("state.household_id", 1), *BY_ID]
DRIVE: Fields = [("state.drive_id", 1), *BY_ID]
VISIT_INDEXES = (VISITOR,)
SIGN_UP_INDEXES = (DRIVE, HOUSEHOLD)
SINCE = "waiting.since"
WAITING: Fields = [(SINCE, 1), *BY_ID]


class MongoListsById(Generic[S]):
    """Pages of one kind of document, over the collection that `held` writes."""

    def __init__(self, held: MongoAggregates[S], indexes: Sequence[Fields]) -> None:
        """Reads only."""
        self._held = held
        self._indexes = indexes

    def prepare(self) -> None:
        """Create the indexes; may be repeated."""
        with storage_errors():
            for fields in self._indexes:
                self._held.collection.create_index(fields)

    def page(self, step: Step, *, after_id: str, limit: int) -> list[Stored[S]]:
        """Return up to `limit` behind an id, by id."""
        walk = behind(step, after_id)
        with storage_errors():
            found = self._held.collection.find(
                walk.where, sort=walk.order, limit=limit, hint=walk.index
            )
            return [self._held.stored(document) for document in found]


class MongoVisitReviews:
    """Visits with open reviews, the longest waiting first."""

    def __init__(self, visits: MongoAggregates[Visit]) -> None:
        """Reads what `waiting_beside` keeps with each visit."""
        self._visits = visits

    def prepare(self) -> None:
        """Create the index; may be repeated."""
        waiting = {SINCE: {"$exists": True}}
        with storage_errors():
            self._visits.collection.create_index(
                WAITING, name="waiting", partialFilterExpression=waiting
            )

    def page(self, behind: tuple[datetime, str] | None, *, limit: int) -> list[Stored[Visit]]:
        """Return up to `limit` behind one that waits since then, with this id."""
        found: list[Stored[Visit]] = []
        with storage_errors():
            for step in review_steps(behind):
                left = limit - len(found)
                if left:
                    walked = self._visits.collection.find(
                        step.where, sort=step.order, limit=left, hint=step.index
                    )
                    found += [self._visits.stored(document) for document in walked]
        return found


def review_steps(behind: tuple[datetime, str] | None) -> Iterator[Step]:
    """Return the walks of a page of open reviews, in order."""
    if behind is None:
        yield Step("waiting", {SINCE: {"$exists": True}}, WAITING)
        return
    since, visit_id = behind
    yield Step("waiting", {SINCE: since, "_id": {"$gt": visit_id}}, BY_ID)
    yield Step("waiting", {SINCE: {"$gt": since}}, WAITING)


def waiting_beside(visit: Visit) -> Filter | None:
    """Return what is kept beside a visit for the list of open reviews; None where none is open."""
    waiting = waiting_of(visit.reviews)
    return None if waiting is None else {"since": waiting.since}


def visits_of_drive(drive_id: str) -> Step:
    """Return the walk along a drive's visits: their ids are `<drive>:<ticket>`."""
    return Step("_id_", {"_id": ids_of(drive_id)}, BY_ID)


def visits_of(household_ids: Sequence[str]) -> Step:
    """Return the walk along some households' visits."""
    return _walk(VISITOR, {"$in": list(household_ids)})


def sign_ups_for(drive_id: str) -> Step:
    """Return the walk along a drive's sign-ups; one whose place lapsed names no drive."""
    return _walk(DRIVE, drive_id)


def sign_ups_of(household_ids: Sequence[str]) -> Step:
    """Return the walk along some households' sign-ups."""
    return _walk(HOUSEHOLD, {"$in": list(household_ids)})


def behind(step: Step, after_id: str) -> Step:
    """Return what of a walk is behind an id."""
    ids = {**step.where.get("_id", {}), "$gt": after_id}
    return Step(step.index, {**step.where, "_id": ids}, step.order)


def ids_of(drive_id: str) -> Filter:
    """Return the range of the ids of a drive's visits."""
    return {"$gte": f"{drive_id}:", "$lt": f"{drive_id};"}


def name_of(fields: Fields) -> str:
    """Return the name that MongoDB gives an index: the first deployments' have no other."""
    return "_".join(f"{name}_{way}" for name, way in fields)


def _walk(fields: Fields, held: str | Filter) -> Step:
    return Step(name_of(fields), {fields[0][0]: held}, BY_ID)
