"""Slots in MongoDB: pools that are listed by community and day."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from services.collection.adapters.mongo_pools import NEVER, pool_of
from services.collection.domain.community import Closure
from services.collection.domain.notices import first_reminder_at
from services.collection.domain.slots import Resizing, Slot, slot_named
from shared.kernel.errors import Conflict, NotFound
from shared.messaging.mongo_client import storage_errors

SLOTS_MAX = 1_000
# So many requests for another capacity are remembered of a slot.
RESIZED_KEPT = 64


class MongoSlots:
    """`Slots` over the collection of the pools."""

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        """`collection` writes with majority and journal."""
        self._slots = collection

    def prepare(self) -> None:
        """Create the indexes of listing."""
        with storage_errors():
            self._slots.create_index([("community_code", 1), ("service_day", 1)])
            self._slots.create_index("service_day")
            self._slots.create_index("remind_at")

    def add(self, slot: Slot) -> Slot:
        """Insert, or return the equal one that is there."""
        document = {
            "_id": slot.slot_id,
            "community_code": slot.name.community_code,
            "service_day": slot.name.service_day.isoformat(),
            "band": slot.name.band,
            "capacity": slot.pool.capacity,
            "holds": [],
            "closed": slot.pool.closed,
            "sweep_at": NEVER,
            "remind_at": first_reminder_at(slot.name.window[0]),
        }
        try:
            with storage_errors():
                self._slots.insert_one(document)
        except DuplicateKeyError:
            held = self._get(slot.slot_id)
            if held.pool.capacity != slot.pool.capacity:
                raise Conflict("collection.slot_exists", "the slot is open already") from None
            return held
        return slot

    def resize(self, slot_id: str, asked: Resizing) -> Slot:
        """Change the capacity, never below what is held; a late repeat changes nothing."""
        fits = {"$expr": {"$lte": [{"$size": "$holds"}, asked.capacity]}}
        first = {"resized.scope": {"$ne": asked.scope}}
        told = {"scope": asked.scope, "body_sha256": asked.body_sha256}
        changes = {
            "$set": {"capacity": asked.capacity},
            "$push": {"resized": {"$each": [told], "$slice": -RESIZED_KEPT}},
        }
        with storage_errors():
            fitted = self._slots.update_one({"_id": slot_id, **first, **fits}, changes)
        held = self._document(slot_id)
        repeats = [each for each in held.get("resized", ()) if each["scope"] == asked.scope]
        for each in repeats:
            asked.check_repeat(each["body_sha256"])
        if not repeats and not fitted.matched_count:
            raise Conflict("collection.slot_in_use", "more places are taken than there would be")
        return _slot(held)

    def close(self, slot_id: str, reason: str | None) -> Slot:
        """Give no more places, with a reason, or (None) give them again."""
        with storage_errors():
            self._slots.update_one({"_id": slot_id}, {"$set": {"closed": reason}})
        return self._get(slot_id)

    def close_days(self, community_code: str, closure: Closure) -> None:
        """Close those of some days, of one band or all, that are open."""
        days = {"$gte": closure.first.isoformat(), "$lte": closure.last.isoformat()}
        where: dict[str, Any] = {
            "community_code": community_code,
            "service_day": days,
            "closed": None,
        }
        if closure.band is not None:
            where["band"] = closure.band
        with storage_errors():
            self._slots.update_many(where, {"$set": {"closed": closure.reason}})

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

    def to_remind(self, now: datetime, *, limit: int) -> Sequence[tuple[Slot, datetime]]:
        """Return slots whose time to remind has come, the longest first."""
        with storage_errors():
            due = {"remind_at": {"$lte": now}}
            found = self._slots.find(due, sort=[("remind_at", 1)], limit=limit)
            return [(_slot(held), held["remind_at"]) for held in found]

    def reminded(self, slot_id: str, since: datetime, *, next_at: datetime | None) -> None:
        """Note that its households are reminded."""
        with storage_errors():
            self._slots.update_one(
                {"_id": slot_id, "remind_at": since}, {"$set": {"remind_at": next_at or NEVER}}
            )

    def _get(self, slot_id: str) -> Slot:
        return _slot(self._document(slot_id))

    def _document(self, slot_id: str) -> dict[str, Any]:
        with storage_errors():
            held = self._slots.find_one({"_id": slot_id})
        if held is None:
            raise NotFound("slot.not_found", "there is no such slot")
        return held


def _slot(held: Mapping[str, Any]) -> Slot:
    return Slot(slot_named(held["_id"]), pool_of(held))
