"""The copy of the price lists in MongoDB. Which are valid is held in memory, a few seconds old."""

from collections.abc import Sequence
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import Any

from pymongo.collection import Collection

from services.collection.adapters.mongo_rules import unannounced
from services.collection.domain.estimate import PriceList, choose
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

FRESH_FOR_S = 3.0
LISTS_MAX = 5_000
KEPT_MAX = 500


class MongoPriceLists(MongoAggregates[PriceList]):
    """`PriceBook` over the collection that the reaction writes."""

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        """Nothing is read before the first question."""
        super().__init__(collection, kind="price_list", state_type=PriceList, announce=unannounced)
        self._lock = Lock()
        self._read_at_s = float("-inf")
        self._heads: Sequence[tuple[PriceList, int]] = ()
        self._kept: dict[tuple[str, int], PriceList] = {}

    def for_community(self, community_code: str, at: datetime) -> PriceList | None:
        """Return the list of the smallest area that covers a community at an instant."""
        with self._lock:
            if monotonic() - self._read_at_s > FRESH_FOR_S:
                self._heads, self._read_at_s = self._read_heads(), monotonic()
            heads = self._heads
        chosen = choose((head for head, _ in heads), community_code, at)
        if chosen is None:
            return None
        return self._whole(chosen, {head.price_list_id: version for head, version in heads})

    def _whole(self, head: PriceList, versions: dict[str, int]) -> PriceList:
        key = (head.price_list_id, versions[head.price_list_id])
        with self._lock:
            kept = self._kept.get(key)
        if kept is None:
            kept = self.get(head.price_list_id).state
            with self._lock:
                if len(self._kept) >= KEPT_MAX:
                    self._kept.clear()
                self._kept[key] = kept
        return kept

    def _read_heads(self) -> list[tuple[PriceList, int]]:
        """Read all lists without their lines: which one is valid is asked of all of them."""
        with storage_errors():
            found = self.collection.find({}, {"state.lines": 0}, limit=LISTS_MAX)
            return [(_head(held["state"]), held["version"]) for held in found]


def _head(state: dict[str, Any]) -> PriceList:
    return PriceList(
        price_list_id=state["price_list_id"],
        area_code=state["area_code"],
        valid_from=state["valid_from"],
        valid_to=state["valid_to"],
        lines=(),
    )
