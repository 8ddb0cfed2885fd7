"""Pools in MongoDB: a place is taken and freed by one atomic update of the pool's document."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.collection import Collection

from services.collection.domain.pools import Hold, Place, Pool, is_household_pool, no_place
from shared.kernel.errors import NotFound
from shared.messaging.mongo_client import storage_errors
from shared.messaging.mongo_updates import Updates

# A pool's `sweep_at` is the earliest expiry of its holds. An index over the holds themselves would
# be worked out anew from all of them at every booking.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
HAS_ROOM = {"$expr": {"$lt": [{"$size": "$holds"}, "$capacity"]}}
Documents = dict[str, Any]


class MongoPools:
    """`Pools` over one collection, in which the slots have more fields of their own."""

    def __init__(self, collection: Collection[Documents], *, open_bookings_max: int) -> None:
        """`collection` writes with majority and journal. A household's pool has as many places."""
        self._pools = collection
        self._open_bookings_max = open_bookings_max
        self._updates = Updates(collection)

    def prepare(self) -> None:
        """Create the index of sweeping."""
        with storage_errors():
            self._pools.create_index("sweep_at")

    def get(self, pool_id: str) -> Pool:
        """Return the pool with its holds."""
        pools = self._found([pool_id])
        if pool_id not in pools:
            raise NotFound("slot.not_found", "there is no such slot")
        return pools[pool_id]

    def hold(self, places: Sequence[Place], *, until: datetime) -> None:
        """Take a place in each pool, all in one round trip."""
        updates = [_take(place, until=until) for place in places]
        with storage_errors():
            are_taken = self._updates.all_made(updates)
        if not are_taken:
            self._make_sure(places, until=until)

    def keep(self, pool_id: str, hold_ids: Sequence[str]) -> None:
        """Take the holds' expiry away."""
        is_kept = {"$in": ["$$this.hold_id", {"$literal": list(hold_ids)}]}
        kept = {"$mergeObjects": ["$$this", {"expires_at": None}]}
        changed = {"$cond": [is_kept, kept, "$$this"]}
        self._replace_holds(pool_id, {"$map": {"input": "$holds", "in": changed}})

    def free(self, place: Place) -> None:
        """Take the hold out."""
        is_other = {"$ne": ["$$this.hold_id", {"$literal": place.hold_id}]}
        self._replace_holds(place.pool_id, {"$filter": {"input": "$holds", "cond": is_other}})

    def expired(self, now: datetime, *, limit: int) -> list[tuple[str, tuple[str, ...]]]:
        """Return pools with their holds past their time."""
        with storage_errors():
            found = self._pools.find({"sweep_at": {"$lte": now}}, limit=limit)
            return [(pool.pool_id, pool.expired(now)) for pool in map(pool_of, found)]

    def shut(self, pool_id: str, reason: str) -> Pool:
        """Close, also a pool that was never needed: nobody makes an open one after this."""
        fresh = {"capacity": 0, "holds": [], "sweep_at": NEVER}
        with storage_errors():
            self._pools.update_one(
                {"_id": pool_id}, {"$set": {"closed": reason}, "$setOnInsert": fresh}, upsert=True
            )
        return self.get(pool_id)

    def _make_sure(self, places: Sequence[Place], *, until: datetime) -> None:
        """Some place was not taken: it is there already, its pool is new, or there is none left.

        A pool that has room now was made, or got it back, just after the first try.
        """
        pools = self._found([place.pool_id for place in places])
        for place in places:
            pool = pools.get(place.pool_id)
            if pool is None and not is_household_pool(place.pool_id):
                raise NotFound("slot.not_found", "there is no such slot")
            if pool is None or (pool.places_left and not pool.has(place.hold_id)):
                pool = self._taken(place, until=until)
            if not pool.has(place.hold_id):
                raise no_place(pool)

    def _taken(self, place: Place, *, until: datetime) -> Pool:
        """Try once more; a household's pool is made with its first booking."""
        fresh = {"capacity": self._open_bookings_max, "holds": [], "sweep_at": NEVER}
        with storage_errors():
            if is_household_pool(place.pool_id):
                self._pools.update_one({"_id": place.pool_id}, {"$setOnInsert": fresh}, upsert=True)
            self._pools.bulk_write([_take(place, until=until)])
        return self.get(place.pool_id)

    def _found(self, pool_ids: Sequence[str]) -> dict[str, Pool]:
        with storage_errors():
            found = self._pools.find({"_id": {"$in": list(pool_ids)}})
            return {each["_id"]: pool_of(each) for each in found}

    def _replace_holds(self, pool_id: str, holds: Documents) -> None:
        """Compute the holds and, from them, when the pool is to be swept: one atomic update."""
        earliest = {"$ifNull": [{"$min": "$holds.expires_at"}, NEVER]}
        with storage_errors():
            self._pools.update_one(
                {"_id": pool_id}, [{"$set": {"holds": holds}}, {"$set": {"sweep_at": earliest}}]
            )


def pool_of(held: Mapping[str, Any]) -> Pool:
    """Return the pool that a document holds."""
    return Pool(
        pool_id=held["_id"],
        capacity=held["capacity"],
        holds=tuple(Hold(each["hold_id"], each["expires_at"]) for each in held["holds"]),
        closed=held.get("closed"),
    )


def _take(place: Place, *, until: datetime) -> UpdateOne:
    """Take a place where one is left and the hold has none yet."""
    free = {"holds.hold_id": {"$ne": place.hold_id}, "closed": None, **HAS_ROOM}
    taken = {"hold_id": place.hold_id, "expires_at": until}
    return UpdateOne(
        {"_id": place.pool_id, **free}, {"$push": {"holds": taken}, "$min": {"sweep_at": until}}
    )
