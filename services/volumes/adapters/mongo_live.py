"""The live tile's copy in MongoDB, for the API, and the figures that the report reads."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from pymongo.collection import Collection

from shared.messaging.mongo_client import storage_errors

Documents = Collection[dict[str, Any]]
# Upper bounds in milliseconds; the last bucket is open.
BUCKETS_MS = (50, 100, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000, 30_000, 120_000)


class MongoLive:
    """One document a legal day."""

    def __init__(self, tiles: Documents) -> None:
        """Tiles are for people: an old or lost one does no harm."""
        self._tiles = tiles

    def keep(self, day: date, mass_g: Mapping[str, int]) -> None:
        """Replace the day's tile."""
        tile = {"mass_g": dict(mass_g), "at": datetime.now(UTC)}
        with storage_errors():
            self._tiles.replace_one({"_id": day.isoformat()}, tile, upsert=True)

    def of(self, day: date) -> tuple[dict[str, int], datetime | None]:
        """Return the day's grams by community, and when that was."""
        with storage_errors():
            held = self._tiles.find_one({"_id": day.isoformat()})
        return (held["mass_g"], held["at"]) if held else ({}, None)


class MongoLatency:
    """A histogram of how old events were when they came into the rows; counts may repeat."""

    def __init__(self, collection: Documents) -> None:
        """One document."""
        self._collection = collection

    def observe(self, ages_s: Sequence[float]) -> None:
        """Add ages in seconds."""
        counts: dict[str, int] = {}
        for age_s in ages_s:
            place = f"b{bisect_left(BUCKETS_MS, age_s * 1000)}"
            counts[place] = counts.get(place, 0) + 1
        if counts:
            with storage_errors():
                self._collection.update_one(
                    {"_id": "weighed-to-volume"}, {"$inc": counts}, upsert=True
                )

    def percentile_s(self, share: float) -> float:
        """Return the upper bound of the bucket that the share falls into; 0 of nothing."""
        with storage_errors():
            held = self._collection.find_one({"_id": "weighed-to-volume"}) or {}
        counts = [int(held.get(f"b{place}", 0)) for place in range(len(BUCKETS_MS) + 1)]
        wanted = share * sum(counts)
        seen = 0
        for place, count in enumerate(counts):
            seen += count
            if count and seen >= wanted:
                return BUCKETS_MS[min(place, len(BUCKETS_MS) - 1)] / 1000
        return 0.0
