"""Years that a service was told of, in its own MongoDB: each overrides the published table's."""

from collections.abc import Mapping
from threading import Lock
from time import monotonic
from typing import Any

from pymongo.collection import Collection

from shared.contracts.codec import Envelope
from shared.kernel.aggregate import Request, Stored, put
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors
from shared.reference.working_days import WorkingYear, check_year, published_year

FRESH_FOR_S = 3.0
YEARS_MAX = 200


class MongoWorkingYears:
    """Working years over one collection. Every process knows a new notice within 3 s."""

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        """`collection` writes with majority and journal."""
        self._years = MongoAggregates(
            collection, kind="working_year", state_type=WorkingYear, announce=_unannounced
        )
        self._kept: Mapping[int, WorkingYear] | None = None
        self._read_at_s = 0.0
        self._lock = Lock()

    def of(self, year: int) -> WorkingYear:
        """Return what is known of a year. May block and raise `Unavailable`."""
        return self._told().get(year) or published_year(year)

    def tell(self, held: WorkingYear, *, request: Request[WorkingYear]) -> Stored[WorkingYear]:
        """Keep a year's notice in place of what was known; `Invalid` (working_days.…)."""
        check_year(held)
        told = put(self._years, str(held.year), held, request=request)
        with self._lock:
            self._kept = None
        return told

    def _told(self) -> Mapping[int, WorkingYear]:
        with self._lock:
            if self._kept is not None and monotonic() - self._read_at_s < FRESH_FOR_S:
                return self._kept
        with storage_errors():
            found = list(self._years.collection.find({}, limit=YEARS_MAX))
        told = {stored.state.year: stored.state for stored in map(self._years.stored, found)}
        with self._lock:
            self._kept, self._read_at_s = told, monotonic()
        return told


def _unannounced(event: object) -> Envelope:
    raise AssertionError(f"{type(event).__name__} is announced to nobody")
