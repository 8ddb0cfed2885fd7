"""Reads over consignments: what is due, untold or still to follow, lists, and counts."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.tracking.domain.consignment import Consignment
from services.tracking.domain.consignment_states import TERM, State
from shared.kernel.aggregate import Stored
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

Filter = dict[str, Any]
WITH_ERRANDS = {"state.errands.0": {"$exists": True}}
UNTOLD = {"state.registration.pending": True}


class MongoConsignmentSearch:
    """`ConsignmentSearch`, and the lists of the API."""

    def __init__(self, consignments: MongoAggregates[Consignment]) -> None:
        """Reads the collection that `consignments` writes."""
        self._aggregates = consignments
        self._consignments = consignments.collection

    def prepare(self) -> None:
        """Create the indexes; that of the number is the last guard against a double."""
        parties = ("consignor", "receiver", "broker", "alternate")
        with storage_errors():
            self._consignments.create_index(
                "state.number",
                unique=True,
                partialFilterExpression={"state.number": {"$type": "string"}},
            )
            self._consignments.create_index(
                "state.due_at", partialFilterExpression={"state.due_at": {"$type": "date"}}
            )
            self._consignments.create_index(
                "state.registration.pending", partialFilterExpression=UNTOLD
            )
            self._consignments.create_index(
                "state.errands.deed", partialFilterExpression=WITH_ERRANDS
            )
            for party in parties:
                self._consignments.create_index([(f"state.manifest.{party}.party_id", 1)])
            self._consignments.create_index("state.manifest.carriers.carrier_id")
            self._consignments.create_index("state.diversions.party.party_id", sparse=True)
            self._consignments.create_index("state.breakdown.carrier.carrier_id", sparse=True)

    def many(self, consignment_ids: Collection[str]) -> Mapping[str, Stored[Consignment]]:
        """Return those that exist, by id."""
        return self._aggregates.get_many(consignment_ids) if consignment_ids else {}

    def with_errands(self, *, limit: int) -> Sequence[Stored[Consignment]]:
        """Return those with something still to follow."""
        return self._find(WITH_ERRANDS, sort="state.errands.deed", limit=limit)

    def due(self, now: datetime, *, limit: int) -> Sequence[Stored[Consignment]]:
        """Return those that are due, the longest first."""
        past = {"state.due_at": {"$type": "date", "$lte": now}}
        return self._find(past, sort="state.due_at", limit=limit)

    def untold(self, *, limit: int) -> Sequence[Stored[Consignment]]:
        """Return those of which the registry is to be told."""
        return self._find(UNTOLD, sort="_id", limit=limit)

    def page(self, where: Filter, *, after_id: str, limit: int) -> list[Stored[Consignment]]:
        """Return consignments behind an id, by id."""
        return self._find({"$and": [where, {"_id": {"$gt": after_id}}]}, sort="_id", limit=limit)

    def counts(self) -> dict[str, int]:
        """Count consignments by term, and all of them as `drafted`."""
        group = {"_id": "$state.state", "count": {"$sum": 1}}
        with storage_errors():
            found = list(self._consignments.aggregate([{"$group": group}]))
        counts = dict.fromkeys(("drafted", *TERM.values()), 0)
        for each in found:
            counts[TERM[State(each["_id"])]] += int(each["count"])
            counts["drafted"] += int(each["count"])
        return counts

    def _find(self, where: Filter, *, sort: str, limit: int) -> list[Stored[Consignment]]:
        with storage_errors():
            found = self._consignments.find(where, sort=[(sort, 1)], limit=limit)
            return [self._aggregates.stored(document) for document in found]


def of_party(party_id: str) -> Filter:
    """Return the filter of what a party has a part in."""
    named = [f"state.manifest.{role}.party_id" for role in ("consignor", "receiver")]
    named += [f"state.manifest.{role}.party_id" for role in ("broker", "alternate")]
    named += ["state.manifest.carriers.carrier_id", "state.diversions.party.party_id"]
    named.append("state.breakdown.carrier.carrier_id")
    return {"$or": [{field: party_id} for field in named]}


def of_area(area_code: str) -> Filter:
    """Return the filter of what concerns an area, by its division code's prefix."""
    within = {"$gte": area_code, "$lt": f"{area_code}:"}
    sites = [f"state.manifest.{role}.division_code" for role in ("consignor", "receiver")]
    sites.append("state.diversions.party.division_code")
    return {"$or": [{field: within} for field in sites]}
