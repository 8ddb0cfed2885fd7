"""Slots in MongoDB: a place is taken and freed by one atomic update of the slot's document."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from services.collection.domain.slots import Hold, Place, Slot, slot_named
from shared.kernel.errors import Conflict, NotFound
from shared.messaging.mongo_client import storage_errors

SLOTS_MAX = 1_000
# A slot's `sweep_at` is the earliest expiry of its holds. An index over the holds themselves would
# be worked out anew from all of them at every booking.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class MongoSlots:
    """`Slots` over one collection."""

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        """`collection` writes with majority and journal."""
        self._slots = collection

    def prepare(self) -> None:
        """Create the indexes of listing and sweeping."""
        with storage_errors():
            self._slots.create_index([("community_code", 1), ("service_day", 1)])
            self._slots.create_index("service_day")
            self._slots.create_index("sweep_at")

    def add(self, slot: Slot) -> Slot:
        """Insert, or return the equal one that is there."""
        document = {
            "_id": slot.slot_id,
            "community_code": slot.name.community_code,
            "service_day": slot.name.service_day.isoformat(),
            "band": slot.name.band,
            "capacity": slot.capacity,
            "holds": [],
            "sweep_at": NEVER,
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

    def hold(self, place: Place, *, until: datetime) -> None:
        """Take a place where one is left and the hold has none yet."""
        has_room = {"$expr": {"$lt": [{"$size": "$holds"}, "$capacity"]}}
        with storage_errors():
            taken = self._slots.update_one(
                {"_id": place.slot_id, "holds.hold_id": {"$ne": place.hold_id}, **has_room},
                {
                    "$push": {"holds": {"hold_id": place.hold_id, "expires_at": until}},
                    "$min": {"sweep_at": until},
                },
            ).modified_count
        if not taken and not self.get(place.slot_id).has(place.hold_id):
            raise Conflict("collection.slot_full", "this slot has no place left")

    def keep(self, slot_id: str, hold_ids: Sequence[str]) -> None:
        """Take the holds' expiry away."""
        is_kept = {"$in": ["$$this.hold_id", {"$literal": list(hold_ids)}]}
        kept = {"$mergeObjects": ["$$this", {"expires_at": None}]}
        changed = {"$cond": [is_kept, kept, "$$this"]}
        self._replace_holds(slot_id, {"$map": {"input": "$holds", "in": changed}})

    def free(self, place: Place) -> None:
        """Take the hold out."""
        is_other = {"$ne": ["$$this.hold_id", {"$literal": place.hold_id}]}
        self._replace_holds(place.slot_id, {"$filter": {"input": "$holds", "cond": is_other}})

    def _replace_holds(self, slot_id: str, holds: dict[str, Any]) -> None:
        """Compute the holds and, from them, when the slot is to be swept: one atomic update."""
        earliest = {"$ifNull": [{"$min": "$holds.expires_at"}, NEVER]}
        with storage_errors():
            self._slots.update_one(
                {"_id": slot_id}, [{"$set": {"holds": holds}}, {"$set": {"sweep_at": earliest}}]
            )

    def expired(self, now: datetime, *, limit: int) -> list[tuple[str, tuple[str, ...]]]:
        """Return slots with their holds past their time."""
        with storage_errors():
            found = self._slots.find({"sweep_at": {"$lte": now}}, limit=limit)
            return [(slot.slot_id, slot.expired(now)) for slot in map(_slot, found)]

    def oversold(self, *, since: date) -> int:
        """Count slots of days from `since` that have more holds than places; 0 is right."""
        more = {"$expr": {"$gt": [{"$size": "$holds"}, "$capacity"]}}
        with storage_errors():
            return self._slots.count_documents({"service_day": {"$gte": since.isoformat()}, **more})

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
        name=slot_named(held["_id"]),
        capacity=held["capacity"],
        holds=tuple(Hold(each["hold_id"], each["expires_at"]) for each in held.get("holds", ())),
    )
