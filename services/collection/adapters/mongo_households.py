"""Households in MongoDB, by the account that they belong to."""

from collections.abc import Sequence
from typing import Any

from pymongo.collection import Collection

from services.collection.adapters.mongo_rules import unannounced
from services.collection.application.ports import Household
from shared.kernel.aggregate import Stored
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

HOUSEHOLDS_MAX = 100


class MongoHouseholds(MongoAggregates[Household]):
    """`Households` over one collection."""

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        """`collection` writes with majority and journal."""
        super().__init__(collection, kind="household", state_type=Household, announce=unannounced)

    def prepare(self) -> None:
        """Create the indexes."""
        super().prepare()
        with storage_errors():
            self.collection.create_index([("state.owner", 1), ("_id", 1)])

    def of_owner(self, owner: str) -> Sequence[Stored[Household]]:
        """Return an account's households, by id."""
        with storage_errors():
            found = self.collection.find(
                {"state.owner": owner}, sort=[("_id", 1)], limit=HOUSEHOLDS_MAX
            )
            return [self.stored(each) for each in found]
