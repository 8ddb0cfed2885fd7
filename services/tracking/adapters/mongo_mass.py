"""Reads over the mass ledger, by aggregation over all entries' postings, in whole grams.

Entries are in several collections: those of pickups in their journals, what people do at places,
and containers' moves, seals and losses.
"""

from collections.abc import Sequence
from typing import Any

from pymongo.collection import Collection

from services.tracking.domain.journal import Journal
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

Stages = list[dict[str, Any]]


class MongoMass:
    """Content of containers and the facts of the report."""

    def __init__(
        self,
        journals: MongoAggregates[Journal],
        others: Sequence[Collection[dict[str, Any]]],
    ) -> None:
        """Reads journals, and the other collections of the ledger."""
        self._journals = journals.collection
        self._others = tuple(others)

    def in_containers_g(self) -> dict[str, int]:
        """Return what lies in containers by the ledger, by material."""
        stages: Stages = [
            *self._postings({"$regex": "/container/"}),
            {"$group": {"_id": "$posting.unit.kind", "mass_g": {"$sum": "$posting.amount"}}},
        ]
        found = self._read(stages)
        return {each["_id"]: int(each["mass_g"]) for each in found if each["mass_g"]}

    def facts(self) -> dict[str, Any]:
        """Return where all grams are, by material, and how many lots are contained or apart."""
        by_material: dict[str, dict[str, int]] = {}
        ledger_sum = 0
        for each in self._read([*self._postings(None), _BY_KIND]):
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

    def _postings(self, account: dict[str, Any] | None) -> Stages:
        """Return the stages that give each posting of all collections as `posting`."""
        unwound = _unwound(account)
        unions = [{"$unionWith": {"coll": each.name, "pipeline": unwound}} for each in self._others]
        return [*unwound, *unions]

    def _read(self, stages: Stages) -> list[dict[str, Any]]:
        with storage_errors():
            return list(self._journals.aggregate(stages))


def _unwound(account: dict[str, Any] | None) -> Stages:
    inside = {"state.entries.postings.account": account} if account is not None else {}
    stages: Stages = [
        {"$match": inside},
        {"$unwind": "$state.entries"},
        {"$unwind": "$state.entries.postings"},
        {"$project": {"_id": 0, "posting": "$state.entries.postings"}},
    ]
    return [*stages, {"$match": {"posting.account": account}}] if account is not None else stages


def _no_grams() -> dict[str, int]:
    return dict.fromkeys((*_TERM_OF_KIND.values(), "returned"), 0)


_ACCOUNT = "$posting.account"
_TERM_OF_KIND = {
    "household": "collected",
    "vehicle": "in_transit",
    "place": "in_stock",
    "quarantine": "quarantine",
    "consignment": "in_transit",
    "party": "delivered",
    "delivered": "delivered",
    "difference": "difference",
    "processing": "processed",
    "loss": "loss",
}
_KIND = {"$arrayElemAt": [{"$split": [_ACCOUNT, "/"]}, 0]}
_BY_KIND = {
    "$group": {
        "_id": {"material": "$posting.unit.kind", "kind": _KIND},
        "mass_g": {"$sum": "$posting.amount"},
    }
}
_LOT = "$state.weighed.lots"
_APART = {"case": {"$ne": [f"{_LOT}.misfit", None]}, "then": "quarantined"}
_INSIDE = {"case": {"$ne": [{"$ifNull": [f"{_LOT}.inside", None]}, None]}, "then": "contained"}
_HAZARDOUS: Stages = [
    {"$unwind": _LOT},
    {"$match": {"state.weighed.lots.hazardous": True}},
    {
        "$group": {
            "_id": {"$switch": {"branches": [_APART, _INSIDE], "default": "placed"}},
            "count": {"$sum": 1},
        }
    },
]
