"""`ContainerPool` over the containers' documents: the hold lies beside the state.

It is written by an update of its own, so that no change of the container's state overwrites it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from services.tracking.adapters.mongo_mass import MongoMass
from services.tracking.domain.consignment_claims import Claim, Kind
from services.tracking.domain.container import Container
from services.tracking.domain.manifest import ContainerItem
from shared.kernel.errors import Conflict, NotFound
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

Document = dict[str, Any]
FORM = "solid"


class MongoContainerPool:
    """Holds containers for consignments; what lies in them is the mass ledger's word."""

    def __init__(self, containers: MongoAggregates[Container], mass: MongoMass) -> None:
        """Writes into the collection that `containers` writes, beside it."""
        self._aggregates = containers
        self._containers = containers.collection
        self._mass = mass

    def prepare(self) -> None:
        """Create the index of sweeping."""
        with storage_errors():
            self._containers.create_index(
                "hold.expires_at",
                partialFilterExpression={"hold.expires_at": {"$type": "date"}},
            )

    def items(self, tags: Collection[str]) -> Sequence[ContainerItem]:
        """Return the containers as they are now."""
        found = self._aggregates.get_many(tags)
        if len(found) < len(set(tags)):
            raise NotFound("container.not_found", "a tag is not registered")
        return [self._item(found[tag].state) for tag in tags]

    def hold(self, claim: Claim, *, until: datetime) -> None:
        """Hold, or raise `Conflict` (container.reserved)."""
        held = {"hold_id": claim.hold_id, "expires_at": until}
        free = {"_id": claim.key, "hold": None}
        with storage_errors():
            if self._containers.update_one(free, {"$set": {"hold": held}}).matched_count:
                return
            mine = self._containers.find_one(_of(claim), {"_id": 1})
        if mine is None:
            raise Conflict("container.reserved", "another consignment has this container")

    def keep(self, claims: Collection[Claim]) -> None:
        """Take the expiry away."""
        kept = [_of(claim) for claim in claims]
        with storage_errors():
            self._containers.update_many({"$or": kept}, {"$set": {"hold.expires_at": None}})

    def free(self, claim: Claim, *, reason: str) -> None:  # noqa: ARG002 - the event says why
        """Give up."""
        with storage_errors():
            self._containers.update_one(_of(claim), {"$set": {"hold": None}})

    def take_over(self, claim: Claim, from_id: str) -> None:
        """Move it from another consignment's hold to this claim."""
        held = {"hold_id": claim.hold_id, "expires_at": None}
        theirs = {"_id": claim.key, "hold.hold_id": {"$regex": f"^{from_id}:"}}
        with storage_errors():
            self._containers.update_one(theirs, {"$set": {"hold": held}})

    def holder(self, claim: Claim) -> Claim | None:
        """Return the claim that is in the way."""
        with storage_errors():
            found = self._containers.find_one({"_id": claim.key}, {"hold": 1}) or {}
        hold = found.get("hold")
        return None if hold is None else Claim(Kind.CONTAINER, claim.key, hold["hold_id"])

    def expired(self, now: datetime, *, limit: int) -> Sequence[Claim]:
        """Return claims past their time."""
        past = {"hold.expires_at": {"$type": "date", "$lte": now}}
        with storage_errors():
            found = self._containers.find(past, {"hold": 1}, limit=limit)
            return [Claim(Kind.CONTAINER, each["_id"], each["hold"]["hold_id"]) for each in found]

    def _item(self, container: Container) -> ContainerItem:
        net_g = self._mass.content_g(container.tag)
        if net_g <= 0:
            raise Conflict("container.not_sealed", "nothing lies in this container")
        return ContainerItem(
            tag=container.tag,
            material=container.material,
            waste_code=container.waste_code,
            un_number=container.un_number,
            net_g=net_g,
            packaging=container.container_type,
            form=FORM,
        )


def _of(claim: Claim) -> Document:
    return {"_id": claim.key, "hold.hold_id": claim.hold_id}
