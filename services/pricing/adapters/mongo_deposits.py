"""Reads over deposits on crates, and the sums of their entries."""

from typing import Any

from services.pricing.domain.deposit import Deposit
from shared.kernel.aggregate import Stored
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

TYPES_MAX = 1_000


class MongoDeposits:
    """Deposits of a party, and the facts of the books."""

    def __init__(self, deposits: MongoAggregates[Deposit]) -> None:
        """Reads the collection that `deposits` writes."""
        self._aggregates = deposits
        self._deposits = deposits.collection

    def prepare(self) -> None:
        """Create the index of parties."""
        with storage_errors():
            self._deposits.create_index("state.party_id", name="of_party")

    def of_party(self, party_id: str) -> list[Stored[Deposit]]:
        """Return a party's deposits, by type."""
        where = {"state.party_id": party_id}
        with storage_errors():
            found = self._deposits.find(where, sort=[("state.crate_type", 1)], limit=TYPES_MAX)
            return [self._aggregates.stored(each) for each in found]

    def facts(self) -> dict[str, int]:
        """Return what is held and forfeited as documents and as the ledger say, and its sum."""
        with storage_errors():
            documents = list(self._deposits.aggregate([_TOTALS]))
            ledger = list(self._deposits.aggregate(_LEDGER))
        held = documents[0] if documents else {"held_fen": 0, "forfeited_fen": 0}
        sums = {each["_id"]: int(each["amount_fen"]) for each in ledger}
        return {
            "deposits_held_fen": int(held["held_fen"]),
            "deposits_forfeited_fen": int(held["forfeited_fen"]),
            "deposits_held_in_ledger_fen": -sums.get("deposits", 0),
            "deposits_forfeited_in_ledger_fen": -sums.get("forfeited", 0),
            "deposits_ledger_sum_fen": sum(sums.values()),
        }


_TOTALS = {
    "$group": {
        "_id": None,
        "held_fen": {"$sum": "$state.held_fen"},
        "forfeited_fen": {"$sum": "$state.forfeited_fen"},
    }
}
_POSTING = "$state.entries.postings"
_KIND = {"$arrayElemAt": [{"$split": [f"{_POSTING}.account", "/"]}, 0]}
_LEDGER: list[dict[str, Any]] = [
    {"$unwind": "$state.entries"},
    {"$unwind": _POSTING},
    {"$group": {"_id": _KIND, "amount_fen": {"$sum": f"{_POSTING}.amount"}}},
]
