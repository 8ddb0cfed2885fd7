"""What persons prefer, in MongoDB, by their opaque ids: it names nobody."""

from typing import Any

from pymongo.collection import Collection

from services.collection.adapters.mongo_rules import unannounced
from services.collection.domain.preferences import Preferences
from shared.kernel.aggregate import Request, Stored, put
from shared.kernel.errors import NotFound
from shared.messaging.mongo_aggregates import MongoAggregates


class MongoPreferences(MongoAggregates[Preferences]):
    """`PreferencesBook` over one collection."""

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        """`collection` writes with majority and journal."""
        super().__init__(
            collection, kind="preferences", state_type=Preferences, announce=unannounced
        )

    def of(self, recipient: str) -> Preferences:
        """Return what a person asked for; who never said has the defaults."""
        try:
            return self.get(recipient).state
        except NotFound:
            return Preferences()

    def tell(
        self, recipient: str, preferences: Preferences, *, request: Request[Preferences]
    ) -> Stored[Preferences]:
        """Keep what a person asks for."""
        return put(self, recipient, preferences, request=request)
