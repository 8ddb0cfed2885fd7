"""The price book over MongoDB: lists are few, so that they are held in memory, a second old."""

import threading
import time
from datetime import datetime

from services.pricing.domain.price_book import PriceList, choose
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

OLD_AFTER_S = 1.0
LISTS_MAX = 5_000


class MongoPriceBook:
    """`PriceBook` over the collection of lists."""

    def __init__(self, lists: MongoAggregates[PriceList]) -> None:
        """Nothing is read before the first question."""
        self._lists = lists
        self._lock = threading.Lock()
        self._held: list[PriceList] = []
        self._read_at_s = float("-inf")

    def for_community(self, community_code: str, at: datetime) -> PriceList | None:
        """Choose among what was read at most a second ago; look again before saying none."""
        found = choose(self._recent(), community_code, at)
        return found or choose(self._fresh(), community_code, at)

    def at(self, area_code: str, at: datetime) -> PriceList | None:
        """Return the list that holds for an area at an instant."""
        return choose(self._fresh(), area_code, at)

    def _recent(self) -> list[PriceList]:
        if time.monotonic() - self._read_at_s > OLD_AFTER_S:
            return self._fresh()
        return self._held

    def _fresh(self) -> list[PriceList]:
        with self._lock, storage_errors():
            found = self._lists.collection.find({}, limit=LISTS_MAX)
            self._held = [self._lists.stored(document).state for document in found]
            self._read_at_s = time.monotonic()
            return self._held
