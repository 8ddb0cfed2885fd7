"""What became of all manifests that have a number: counts, and where each of their grams is.

declared = accepted + refused + returned + difference + lost + given up + open, in grams: of a
load that was received the last reception decides, `difference` is declared less received, signed.
"""

from typing import Any

from pymongo.collection import Collection

from services.tracking.domain.consignment_states import State
from shared.messaging.mongo_client import storage_errors

Stages = list[dict[str, Any]]
COUNTS = ("numbered", "partly_refused", "refused", "children", "untold")
GRAMS = ("accepted_g", "refused_g", "returned_g", "difference_g", "lost_g", "given_up_g", "open_g")
GIVEN_UP = (State.CANCELLED, State.VOID)


class MongoManifestBooks:
    """Facts of the books, by aggregation over all consignments."""

    def __init__(self, consignments: Collection[dict[str, Any]]) -> None:
        """Reads the collection of consignments."""
        self._consignments = consignments

    def facts(self) -> dict[str, int]:
        """Return the counts and sums of manifests, and the grams that children declare."""
        with storage_errors():
            found = list(self._consignments.aggregate(_BY_STATE))
        facts = dict.fromkeys((*COUNTS, "declared_g", *GRAMS, "child_declared_g"), 0)
        facts["refused_declared_g"] = 0
        for each in found:
            for name in (*COUNTS, "declared_g", "child_declared_g", "refused_declared_g"):
                facts[name] += int(each[name])
            for name, mass_g in _placed(State(each["_id"]), each).items():
                facts[name] += mass_g
        return facts


def _placed(state: State, sums: dict[str, Any]) -> dict[str, int]:
    """Return where the declared grams of all manifests in a state are."""
    declared_g = int(sums["declared_g"])
    accepted_g, refused_g = int(sums["last_accepted_g"]), int(sums["last_refused_g"])
    if state is State.RECEIVED:
        difference_g = declared_g - accepted_g - refused_g
        return {"accepted_g": accepted_g, "refused_g": refused_g, "difference_g": difference_g}
    if state is State.RETURNED:
        return {"returned_g": accepted_g, "difference_g": declared_g - accepted_g}
    if state is State.LOST:
        return {"lost_g": declared_g}
    return {"given_up_g" if state in GIVEN_UP else "open_g": declared_g}


def _one(condition: Any) -> dict[str, Any]:  # noqa: ANN401 - an expression of MongoDB
    return {"$cond": [condition, 1, 0]}


def _received(verdicts: str, *, accepted: bool) -> dict[str, Any]:
    """Return the expression that sums the grams of the accepted, or of the refused, verdicts."""
    wanted = {"$filter": {"input": verdicts, "cond": {"$eq": ["$$this.accepted", accepted]}}}
    return {"$sum": {"$map": {"input": wanted, "in": "$$this.received_g"}}}


def _some(verdicts: str, *, accepted: bool) -> dict[str, Any]:
    """Return the expression that says whether any verdict is so."""
    return {"$in": [accepted, {"$ifNull": [f"{verdicts}.accepted", []]}]}


_CONTAINERS = "$state.manifest.containers"
_LAST = "$last.verdicts"
_REFUSED = {"$filter": {"input": _LAST, "cond": {"$eq": ["$$this.accepted", False]}}}
_REFUSED_TAGS = {"$ifNull": [{"$map": {"input": _REFUSED, "in": "$$this.tag"}}, []]}
_REFUSED_DECLARED = {
    "$sum": {
        "$map": {
            "input": {
                "$filter": {
                    "input": _CONTAINERS,
                    "as": "item",
                    "cond": {"$in": ["$$item.tag", "$refused_tags"]},
                }
            },
            "in": "$$this.net_g",
        }
    }
}
_PARTLY = {"$and": [_some(_LAST, accepted=True), _some(_LAST, accepted=False)]}
_WHOLE = {
    "$anyElementTrue": [
        {
            "$map": {
                "input": "$state.receptions",
                "in": {"$not": [{"$in": [True, "$$this.verdicts.accepted"]}]},
            }
        }
    ]
}
_IS_CHILD = {"$ne": [{"$ifNull": ["$state.parent", None]}, None]}
_BY_STATE: Stages = [
    {"$match": {"state.number": {"$type": "string"}}},
    {"$set": {"last": {"$last": "$state.receptions"}}},
    {"$set": {"declared_g": {"$sum": f"{_CONTAINERS}.net_g"}, "refused_tags": _REFUSED_TAGS}},
    {"$set": {"partly": _PARTLY, "is_child": _IS_CHILD}},
    {
        "$group": {
            "_id": "$state.state",
            "numbered": {"$sum": 1},
            "partly_refused": {"$sum": _one("$partly")},
            "refused": {"$sum": _one(_WHOLE)},
            "children": {"$sum": _one("$is_child")},
            "untold": {"$sum": _one("$state.registration.pending")},
            "declared_g": {"$sum": "$declared_g"},
            "child_declared_g": {"$sum": {"$cond": ["$is_child", "$declared_g", 0]}},
            "refused_declared_g": {"$sum": {"$cond": ["$partly", _REFUSED_DECLARED, 0]}},
            "last_accepted_g": {"$sum": _received(_LAST, accepted=True)},
            "last_refused_g": {"$sum": _received(_LAST, accepted=False)},
        }
    },
]
