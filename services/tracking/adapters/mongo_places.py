"""Who operates places, in MongoDB: read for many at once."""

from collections.abc import Collection, Mapping
from typing import Any

from pymongo.collection import Collection as Documents

from shared.messaging.mongo_client import storage_errors

OPERATOR = "state.operating_party_id"


class MongoOperators:
    """`Operators` over the collection of places."""

    def __init__(self, places: Documents[dict[str, Any]]) -> None:
        """Reads only."""
        self._places = places

    def operators(self, place_ids: Collection[str]) -> Mapping[str, str]:
        """Return the operating parties of those places of which somebody said it."""
        if not place_ids:
            return {}
        said = {"_id": {"$in": sorted(place_ids)}, OPERATOR: {"$type": "string"}}
        with storage_errors():
            found = self._places.find(said, {OPERATOR: 1})
            return {each["_id"]: each["state"]["operating_party_id"] for each in found}
