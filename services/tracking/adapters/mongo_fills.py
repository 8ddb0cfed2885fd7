"""The archive of fills: written once, before their container forgets them."""

from datetime import datetime
from typing import Any

import msgspec
from pymongo.collection import Collection

from services.tracking.domain.fill import Fill, fill_id
from shared.messaging.mongo_client import storage_errors


class MongoFills:
    """`Archive` in a collection of its own."""

    def __init__(self, fills: Collection[dict[str, Any]]) -> None:
        """Holds one document a fill."""
        self._fills = fills

    def prepare(self) -> None:
        """Create the index by which a source's fill is found."""
        with storage_errors():
            self._fills.create_index([("tag", 1), ("sources", 1), ("state.fill", -1)])

    def keep(self, fill: Fill) -> None:
        """Keep a fill; a repeat changes nothing."""
        document = {
            "tag": fill.tag,
            "sources": [each.source_id for each in fill.deposits if each.shares],
            "state": msgspec.to_builtins(fill, builtin_types=(datetime,)),
        }
        with storage_errors():
            self._fills.update_one(
                {"_id": fill_id(fill.tag, fill.fill)}, {"$setOnInsert": document}, upsert=True
            )

    def fill_with(self, tag: str, source_id: str) -> Fill | None:
        """Return the latest past fill that grams of a source lay in."""
        with storage_errors():
            found = self._fills.find_one(
                {"tag": tag, "sources": source_id}, sort=[("state.fill", -1)]
            )
        return _fill(found)

    def get(self, tag: str, fill: int) -> Fill | None:
        """Return a past fill."""
        with storage_errors():
            return _fill(self._fills.find_one({"_id": fill_id(tag, fill)}))


def _fill(document: dict[str, Any] | None) -> Fill | None:
    if document is None:
        return None
    return msgspec.convert(document["state"], Fill, builtin_types=(datetime,))
