"""Calendar feeds in MongoDB, found by the hash of their token, and by who holds them."""

from typing import Any

from pymongo.collection import Collection

from services.collection.adapters.mongo_rules import unannounced
from services.collection.domain.feeds import Feed
from shared.kernel.aggregate import Stored
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

HOLDER = "state.holder"
TOKEN = "state.token_sha256"  # noqa: S105 - the name of a field


class MongoFeeds(MongoAggregates[Feed]):
    """`Feeds` over one collection."""

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        """`collection` writes with majority and journal."""
        super().__init__(collection, kind="calendar", state_type=Feed, announce=unannounced)

    def prepare(self) -> None:
        """Create the indexes of reading."""
        super().prepare()
        with storage_errors():
            self.collection.create_index(HOLDER)
            self.collection.create_index(
                TOKEN, name="tokens", unique=True, partialFilterExpression={TOKEN: {"$gt": ""}}
            )

    def by_token(self, token_sha256: str) -> Feed | None:
        """Return the feed that a token reads."""
        with storage_errors():
            held = self.collection.find_one({TOKEN: token_sha256})
        return None if held is None else self.stored(held).state

    def of_holder(self, holder: str, *, limit: int) -> list[Stored[Feed]]:
        """Return what somebody holds."""
        with storage_errors():
            return [
                self.stored(each) for each in self.collection.find({HOLDER: holder}, limit=limit)
            ]
