"""Rows of balances in MongoDB, and what is read from them."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import groupby
from typing import Any

from pymongo import ASCENDING, UpdateOne
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from shared.messaging.mongo_client import storage_errors
from shared.posting.batch import (
    AMOUNT,
    DAYS,
    HOURS,
    TOTAL,
    Balance,
    Batch,
    Cells,
    Place,
    RowName,
    balances_of,
    place_of,
)

ROWS_A_WRITE = 2_000
WRITERS = 4
ROWS_READ_MAX = 200_000
DUPLICATE_KEY = 11000
CELLS = (AMOUNT, DAYS, HOURS)
Documents = dict[str, Any]
Named = tuple[str, RowName, Cells]  # a row with its `_id`


class MongoBalances:
    """`Rows` over one collection, and reads over it."""

    def __init__(self, collection: Collection[Documents]) -> None:
        """`collection` writes with majority and journal."""
        self._rows = collection

    def prepare(self) -> None:
        """Create the index of reading: a period's accounts.

        The amount is not in it: an index that each posting changes makes posting slow.
        """
        keys = [("account", ASCENDING), ("period", ASCENDING)]
        with storage_errors():
            self._rows.create_index(keys, name="balances")
            self._rows.create_index(
                "kind", name="totals", partialFilterExpression={"period": TOTAL}
            )

    def add(self, batch: Batch) -> None:
        """Add to each row that lacks the batch; rows that have it already stay as they are.

        Most rows exist: changing these without the means to insert costs a third less. No two
        rows need an order, so that several connections write, and wait for the disk, together.
        """
        named = [("|".join(name), name, cells) for name, cells in batch.sums.items()]
        size = min(ROWS_A_WRITE, -(-len(named) // WRITERS))
        chunks = [named[begin : begin + size] for begin in range(0, len(named), size)]
        with ThreadPoolExecutor(WRITERS) as writers:
            for _ in writers.map(lambda chunk: self._add(chunk, n=batch.n), chunks):
                pass

    def _add(self, chunk: Sequence[Named], *, n: int) -> None:
        updates = [_update(row, cells, n=n) for row, _, cells in chunk]
        with storage_errors():
            changed = self._rows.bulk_write(updates, ordered=False).matched_count
        if changed < len(chunk):
            self._insert(chunk, n=n)

    def _insert(self, chunk: Sequence[Named], *, n: int) -> None:
        """Insert the rows that are not there; where another owner is first, add what it lacks."""
        with storage_errors():
            found = self._rows.find({"_id": {"$in": [row for row, _, _ in chunk]}}, {"m": 1})
            newest = {held["_id"]: held["m"] for held in found}
        upserts = [
            _upsert(row, name, cells, n=n) for row, name, cells in chunk if newest.get(row, 0) < n
        ]
        if not upserts:
            return
        with storage_errors():
            try:
                self._rows.bulk_write(upserts, ordered=False)
            except BulkWriteError as error:
                _only_repeats(error)

    def now(self, account: str, *, is_prefix: bool = False) -> list[Balance]:
        """Return what lies on an account, or on all whose names begin so; zeros are left out."""
        rows = self._read(account, TOTAL, is_prefix=is_prefix, cells=(AMOUNT,))
        return balances_of(_balance(row, row[AMOUNT]) for row in rows)

    def at(self, instant: datetime, account: str, *, is_prefix: bool = False) -> list[Balance]:
        """Return what lay there at the full hour of business time before an instant."""
        place = place_of(instant)
        until = {"$gt": TOTAL, "$lte": place.month}
        found = self._read(account, until, is_prefix=is_prefix, cells=("period", *CELLS))
        return balances_of(_balance(row, _until(row, place)) for row in found)

    def each_at(self, instant: datetime, prefix: str) -> Iterator[Balance]:
        """Return what `at` returns of all accounts of a prefix, one account after another.

        By account and kind, however many there are: only one account's rows are here at a time.
        """
        place = place_of(instant)
        where = {
            "account": named(prefix, is_prefix=True),
            "period": {"$gt": TOTAL, "$lte": place.month},
        }
        order = [("account", ASCENDING), ("period", ASCENDING)]
        with storage_errors():
            rows = self._rows.find(where, sort=order, hint="balances")
            for _, of_account in groupby(rows, key=lambda row: str(row["account"])):
                yield from balances_of(_balance(row, _before(row, place)) for row in of_account)

    def total(self) -> Mapping[tuple[str, str], int]:
        """Return the sum over all accounts by (measure, kind): 0, or the ledger is broken."""
        unit = {"measure": "$measure", "kind": "$kind"}
        stages: Sequence[Documents] = [
            {"$match": {"period": TOTAL}},
            {"$group": {"_id": unit, AMOUNT: {"$sum": f"${AMOUNT}"}}},
        ]
        with storage_errors():
            found = list(self._rows.aggregate(list(stages), hint="totals"))
        return {(row["_id"]["measure"], row["_id"]["kind"]): int(row[AMOUNT]) for row in found}

    def _read(
        self, account: str, period: str | Documents, *, is_prefix: bool, cells: Sequence[str]
    ) -> Iterator[Documents]:
        where = {"account": named(account, is_prefix=is_prefix), "period": period}
        wanted = dict.fromkeys(("account", "measure", "kind", *cells), 1)
        with storage_errors():
            yield from self._rows.find(where, wanted, limit=ROWS_READ_MAX, hint="balances")


def named(account: str, *, is_prefix: bool) -> Any:  # noqa: ANN401 - a value of a Mongo filter
    """Return the condition on an account's name."""
    return {"$gte": account, "$lt": account + chr(0x10FFFF)} if is_prefix else account


def _balance(row: Documents, amount: int) -> Balance:
    return Balance(row["account"], row["measure"], row["kind"], int(amount))


def _before(row: Documents, place: Place) -> int:
    """Return what a month's row has of the time before the hour of a place."""
    return int(row[AMOUNT]) if row["period"] < place.month else _until(row, place)


def _until(row: Documents, place: Place) -> int:
    """Return a whole month's amount, or of the place's month its days and hours before."""
    if row["period"] < place.month:
        return int(row[AMOUNT])
    days = sum(amount for day, amount in row[DAYS].items() if day < place.day)
    hours = sum(
        amount
        for hour, amount in row[HOURS].items()
        if hour.startswith(place.day) and hour < place.hour
    )
    return int(days + hours)


def _update(row: str, cells: Cells, *, n: int) -> UpdateOne:
    """The hint saves the planner's work, which is half of an update's."""
    lacking = {"_id": row, "m": {"$lt": n}}
    return UpdateOne(lacking, {"$inc": cells, "$set": {"m": n}}, hint="_id_")


def _upsert(row: str, name: RowName, cells: Cells, *, n: int) -> UpdateOne:
    """A duplicate key is a row that has the batch already."""
    return UpdateOne(
        {"_id": row, "m": {"$lt": n}},
        {"$inc": cells, "$set": {"m": n}, "$setOnInsert": name._asdict()},
        upsert=True,
    )


def _only_repeats(error: BulkWriteError) -> None:
    """Let pass a bulk whose only failures are rows that already have the batch."""
    failed = error.details.get("writeErrors", [])
    if error.details.get("writeConcernErrors") or not failed:
        raise error
    if any(each["code"] != DUPLICATE_KEY for each in failed):
        raise error
