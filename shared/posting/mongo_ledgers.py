"""Documents with entries, as `MongoAggregates` writes them: `state.entries` only ever grows.

Each change of such a document sets `unposted`, and posting counts up `posted` beside the state.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from pymongo import UpdateMany, UpdateOne
from pymongo.collection import Collection

from shared.messaging.mongo_client import storage_errors
from shared.posting.batch import Balance, Range, balances_of
from shared.posting.mongo_balances import named
from shared.posting.poster import Unposted

Documents = dict[str, Any]
WAITING = {"unposted": True}
MOVES = [("state.entries.postings.account", 1), ("state.entries.at", 1)]
# What a service gives its MongoAggregates as `beside`, so that posting sees its documents.
BESIDE = {"unposted": lambda state: bool(state.entries)}


class _Unit(msgspec.Struct, frozen=True, gc=False):
    measure: str
    kind: str


class _Posting(msgspec.Struct, frozen=True, gc=False):
    account: str
    amount: int
    unit: _Unit


class _Entry(msgspec.Struct, frozen=True, gc=False):
    """What posting needs of a stored entry; that it balances was checked when it was made."""

    postings: tuple[_Posting, ...]
    at: datetime | None = None


class MongoLedgers:
    """`Ledgers` over some collections of one database."""

    def __init__(self, collections: Sequence[Collection[Documents]]) -> None:
        """`collections` write with majority and journal."""
        self._collections = {each.name: each for each in collections}

    def prepare(self) -> None:
        """Create the index of what waits."""
        for each in self._collections.values():
            with storage_errors():
                each.create_index("unposted", name="unposted", partialFilterExpression=WAITING)
                each.create_index("state.entries.at", name="entries_at")
                each.create_index(MOVES, name="moves")

    def unposted(self, *, limit: int) -> Sequence[Unposted]:
        """Return what waits, from all collections; what only looks so is settled."""
        found: list[Unposted] = []
        for name, collection in self._collections.items():
            waiting = self._waiting(collection, limit=limit - len(found))
            settled = [each for each in waiting if not each.entries]
            self._settle(name, settled)
            found += [each for each in waiting if each.entries]
            if len(found) >= limit:
                break
        return found

    def mark(self, ranges: Sequence[Range]) -> None:
        """Count up `posted`, and settle where nothing was added meanwhile.

        Documents that count from and to the same number are marked by one update.
        """
        alike: dict[tuple[str, int, int], list[str]] = {}
        for each in ranges:
            key = (each.collection, each.first, each.last)
            alike.setdefault(key, []).append(each.document_id)
        updates: dict[str, list[UpdateMany]] = {}
        for (name, first, last), ids in alike.items():
            updates.setdefault(name, []).append(_mark(ids, first=first, last=last))
        for name, of_name in updates.items():
            with storage_errors():
                self._collections[name].bulk_write(of_name, ordered=False)

    def between(
        self, first: datetime, last: datetime, account: str, *, is_prefix: bool = False
    ) -> list[Balance]:
        """Return what the entries of [first, last] move to or from accounts, posted or not."""
        found: list[Balance] = []
        stages = _moves(first, last, named(account, is_prefix=is_prefix))
        index = "entries_at" if is_prefix else "moves"
        for collection in self._collections.values():
            with storage_errors():
                found += [_balance(row) for row in collection.aggregate(stages, hint=index)]
        return balances_of(found)

    def _waiting(self, collection: Collection[Documents], *, limit: int) -> list[Unposted]:
        wanted = {"state.entries": 1, "posted": 1}
        with storage_errors():
            found = list(collection.find(WAITING, wanted, limit=limit, hint="unposted"))
        return [_unposted(collection.name, each) for each in found]

    def _settle(self, name: str, settled: Sequence[Unposted]) -> None:
        updates = [_settled(each.document_id, each.posted) for each in settled]
        if updates:
            with storage_errors():
                self._collections[name].bulk_write(updates, ordered=False)


def _moves(first: datetime, last: datetime, account: object) -> list[Documents]:
    at = {"$gte": first, "$lte": last}
    posting = "$state.entries.postings"
    row = {
        "account": f"{posting}.account",
        "measure": f"{posting}.unit.measure",
        "kind": f"{posting}.unit.kind",
    }
    return [
        {"$match": {"state.entries": {"$elemMatch": {"at": at, "postings.account": account}}}},
        {"$unwind": "$state.entries"},
        {"$match": {"state.entries.at": at}},
        {"$unwind": posting},
        {"$match": {"state.entries.postings.account": account}},
        {"$group": {"_id": row, "amount": {"$sum": f"{posting}.amount"}}},
    ]


def _balance(row: Mapping[str, Any]) -> Balance:
    return Balance(**row["_id"], amount=int(row["amount"]))


def _unposted(collection: str, held: Mapping[str, Any]) -> Unposted:
    posted = int(held.get("posted", 0))
    entries = held["state"]["entries"][posted:]
    typed = msgspec.convert(entries, tuple[_Entry, ...], builtin_types=(datetime,))
    return Unposted(collection, held["_id"], posted, typed)


def _mark(ids: Sequence[str], *, first: int, last: int) -> UpdateMany:
    posted = first if first else {"$in": [0, None]}
    more = {"$gt": [{"$size": "$state.entries"}, last]}
    before = {"_id": {"$in": list(ids)}, "posted": posted}
    return UpdateMany(before, [{"$set": {"posted": last, "unposted": more}}])


def _settled(document_id: str, posted: int) -> UpdateOne:
    """Say that nothing waits, unless an entry was added since."""
    same = {"_id": document_id, "posted": posted, "state.entries": {"$size": posted}}
    return UpdateOne(same, {"$set": {"unposted": False}})
