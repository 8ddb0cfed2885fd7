"""The registry of parties and their permits.

Tracking keeps it until organisations have a service of their own; then it follows that one's events
(recycling.organisation.events.v1). Names lie apart, in one place from which they can be deleted.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pymongo.database import Database

from services.tracking.domain.consignment import Consignment
from services.tracking.domain.consignment_examination import roles
from services.tracking.domain.consignment_permits import Approval, Licence, Permits, PlanLine
from services.tracking.domain.manifest import Party
from shared.contracts.codec import Envelope
from shared.kernel.errors import NotFound
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

T = TypeVar("T")
PERMITS_MAX = 1_000


def unannounced(event: object) -> Envelope:
    """Refuse to announce: nothing of the registry is published from here."""
    raise TypeError(f"{type(event).__name__} is not announced")


class MongoParties:
    """`Parties` over one collection for each kind of record."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        """`database` writes with majority and journal."""

        def kept(kind: str, state_type: type[T]) -> MongoAggregates[T]:
            collection = database[f"registry_{kind}"]
            return MongoAggregates(
                collection, kind=kind, state_type=state_type, announce=unannounced
            )

        self.parties = kept("party", Party)
        self.licences = kept("licence", Licence)
        self.plan_lines = kept("plan_line", PlanLine)
        self.approvals = kept("approval", Approval)
        self._names = database["registry_names"]

    def prepare(self) -> None:
        """Create the indexes; may be repeated."""
        with storage_errors():
            self.licences.collection.create_index("state.party_id")
            self.plan_lines.collection.create_index([("state.consignor_id", 1), ("state.year", 1)])

    def party(self, party_id: str) -> Party:
        """Return a party."""
        return self.parties.get(party_id).state

    def permits(self, held: Consignment, *, year: int) -> Permits:
        """Return the permits of a consignment's parties, in one read; an approval is another."""
        ids = list({party_id for party_id, _ in roles(held)})
        line = {"state.consignor_id": held.manifest.consignor.party_id, "state.year": year}
        lines = {"coll": self.plan_lines.collection.name, "pipeline": _first(line)}
        pipeline = [*_first({"state.party_id": {"$in": ids}}), {"$unionWith": lines}]
        with storage_errors():
            found = list(self.licences.collection.aggregate(pipeline))
        licences = [each for each in found if "licence_id" in each["state"]]
        plan_lines = [each for each in found if "plan_line_id" in each["state"]]
        return Permits(
            licences=tuple(self.licences.stored(each).state for each in licences),
            plan_lines=tuple(self.plan_lines.stored(each).state for each in plan_lines),
            approval=self._approval(held.approval_id),
        )

    def name(self, party_id: str, name: str | None) -> None:
        """Keep a party's name for what is printed, or (None) forget it."""
        with storage_errors():
            if name is None:
                self._names.delete_one({"_id": party_id})
            else:
                self._names.update_one({"_id": party_id}, {"$set": {"name": name}}, upsert=True)

    def names(self, party_ids: Iterable[str]) -> Mapping[str, str]:
        """Return the names that are known, by party."""
        with storage_errors():
            found = self._names.find({"_id": {"$in": list(party_ids)}})
            return {each["_id"]: each["name"] for each in found}

    def _approval(self, approval_id: str | None) -> Approval | None:
        if approval_id is None:
            return None
        try:
            return self.approvals.get(approval_id).state
        except NotFound:
            return None


def _first(where: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"$match": where}, {"$sort": {"_id": 1}}, {"$limit": PERMITS_MAX}]
