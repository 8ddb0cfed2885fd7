"""What licences, plan lines and approvals still allow, in MongoDB: one document an allowance.

A reservation is one update filtered on what is left: used + held + wanted is within the limit. What
was settled is remembered for longer than any request lives, so that a late repeat settles nothing
twice.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import UpdateOne
from pymongo.collection import Collection as MongoCollection

from services.tracking.domain.consignment_claims import Claim, Kind
from shared.kernel.errors import Conflict
from shared.messaging.mongo_client import storage_errors
from shared.messaging.mongo_updates import Updates

Document = dict[str, Any]
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
SETTLED_KEPT = timedelta(days=8)
HELD_G = {"$sum": "$holds.mass_g"}
SWEEP_AT = {"$ifNull": [{"$min": "$holds.expires_at"}, NEVER]}


class MongoGrams:
    """`GramsPool` over the collection `allowances`; the key begins with licence, plan, approval."""

    def __init__(self, collection: MongoCollection[Document]) -> None:
        """`collection` writes with majority and journal."""
        self._allowances = collection
        self._updates = Updates(collection)

    def prepare(self) -> None:
        """Create the index of sweeping."""
        with storage_errors():
            self._allowances.create_index("sweep_at")

    def hold(self, claim: Claim, *, until: datetime) -> None:
        """Reserve; raise `Conflict` (licence.exhausted, plan.exhausted, approval.exhausted)."""
        if self._held(claim, until):
            return
        fresh = {"used_g": 0, "held_g": 0, "holds": [], "settled": [], "sweep_at": NEVER}
        with storage_errors():
            self._allowances.update_one({"_id": claim.key}, {"$setOnInsert": fresh}, upsert=True)
        if self._held(claim, until):
            return
        with storage_errors():
            known = self._allowances.find_one(_with(claim), {"_id": 1})
        if known is None:
            code = f"{claim.key.partition('/')[0]}.exhausted"
            raise Conflict(code, "fewer grams are left than this needs")

    def hold_all(self, claims: Sequence[Claim], *, until: datetime) -> bool:
        """Reserve several in one write; False where some may not fit, or were held already."""
        with storage_errors():
            return self._updates.all_made([UpdateOne(*_reserving(c, until)) for c in claims])

    def keep(self, claims: Collection[Claim]) -> None:
        """Take the expiry away."""
        for claim in claims:
            kept = {"$mergeObjects": ["$$this", {"expires_at": None}]}
            is_it = {"$eq": ["$$this.hold_id", {"$literal": claim.hold_id}]}
            holds = {"$map": {"input": "$holds", "in": {"$cond": [is_it, kept, "$$this"]}}}
            self._change(claim, [{"$set": {"holds": holds}}, {"$set": {"sweep_at": SWEEP_AT}}])

    def free(self, claim: Claim, *, reason: str) -> None:  # noqa: ARG002 - grams are just free
        """Give up."""
        self._change(claim, [{"$set": {"holds": _others(claim)}}, _SUMS])

    def settle(self, claim: Claim, mass_g: int) -> None:
        """Turn reserved grams into used ones."""
        now = datetime.now(UTC)
        recent = {
            "$filter": {"input": "$settled", "cond": {"$gt": ["$$this.at", now - SETTLED_KEPT]}}
        }
        settled = {"hold_id": {"$literal": claim.hold_id}, "at": now}
        changed = {
            "holds": _others(claim),
            "used_g": {"$add": ["$used_g", mass_g]},
            "settled": {"$concatArrays": [recent, [settled]]},
        }
        self._change(claim, [{"$set": changed}, _SUMS])

    def holder(self, claim: Claim) -> Claim | None:  # noqa: ARG002 - grams are nobody's alone
        """Return None: nobody is in the way, there is just not enough left."""
        return None

    def expired(self, now: datetime, *, limit: int) -> Sequence[Claim]:
        """Return claims past their time."""
        with storage_errors():
            found = list(self._allowances.find({"sweep_at": {"$lte": now}}, limit=limit))
        return [
            Claim(Kind.GRAMS, each["_id"], hold["hold_id"], hold["mass_g"])
            for each in found
            for hold in each["holds"]
            if hold["expires_at"] is not None and hold["expires_at"] <= now
        ][:limit]

    def left(self, key: str) -> dict[str, int]:
        """Return the used and held grams of an allowance."""
        with storage_errors():
            found = self._allowances.find_one({"_id": key}) or {}
        return {"used_g": found.get("used_g", 0), "held_g": found.get("held_g", 0)}

    def _held(self, claim: Claim, until: datetime) -> bool:
        """Reserve where that fits; False where it does not, or where it is held already."""
        with storage_errors():
            return self._allowances.update_one(*_reserving(claim, until)).modified_count == 1

    def _change(self, claim: Claim, stages: list[Document]) -> None:
        """Change the allowance where it has this hold; else nothing happens."""
        with storage_errors():
            self._allowances.update_one({"_id": claim.key, "holds.hold_id": claim.hold_id}, stages)


def _reserving(claim: Claim, until: datetime) -> tuple[Document, Document]:
    """Return the filter and the update that reserve, where it fits and is not held already."""
    wanted = {"$add": ["$used_g", "$held_g", claim.mass_g]}
    free = {
        "_id": claim.key,
        "holds.hold_id": {"$ne": claim.hold_id},
        "settled.hold_id": {"$ne": claim.hold_id},
        "$expr": {"$lte": [wanted, claim.limit_g]},
    }
    hold = {"hold_id": claim.hold_id, "mass_g": claim.mass_g, "expires_at": until}
    taken = {
        "$push": {"holds": hold},
        "$inc": {"held_g": claim.mass_g},
        "$min": {"sweep_at": until},
    }
    return free, taken


def _with(claim: Claim) -> Document:
    known = [{"holds.hold_id": claim.hold_id}, {"settled.hold_id": claim.hold_id}]
    return {"_id": claim.key, "$or": known}


def _others(claim: Claim) -> Document:
    is_other = {"$ne": ["$$this.hold_id", {"$literal": claim.hold_id}]}
    return {"$filter": {"input": "$holds", "cond": is_other}}


_SUMS = {"$set": {"held_g": HELD_G, "sweep_at": SWEEP_AT}}
