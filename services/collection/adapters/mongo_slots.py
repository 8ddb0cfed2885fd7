"""Slots in MongoDB: a place is taken and freed by one atomic update of the slot's document."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from services.collection.domain.slots import Hold, Slot
from shared.kernel.errors import Conflict, NotFound
from shared.messaging.mongo_client import storage_errors

NOT_HOLDS = {"holds": 0}
SLOTS_MAX = 1_000


class MongoSlots:
    """`Slots` over one collection."""

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        """`collection` writes with majority and journal."""
        self._slots = collection

    def prepare(self) -> None:
        """Create the indexes of listing and sweeping."""
        with storage_errors():
            self._slots.create_index([("community_code", 1), ("service_day", 1)])
            self._slots.create_index("holds.expires_at")

    def add(self, slot: Slot) -> Slot:
        """Insert, or return the equal one that is there."""
        document = {
            "_id": slot.slot_id,
            "community_code": slot.community_code,
            "service_day": slot.service_day.isoformat(),
            "band": slot.band,
            "capacity": slot.capacity,
            "holds": [],
        }
        try:
            with storage_errors():
                self._slots.insert_one(document)
        except DuplicateKeyError:
            held = self.get(slot.slot_id)
            if held.capacity != slot.capacity:
                raise Conflict("collection.slot_exists", "the slot is open already") from None
            return held
        return slot

    def get(self, slot_id: str) -> Slot:
        """Return the slot with its holds."""
        with storage_errors():
            held = self._slots.find_one({"_id": slot_id})
        if held is None:
            raise NotFound("slot.not_found", "there is no such slot")
        return _slot(held)

    def hold(self, slot_id: str, hold_id: str, *, until: datetime) -> Slot:
        """Take a place where one is left and the hold has none yet."""
        has_room = {"$expr": {"$lt": [{"$size": "$holds"}, "$capacity"]}}
        with storage_errors():
            held = self._slots.find_one_and_update(
                {"_id": slot_id, "holds.hold_id": {"$ne": hold_id}, **has_room},
                {"$push": {"holds": {"hold_id": hold_id, "expires_at": until}}},
                projection=NOT_HOLDS,
                return_document=ReturnDocument.AFTER,
            )
        if held is not None:
            return _slot(held)
        present = self.get(slot_id)
        if not present.has(hold_id):
            raise Conflict("collection.slot_full", "this slot has no place left")
        return present

    def keep(self, slot_id: str, hold_id: str) -> None:
        """Take the hold's expiry away."""
        with storage_errors():
            self._slots.update_one(
                {"_id": slot_id, "holds.hold_id": hold_id}, {"$set": {"holds.$.expires_at": None}}
            )

    def free(self, slot_id: str, hold_id: str) -> None:
        """Take the hold out."""
        with storage_errors():
            self._slots.update_one({"_id": slot_id}, {"$pull": {"holds": {"hold_id": hold_id}}})

    def expired(self, now: datetime, *, limit: int) -> list[tuple[Slot, str]]:
        """Return holds past their time."""
        past = {"holds": {"$elemMatch": {"expires_at": {"$ne": None, "$lte": now}}}}
        with storage_errors():
            found = [_slot(held) for held in self._slots.find(past, limit=limit)]
        return [
            (slot, hold.hold_id)
            for slot in found
            for hold in slot.holds
            if hold.expires_at is not None and hold.expires_at <= now
        ][:limit]

    def list(self, community_code: str, *, first: date, last: date) -> Sequence[Slot]:
        """Return a community's slots of some days, by day and band."""
        days = {"$gte": first.isoformat(), "$lte": last.isoformat()}
        with storage_errors():
            found = self._slots.find(
                {"community_code": community_code, "service_day": days},
                sort=[("_id", 1)],
                limit=SLOTS_MAX,
            )
            return [_slot(held) for held in found]


def _slot(held: Mapping[str, Any]) -> Slot:
    return Slot(
        community_code=held["community_code"],
        service_day=date.fromisoformat(held["service_day"]),
        band=held["band"],
        capacity=held["capacity"],
        holds=tuple(Hold(each["hold_id"], each["expires_at"]) for each in held.get("holds", ())),
    )
