"""Whose households are whose, as drives ask it."""

from typing import Any

from pymongo.collection import Collection

from services.collection.application.ports import Households
from shared.kernel.errors import NotFound
from shared.messaging.mongo_client import storage_errors

HOMES_MAX = 100


class OwnedHomes:
    """`Homes` over registered households: each has one owner."""

    def __init__(self, households: Households, collection: Collection[dict[str, Any]]) -> None:
        """`collection` is what `households` writes."""
        self._households = households
        self._collection = collection

    def prepare(self) -> None:
        """Create the index of a caller's households."""
        with storage_errors():
            self._collection.create_index("state.owner")

    def check(self, household_id: str, caller: str | None) -> None:
        """Raise `NotFound` where it is not the caller's."""
        household = self._households.get(household_id).state
        if caller not in (None, household.owner):
            raise NotFound("household.not_found", "there is no such thing")

    def of(self, caller: str) -> list[str]:
        """Return the caller's households."""
        with storage_errors():
            found = self._collection.find({"state.owner": caller}, {"_id": 1}, limit=HOMES_MAX)
            return [each["_id"] for each in found]
