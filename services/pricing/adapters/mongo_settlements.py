"""Reads over settlements, and the ledger's sums by aggregation over its entries."""

from collections.abc import Mapping
from typing import Any

from services.pricing.domain.settlement import Settlement
from shared.kernel.aggregate import Stored
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

TOTALS = {
    "_id": None,
    "settlements": {"$sum": 1},
    "settled_fen": {"$sum": "$state.amount_fen"},
    "paid_fen": {"$sum": "$state.paid_fen"},
    "reversed_fen": {"$sum": "$state.reversed_fen"},
    "unpriced": {"$sum": {"$cond": [{"$eq": ["$state.waiting", []]}, 0, 1]}},
}

SETTLED = ("revision", "amount_fen", "reversed_fen", "price_list_id", "lines", "waiting")


def settled_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a settlement weigh-ins and prices decide, and payouts do not."""
    return {name: document["state"][name] for name in SETTLED}


class MongoSettlementSearch:
    """`SettlementSearch`, accounts, and the facts of the report."""

    def __init__(self, settlements: MongoAggregates[Settlement]) -> None:
        """Reads the collection that `settlements` writes."""
        self._aggregates = settlements
        self._settlements = settlements.collection

    def prepare(self) -> None:
        """Create the indexes of accounts and of what waits for a price."""
        with storage_errors():
            self._settlements.create_index("state.account_id")
            self._settlements.create_index(
                "state.waiting.weigh_in_id",
                partialFilterExpression={"state.waiting.weigh_in_id": {"$exists": True}},
            )

    def unpriced(self, *, after_id: str, limit: int) -> list[Stored[Settlement]]:
        """Return a page of what waits for a price."""
        waiting = {"state.waiting.weigh_in_id": {"$exists": True, "$gt": after_id}}
        with storage_errors():
            found = self._settlements.find(
                waiting, sort=[("state.waiting.weigh_in_id", 1)], limit=limit
            )
            return [self._aggregates.stored(document) for document in found]

    def account(self, account_id: str) -> dict[str, int]:
        """Return an account's settled, paid and pending fen."""
        stages: list[dict[str, Any]] = [
            {"$match": {"state.account_id": account_id}},
            {"$group": TOTALS},
        ]
        totals = self._totals(stages)
        pending_fen = totals["settled_fen"] - totals["paid_fen"]
        return {
            "settled_fen": totals["settled_fen"],
            "paid_fen": totals["paid_fen"],
            "pending_fen": pending_fen,
        }

    def facts(self) -> dict[str, int]:
        """Return the sums of all settlements; `pending_fen` is what the ledger's accounts say."""
        totals = self._totals([{"$group": TOTALS}])
        balances = self._balances()
        payable_fen = -sum(b for name, b in balances.items() if name == "payable")
        return {
            **totals,
            "pending_fen": payable_fen,
            "ledger_sum_fen": sum(balances.values()),
        }

    def _totals(self, stages: list[dict[str, Any]]) -> dict[str, int]:
        with storage_errors():
            found = next(iter(self._settlements.aggregate(stages)), {})
        return {name: int(found.get(name, 0)) for name in TOTALS if name != "_id"}

    def _balances(self) -> dict[str, int]:
        """Sum all postings by kind of account: purchases, payable, bank."""
        kind = {"$arrayElemAt": [{"$split": ["$state.entries.postings.account", "/"]}, 0]}
        stages: list[dict[str, Any]] = [
            {"$unwind": "$state.entries"},
            {"$unwind": "$state.entries.postings"},
            {"$group": {"_id": kind, "sum": {"$sum": "$state.entries.postings.amount"}}},
        ]
        with storage_errors():
            return {each["_id"]: int(each["sum"]) for each in self._settlements.aggregate(stages)}
