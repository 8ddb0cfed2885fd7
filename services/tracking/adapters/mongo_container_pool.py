"""The reservations of containers that are past their time, in MongoDB."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from services.tracking.domain.consignment_claims import Claim, Kind
from services.tracking.domain.container import Container
from shared.kernel.aggregate import Stored
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

EXPIRES = "state.reservation.expires_at"
HOLD = "state.reservation.hold_id"


class MongoHoldSearch:
    """Reads over the collection of containers."""

    def __init__(self, containers: MongoAggregates[Container]) -> None:
        """Reads the documents that `containers` writes."""
        self._containers = containers
        self._collection = containers.collection

    def prepare(self) -> None:
        """Create the index of sweeping."""
        with storage_errors():
            self._collection.create_index(
                EXPIRES, partialFilterExpression={EXPIRES: {"$type": "date"}}
            )

    def expired(self, now: datetime, *, limit: int) -> Sequence[Claim]:
        """Return claims past their time."""
        past = {EXPIRES: {"$type": "date", "$lte": now}}
        with storage_errors():
            found = list(self._collection.find(past, {HOLD: 1}, limit=limit))
        return [
            Claim(Kind.CONTAINER, each["_id"], each["state"]["reservation"]["hold_id"])
            for each in found
        ]

    def many(self, tags: Collection[str]) -> Mapping[str, Stored[Container]]:
        """Return those that exist, by tag."""
        return self._containers.get_many(tags)
