"""Many containers at once, in MongoDB: what consignments look up, and what they tell."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from services.tracking.application.consignment_containers import Change
from services.tracking.domain.consignment_claims import Claim, Kind
from services.tracking.domain.container import Container
from shared.kernel.aggregate import Stored
from shared.messaging.marks import Mark
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors
from shared.messaging.ports import EntityChange

EXPIRES = "state.reservation.expires_at"
HOLD = "state.reservation.hold_id"


class MongoContainerDocuments:
    """`ContainerDocuments` over the collection of containers."""

    def __init__(self, containers: MongoAggregates[Container]) -> None:
        """`containers` are those without a bound: facts are taken while Kafka is away."""
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

    def change_all(self, changes: Sequence[Change]) -> None:
        """Make all changes: one read, one bulk write, and the losers of races again."""
        self._containers.apply([entity_change(each) for each in changes])


def entity_change(change: Change) -> EntityChange[Container]:
    """Return a change with the mark of its fact: take-overs are number 0 of their consignment."""
    fact = change.fact
    mark = Mark(f"consignment|{fact.hold.consignment_id}", fact.step + 1)
    return EntityChange(change.tag, mark, change.decide)
