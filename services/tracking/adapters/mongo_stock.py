"""StockMovements in MongoDB: the stock that they are judged by, and their lists."""

from collections import Counter
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING

from services.tracking.domain.stock import StockMovement, place
from shared.kernel.aggregate import Stored
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors
from shared.posting.balances import Balances


class PostedStock:
    """`Stock` over the rows of balances: as of the last posting, a second ago."""

    def __init__(self, balances: Balances) -> None:
        """Reads only."""
        self._balances = balances

    def held(self, place_id: str, *, at: datetime) -> Counter[str]:
        """Return the grams at a place at an instant of business time, by material."""
        found = self._balances.at(at, place(place_id))
        return Counter({each.kind: each.amount for each in found})


class MongoStockSearch:
    """Lists of movements: newest first."""

    def __init__(self, movements: MongoAggregates[StockMovement]) -> None:
        """Reads what `movements` writes."""
        self._movements = movements

    def prepare(self) -> None:
        """Create the index of a place's movements."""
        keys = [
            ("state.act.place_id", ASCENDING),
            ("state.act.happened_at", DESCENDING),
            ("_id", DESCENDING),
        ]
        with storage_errors():
            self._movements.collection.create_index(keys, name="of_place")

    def of_place(
        self, place_id: str, *, before: tuple[datetime, str] | None, limit: int
    ) -> list[Stored[StockMovement]]:
        """Return a place's movements, newest first, those before (happened at, id)."""
        where: dict[str, Any] = {"state.act.place_id": place_id}
        if before is not None:
            at, movement_id = before
            where["$or"] = [
                {"state.act.happened_at": {"$lt": at}},
                {"state.act.happened_at": at, "_id": {"$lt": movement_id}},
            ]
        order = [("state.act.happened_at", DESCENDING), ("_id", DESCENDING)]
        with storage_errors():
            found = self._movements.collection.find(where, sort=order, limit=limit)
            return [self._movements.stored(each) for each in found]
