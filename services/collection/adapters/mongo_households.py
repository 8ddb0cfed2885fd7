"""Households in MongoDB, by whom they belong to and by the codes that let others in."""

from collections.abc import Sequence
from typing import Any

from pymongo.collection import Collection

from services.collection.adapters.mongo_rules import unannounced
from services.collection.domain.households import Household
from shared.kernel.aggregate import Stored
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

PERSON = "state.members.person_id"
INVITE = "state.invites.code_sha256"
HOUSEHOLDS_MAX = 250


class MongoHouseholds(MongoAggregates[Household]):
    """`Households` over one collection."""

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        """`collection` writes with majority and journal."""
        super().__init__(
            collection,
            kind="household",
            state_type=Household,
            announce=unannounced,
            audited=lambda household: household.community_code,
        )

    def prepare(self) -> None:
        """Create the indexes."""
        super().prepare()
        with storage_errors():
            self.collection.create_index([(PERSON, 1), ("_id", 1)])
            self.collection.create_index(
                INVITE, name="invites", partialFilterExpression={INVITE: {"$gt": ""}}
            )

    def of_person(self, person_id: str) -> Sequence[Stored[Household]]:
        """Return a person's households, by id."""
        with storage_errors():
            found = self.collection.find(
                {PERSON: person_id}, sort=[("_id", 1)], limit=HOUSEHOLDS_MAX
            )
            return [self.stored(each) for each in found]

    def by_invite(self, code_sha256: str) -> Stored[Household] | None:
        """Return the household that a code is for."""
        with storage_errors():
            held = self.collection.find_one({INVITE: code_sha256})
        return None if held is None else self.stored(held)
