"""Vehicle trips in MongoDB: a consignor has one manifest on each. The key's owner is its hold."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from pymongo.collection import Collection as MongoCollection
from pymongo.errors import DuplicateKeyError

from services.tracking.domain.consignment_claims import Claim, Kind
from shared.kernel.errors import Conflict
from shared.messaging.mongo_client import storage_errors


class MongoTrips:
    """`Pool` over the collection `trips`."""

    def __init__(self, collection: MongoCollection[dict[str, Any]]) -> None:
        """`collection` writes with majority and journal."""
        self._trips = collection

    def prepare(self) -> None:
        """Create the index of sweeping."""
        with storage_errors():
            self._trips.create_index(
                "expires_at", partialFilterExpression={"expires_at": {"$type": "date"}}
            )

    def hold(self, claim: Claim, *, until: datetime) -> None:
        """Hold, or raise `Conflict` (trip.taken)."""
        try:
            with storage_errors():
                self._trips.update_one(
                    _of(claim), {"$setOnInsert": {"expires_at": until}}, upsert=True
                )
        except DuplicateKeyError:
            code = "trip.taken"
            raise Conflict(code, "a consignor has one manifest for a vehicle's trip") from None

    def keep(self, claims: Collection[Claim]) -> None:
        """Take the expiry away."""
        kept = [_of(claim) for claim in claims]
        with storage_errors():
            self._trips.update_many({"$or": kept}, {"$set": {"expires_at": None}})

    def free(self, claim: Claim, *, reason: str) -> None:  # noqa: ARG002 - nobody asks a trip why
        """Give up."""
        with storage_errors():
            self._trips.delete_one(_of(claim))

    def holder(self, claim: Claim) -> Claim | None:
        """Return the claim that is in the way."""
        with storage_errors():
            found = self._trips.find_one({"_id": claim.key})
        return None if found is None else Claim(Kind.TRIP, found["_id"], found["hold_id"])

    def expired(self, now: datetime, *, limit: int) -> Sequence[Claim]:
        """Return claims past their time."""
        past = {"expires_at": {"$type": "date", "$lte": now}}
        with storage_errors():
            found = self._trips.find(past, limit=limit)
            return [Claim(Kind.TRIP, each["_id"], each["hold_id"]) for each in found]


def _of(claim: Claim) -> dict[str, Any]:
    return {"_id": claim.key, "hold_id": claim.hold_id}
