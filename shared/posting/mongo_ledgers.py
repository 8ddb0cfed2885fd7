"""Documents with entries, as `MongoAggregates` writes them: `state.entries` only ever grows.

Each change of such a document sets `unposted`, and posting counts up `posted` beside the state.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from pymongo import UpdateOne
from pymongo.collection import Collection

from shared.kernel.ledger import Entry
from shared.messaging.mongo_client import storage_errors
from shared.posting.batch import Balance, Range, balances_of
from shared.posting.mongo_balances import named
from shared.posting.poster import Unposted

Documents = dict[str, Any]
WAITING = {"unposted": True}
# What a service gives its MongoAggregates as `beside`, so that posting sees its documents.
BESIDE = {"unposted": lambda state: bool(state.entries)}


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
        """Count up `posted`, and settle where nothing was added meanwhile."""
        for name, collection in self._collections.items():
            updates = [_mark(each) for each in ranges if each.collection == name]
            if updates:
                with storage_errors():
                    collection.bulk_write(updates, ordered=False)

    def between(
        self, first: datetime, last: datetime, account: str, *, is_prefix: bool = False
    ) -> list[Balance]:
        """Return what the entries of [first, last] move to or from accounts, posted or not."""
        found: list[Balance] = []
        for collection in self._collections.values():
            with storage_errors():
                rows = collection.aggregate(
                    _moves(first, last, named(account, is_prefix=is_prefix))
                )
                found += [_balance(row) for row in rows]
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
        {"$match": {"state.entries": {"$elemMatch": {"at": at}}}},
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
    typed = msgspec.convert(entries, tuple[Entry, ...], builtin_types=(datetime,))
    return Unposted(collection, held["_id"], posted, typed)


def _mark(taken: Range) -> UpdateOne:
    before: Documents = {"_id": taken.document_id, "posted": taken.first}
    if taken.first == 0:
        before["posted"] = {"$in": [0, None]}
    more = {"$gt": [{"$size": "$state.entries"}, taken.last]}
    return UpdateOne(before, [{"$set": {"posted": taken.last, "unposted": more}}])


def _settled(document_id: str, posted: int) -> UpdateOne:
    """Say that nothing waits, unless an entry was added since."""
    same = {"_id": document_id, "posted": posted, "state.entries": {"$size": posted}}
    return UpdateOne(same, {"$set": {"unposted": False}})
