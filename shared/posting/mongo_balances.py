"""Rows of balances in MongoDB, and what is read from them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time
from typing import Any

from pymongo import ASCENDING, UpdateOne
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from shared.kernel.clock import at_local, legal_day
from shared.messaging.mongo_client import storage_errors
from shared.posting.batch import (
    DAY,
    HOUR,
    MONTH,
    TOTAL,
    Balance,
    Batch,
    RowName,
    balances_of,
    period_of,
)

ROWS_A_WRITE = 1_000
ROWS_READ_MAX = 200_000
DUPLICATE_KEY = 11000
Documents = dict[str, Any]


class MongoBalances:
    """`Rows` over one collection, and reads over it."""

    def __init__(self, collection: Collection[Documents]) -> None:
        """`collection` writes with majority and journal."""
        self._rows = collection

    def prepare(self) -> None:
        """Create the index of reading: a level's accounts, and their periods."""
        keys = [("level", ASCENDING), ("account", ASCENDING), ("period", ASCENDING)]
        covered = [("measure", ASCENDING), ("kind", ASCENDING), ("amount", ASCENDING)]
        with storage_errors():
            self._rows.create_index([*keys, *covered], name="balances")

    def add(self, batch: Batch) -> None:
        """Add to each row that lacks the batch; a duplicate key is a row that has it already."""
        updates = [_update(name, amount, n=batch.n) for name, amount in batch.sums.items()]
        for begin in range(0, len(updates), ROWS_A_WRITE):
            with storage_errors():
                try:
                    self._rows.bulk_write(updates[begin : begin + ROWS_A_WRITE], ordered=False)
                except BulkWriteError as error:
                    _only_repeats(error)

    def now(self, account: str, *, is_prefix: bool = False) -> list[Balance]:
        """Return what lies on an account, or on all whose names begin so; zeros are left out."""
        return _balances(self._read(TOTAL, account, is_prefix=is_prefix))

    def at(self, instant: datetime, account: str, *, is_prefix: bool = False) -> list[Balance]:
        """Return what lay there at the full hour of business time before an instant."""
        month, day = period_of(MONTH, instant), period_of(DAY, instant)
        first_hour = period_of(HOUR, at_local(legal_day(instant), time()))
        spans = (
            (MONTH, {"$lt": month}),
            (DAY, {"$gte": month, "$lt": day}),
            (HOUR, {"$gte": first_hour, "$lt": period_of(HOUR, instant)}),
        )
        rows = (
            row
            for level, period in spans
            for row in self._read(level, account, is_prefix=is_prefix, period=period)
        )
        return _balances(rows)

    def total(self) -> Mapping[tuple[str, str], int]:
        """Return the sum over all accounts by (measure, kind): 0, or the ledger is broken."""
        stages: Sequence[Documents] = [
            {"$match": {"level": TOTAL}},
            {
                "$group": {
                    "_id": {"measure": "$measure", "kind": "$kind"},
                    "amount": {"$sum": "$amount"},
                }
            },
        ]
        with storage_errors():
            found = self._rows.aggregate(list(stages))
            return {
                (each["_id"]["measure"], each["_id"]["kind"]): int(each["amount"]) for each in found
            }

    def _read(
        self, level: str, account: str, *, is_prefix: bool, period: Documents | None = None
    ) -> Iterator[Documents]:
        where: Documents = {"level": level, "account": named(account, is_prefix=is_prefix)}
        if period is not None:
            where["period"] = period
        wanted = {"_id": 0, "account": 1, "measure": 1, "kind": 1, "amount": 1}
        with storage_errors():
            yield from self._rows.find(where, wanted, limit=ROWS_READ_MAX, hint="balances")


def _balances(rows: Iterable[Documents]) -> list[Balance]:
    return balances_of(
        Balance(row["account"], row["measure"], row["kind"], row["amount"]) for row in rows
    )


def named(account: str, *, is_prefix: bool) -> Any:  # noqa: ANN401 - a value of a Mongo filter
    """Return the condition on an account's name."""
    return {"$gte": account, "$lt": account + chr(0x10FFFF)} if is_prefix else account


def _update(name: RowName, amount: int, *, n: int) -> UpdateOne:
    return UpdateOne(
        {"_id": "|".join(name), "m": {"$lt": n}},
        {"$inc": {"amount": amount}, "$set": {"m": n}, "$setOnInsert": name._asdict()},
        upsert=True,
    )


def _only_repeats(error: BulkWriteError) -> None:
    """Let pass a bulk whose only failures are rows that already have the batch."""
    failed = error.details.get("writeErrors", [])
    if error.details.get("writeConcernErrors") or not failed:
        raise error
    if any(each["code"] != DUPLICATE_KEY for each in failed):
        raise error
