"""Ticket books in MongoDB: numbers are given out by one atomic update, however many devices ask."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from pymongo.collection import Collection

from services.collection.domain.tickets import (
    LEASES_MAX,
    TICKETS_MAX,
    VOIDS_MAX,
    TicketBook,
    TicketLease,
    TicketVoid,
    check_repeat,
)
from shared.kernel.errors import Conflict, Unavailable
from shared.messaging.mongo_client import storage_errors

Documents = dict[str, Any]
_TIMES = (datetime,)


class MongoTickets:
    """`Tickets` over one collection, a document a drive."""

    def __init__(self, collection: Collection[Documents]) -> None:
        """`collection` writes with majority and journal."""
        self._books = collection

    def book(self, drive_id: str) -> TicketBook:
        """Return the book; an empty one where there is none yet."""
        with storage_errors():
            held = self._books.find_one({"_id": drive_id})
        return _book(held) if held is not None else TicketBook(drive_id)

    def lease(self, drive_id: str, lease: TicketLease) -> TicketLease:
        """Give out the next numbers in one update: number, lease and progress are one."""
        self._make(drive_id)
        room = {
            "leases.lease_id": {"$ne": lease.lease_id},
            "next_ticket": {"$lte": TICKETS_MAX - lease.count + 1},
            f"leases.{LEASES_MAX - 1}": {"$exists": False},
        }
        if lease.count > 1:
            room["sealed"] = False
        given = {"$mergeObjects": [{"$literal": _fields(lease)}, {"first": "$next_ticket"}]}
        update = {
            "leases": {"$concatArrays": ["$leases", [given]]},
            "next_ticket": {"$add": ["$next_ticket", lease.count]},
        }
        with storage_errors():
            self._books.update_one({"_id": drive_id, **room}, [{"$set": update}])
        book = self.book(drive_id)
        held = book.lease_of(lease.lease_id)
        if held is None:
            raise book.refusal(lease) or Unavailable("storage.contended", "try again")
        check_repeat(held, lease)
        return held

    def void(self, drive_id: str, void: TicketVoid) -> TicketBook:
        """Add to the voids, once."""
        self.book(drive_id).check_void(void)
        room = {
            "voids.void_id": {"$ne": void.void_id},
            f"voids.{VOIDS_MAX - 1}": {"$exists": False},
        }
        with storage_errors():
            self._books.update_one({"_id": drive_id, **room}, {"$push": {"voids": _fields(void)}})
        book = self.book(drive_id)
        held = book.void_of(void.void_id)
        if held is None:
            raise Conflict("tickets.too_many_voids", f"a drive has up to {VOIDS_MAX} voids")
        check_repeat(held, void)
        return book

    def seal(self, drive_id: str) -> TicketBook:
        """Lease no more blocks."""
        self._make(drive_id)
        with storage_errors():
            self._books.update_one({"_id": drive_id, "sealed": False}, {"$set": {"sealed": True}})
        return self.book(drive_id)

    def _make(self, drive_id: str) -> None:
        fresh = {"next_ticket": 1, "sealed": False, "leases": [], "voids": []}
        with storage_errors():
            self._books.update_one({"_id": drive_id}, {"$setOnInsert": fresh}, upsert=True)


def _fields(part: TicketLease | TicketVoid) -> Documents:
    fields: Documents = msgspec.to_builtins(part, builtin_types=_TIMES)
    return fields


def _book(held: Mapping[str, Any]) -> TicketBook:
    fields = {**held, "drive_id": held["_id"]}
    return msgspec.convert(fields, TicketBook, builtin_types=_TIMES)
