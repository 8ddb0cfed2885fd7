"""Reads over the mass ledger, by aggregation over all journals' postings, in whole grams."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from services.tracking.domain.container import Container
from services.tracking.domain.journal import Journal
from services.tracking.domain.stock import StockMovement
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

Stages = list[dict[str, Any]]
BALANCES_MAX = 10_000
QUARANTINE_MAX = 1_000
POSTINGS: Stages = [{"$unwind": "$state.entries"}, {"$unwind": "$state.entries.postings"}]


class MongoRegistry:
    """`Registry` over the containers' collection."""

    def __init__(self, containers: MongoAggregates[Container]) -> None:
        """Reads what `containers` writes."""
        self._containers = containers

    def by_tags(self, tags: Iterable[str]) -> Mapping[str, Container]:
        """Return those that are registered."""
        found = self._containers.get_many(tags)
        return {tag: stored.state for tag, stored in found.items()}


class MongoMass:
    """Balances, content, quarantine and the facts of the report."""

    def __init__(
        self, journals: MongoAggregates[Journal], stock_movements: MongoAggregates[StockMovement]
    ) -> None:
        """Reads the collections that both write."""
        self._journals = journals.collection
        self._stock = stock_movements.collection

    def prepare(self) -> None:
        """Create the indexes of content and quarantine."""
        with storage_errors():
            self._journals.create_index("state.entries.postings.account")
            self._journals.create_index("state.weighed.lots.misfit", sparse=True)
            self._journals.create_index("state.weighed.lots.container_tag", sparse=True)

    def balances(self, prefix: str) -> list[dict[str, Any]]:
        """Return the grams of each account under a prefix, by material; zero ones are left out."""
        begins = {"$regex": f"^{re.escape(prefix)}"}
        stages: Stages = [
            {"$match": {"state.entries.postings.account": begins}},
            *POSTINGS,
            {"$match": {"state.entries.postings.account": begins}},
            {"$group": {"_id": _KEY, "mass_g": {"$sum": "$state.entries.postings.amount"}}},
            {"$match": {"mass_g": {"$ne": 0}}},
            {"$sort": {"_id": 1}},
            {"$limit": BALANCES_MAX},
        ]
        return [{**each["_id"], "mass_g": int(each["mass_g"])} for each in self._read(stages)]

    def content_g(self, tag: str) -> int:
        """Return the grams that lie in a container, wherever it is."""
        inside = {"$regex": f"/container/{re.escape(tag)}$"}
        stages: Stages = [
            {"$match": {"state.weighed.lots.container_tag": tag}},
            *POSTINGS,
            {"$match": {"state.entries.postings.account": inside}},
            {"$group": {"_id": None, "mass_g": {"$sum": "$state.entries.postings.amount"}}},
        ]
        return sum(int(each["mass_g"]) for each in self._read(stages))

    def quarantine(self) -> list[dict[str, Any]]:
        """Return the lots in quarantine, each a task for a person."""
        wanted = {"$ne": None, "$exists": True}
        stages: Stages = [
            {"$match": {"state.weighed.lots.misfit": {"$type": "string"}}},
            {"$unwind": "$state.weighed.lots"},
            {"$match": {"state.weighed.lots.misfit": wanted}},
            {"$limit": QUARANTINE_MAX},
        ]
        return [
            {
                "pickup_id": each["_id"],
                "lot_id": each["state"]["weighed"]["lots"]["lot_id"],
                "material": each["state"]["weighed"]["lots"]["material"],
                "mass_g": each["state"]["weighed"]["lots"]["mass_g"],
                "container_tag": each["state"]["weighed"]["lots"]["container_tag"],
                "reason": each["state"]["weighed"]["lots"]["misfit"],
            }
            for each in self._read(stages)
        ]

    def facts(self) -> dict[str, Any]:
        """Return where all grams are, by material, and how many lots are contained or apart."""
        by_material: dict[str, dict[str, int]] = {}
        ledger_sum = 0
        stock: Stages = [{"$unionWith": {"coll": self._stock.name, "pipeline": POSTINGS}}]
        for each in self._read([*POSTINGS, *stock, _BY_KIND]):
            mass_g = int(each["mass_g"])
            ledger_sum += mass_g
            held = by_material.setdefault(each["_id"]["material"], _no_grams())
            term = _TERM_OF_KIND[each["_id"]["kind"]]
            held[term] += -mass_g if term == "collected" else mass_g
        lots = {each["_id"]: int(each["count"]) for each in self._read(_HAZARDOUS)}
        weighed = {"state.weighed": {"$ne": None}}
        with storage_errors():
            journals = self._journals.count_documents(weighed)
        return {
            "by_material": by_material,
            "ledger_sum_g": ledger_sum,
            "journals": journals,
            "contained_lots": lots.get("contained", 0),
            "quarantined_lots": lots.get("quarantined", 0),
        }

    def _read(self, stages: Stages) -> list[dict[str, Any]]:
        with storage_errors():
            return list(self._journals.aggregate(stages))


def _no_grams() -> dict[str, int]:
    return dict.fromkeys((*_TERM_OF_KIND.values(), "returned"), 0)


_ACCOUNT = "$state.entries.postings.account"
_KEY = {"account": _ACCOUNT, "material": "$state.entries.postings.unit.kind"}
_TERM_OF_KIND = {
    "household": "collected",
    "vehicle": "in_transit",
    "place": "in_stock",
    "quarantine": "quarantine",
    "delivered": "delivered",
    "difference": "difference",
    "processing": "processed",
}
_KIND = {"$arrayElemAt": [{"$split": [_ACCOUNT, "/"]}, 0]}
_BY_KIND = {
    "$group": {
        "_id": {"material": "$state.entries.postings.unit.kind", "kind": _KIND},
        "mass_g": {"$sum": "$state.entries.postings.amount"},
    }
}
_HAZARDOUS: Stages = [
    {"$unwind": "$state.weighed.lots"},
    {"$match": {"state.weighed.lots.hazardous": True}},
    {
        "$group": {
            "_id": {
                "$cond": [
                    {"$eq": ["$state.weighed.lots.misfit", None]},
                    "contained",
                    "quarantined",
                ]
            },
            "count": {"$sum": 1},
        }
    },
]
