"""Who operates places, and which are central stores, in MongoDB: read for many at once."""

from collections.abc import Collection, Mapping
from typing import Any

from pymongo.collection import Collection as Documents

from shared.messaging.mongo_client import storage_errors

OPERATOR = "state.operating_party_id"
CENTRAL = {"state.is_central_store": True}


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

    def central_stores(self, place_ids: Collection[str]) -> frozenset[str]:
        """Return those of the places that are designated central stores."""
        if not place_ids:
            return frozenset()
        flagged = {"_id": {"$in": sorted(place_ids)}, **CENTRAL}
        with storage_errors():
            return frozenset(each["_id"] for each in self._places.find(flagged, {"_id": 1}))
