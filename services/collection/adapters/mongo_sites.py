"""What drives need besides themselves: contacts of sites, places, series, campaigns."""

from collections.abc import Iterator
from typing import Any

from pymongo.collection import Collection

from services.collection.adapters.mongo_pools import NEVER, MongoPools
from services.collection.adapters.mongo_rules import unannounced
from services.collection.application.drive_ports import Contact
from services.collection.domain.campaign import Campaign
from services.collection.domain.drive_series import Series
from shared.kernel.aggregate import Stored
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

Documents = dict[str, Any]
SERIES_MAX = 20_000
CAMPAIGNS_MAX = 5_000


class MongoContacts:
    """`Contacts` over a collection of their own, a document a site."""

    def __init__(self, contacts: Collection[Documents]) -> None:
        """Nothing but this and `people` holds names, phones or addresses."""
        self._contacts = contacts

    def keep(self, site_id: str, contact: Contact, *, version: int) -> None:
        """Keep or replace, in one update."""
        held = {
            "_id": site_id,
            "version": version,
            "name": contact.name,
            "phone": contact.phone,
            "address": contact.address,
            "latitude": contact.latitude,
            "longitude": contact.longitude,
        }
        is_earlier = {"$lt": [{"$ifNull": ["$version", 0]}, version]}
        latest = {"$cond": [is_earlier, {"$literal": held}, "$$ROOT"]}
        with storage_errors():
            self._contacts.update_one({"_id": site_id}, [{"$replaceWith": latest}], upsert=True)

    def of(self, site_id: str) -> Contact | None:
        """Return the contact, where there is one."""
        with storage_errors():
            held = self._contacts.find_one({"_id": site_id})
        if held is None:
            return None
        return Contact(
            held["name"], held["phone"], held["address"], held["latitude"], held["longitude"]
        )


class MongoDrivePlaces(MongoPools):
    """`DrivePlaces` over a collection of their own."""

    def __init__(self, collection: Collection[Documents]) -> None:
        """`collection` writes with majority and journal."""
        super().__init__(collection, open_bookings_max=0)

    def ensure(self, pool_id: str, capacity: int) -> None:
        """Make the pool, unless it is there."""
        fresh = {"capacity": capacity, "holds": [], "sweep_at": NEVER}
        with storage_errors():
            self._pools.update_one({"_id": pool_id}, {"$setOnInsert": fresh}, upsert=True)

    def oversold(self) -> int:
        """Count pools with more holds than places; 0 is right."""
        more = {"$expr": {"$gt": [{"$size": "$holds"}, "$capacity"]}}
        with storage_errors():
            return self._pools.count_documents(more)


def _area_of(series: Series) -> str:
    return series.community_code


class MongoSeriesBook(MongoAggregates[Series]):
    """`SeriesBook` over one collection."""

    def __init__(self, collection: Collection[Documents]) -> None:
        """`collection` writes with majority and journal."""
        super().__init__(
            collection, kind="series", state_type=Series, announce=unannounced, audited=_area_of
        )

    def running(self) -> Iterator[Series]:
        """Return all; those that have ended name no days."""
        with storage_errors():
            for held in self.collection.find({}, sort=[("_id", 1)], limit=SERIES_MAX):
                yield self.stored(held).state


class MongoCampaigns(MongoAggregates[Campaign]):
    """`Campaigns` over one collection."""

    def __init__(self, collection: Collection[Documents]) -> None:
        """`collection` writes with majority and journal."""
        super().__init__(
            collection,
            kind="campaign",
            state_type=Campaign,
            announce=unannounced,
            audited=lambda _: "",
        )

    def all(self) -> Iterator[Campaign]:
        """Return all campaigns: what is told late may still change an old one's board."""
        with storage_errors():
            for held in self.collection.find({}, sort=[("_id", 1)], limit=CAMPAIGNS_MAX):
                yield self.stored(held).state

    def page(self, *, after_id: str, limit: int) -> list[Stored[Campaign]]:
        """Return campaigns behind an id, by id."""
        with storage_errors():
            found = self.collection.find({"_id": {"$gt": after_id}}, sort=[("_id", 1)], limit=limit)
            return [self.stored(held) for held in found]
