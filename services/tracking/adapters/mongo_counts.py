"""Stock-takings in MongoDB that facts may have changed: noticed by posting, and counted anew.

What lay there is read from the rows of balances up to the count's hour, and from the entries of
that hour: however long a place's history is, a recount reads the same. `recount` says beside the
state that one is to be looked at, `noticed` how often it was said.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, UpdateMany
from pymongo.collection import Collection

from services.tracking.application.stockkeeping import Noticed
from services.tracking.domain.register_lines import GRAMS
from services.tracking.domain.stock import COUNT, StockMovement, place
from shared.messaging.mongo_client import storage_errors
from shared.posting.batch import Batch, hours_of
from shared.posting.mongo_balances import MongoBalances

Documents = dict[str, Any]
WAITING = {"recount": True}
# Each change of a count is looked at: it may have come between a fact and its notice.
RECOUNT = {"recount": lambda state: state.is_open_count}
PLACE = "place/"


class MongoCounts:
    """`Counts` over the collection of stock movements and those of the ledger."""

    def __init__(
        self,
        movements: Collection[Documents],
        ledgers: Sequence[Collection[Documents]],
        rows: MongoBalances,
        *,
        settle: Callable[[], object],
    ) -> None:
        """`ledgers` are all collections with entries of grams, that of `movements` too.

        `settle` posts what waits: what an earlier count's recount added is in the rows then.
        """
        self._movements = movements
        self._ledgers = tuple(ledgers)
        self._rows = rows
        self._settle = settle

    def prepare(self) -> None:
        """Create the index of what waits."""
        with storage_errors():
            self._movements.create_index(
                [("state.act.happened_at", ASCENDING)],
                name="recount",
                partialFilterExpression=WAITING,
            )

    def notice(self, batch: Batch) -> None:
        """Let counts be looked at that are later than what a batch posts at their place.

        May be repeated.
        """
        places = {
            account.removeprefix(PLACE): hour
            for account, hour in hours_of(batch.sums).items()
            if account.startswith(PLACE) and account.count("/") == 1  # no container there
        }
        updates = [_later(place_id, hour) for place_id, hour in places.items()]
        if updates:
            with storage_errors():
                self._movements.bulk_write(updates, ordered=False)

    def waiting(self, *, limit: int) -> list[Noticed]:
        """Return what waits, the earliest count first; equal ones by id."""
        order = [("state.act.happened_at", ASCENDING), ("_id", ASCENDING)]
        with storage_errors():
            found = self._movements.find(WAITING, {"noticed": 1}, sort=order, limit=limit)
            return [Noticed(each["_id"], int(each.get("noticed", 0))) for each in found]

    def held(self, count: StockMovement) -> Counter[str]:
        """Add the entries of the count's hour to the balances before it.

        A fact that is posted after this was read is noticed, and the count looked at again.
        """
        self._settle()
        at, account = count.act.happened_at, place(count.act.place_id)
        rows = self._rows.at(at, account)
        held = Counter({each.kind: each.amount for each in rows if each.measure == GRAMS})
        for collection in self._ledgers:
            with storage_errors():
                for row in collection.aggregate(_within(count), hint="moves"):
                    held[row["_id"]] += int(row["mass_g"])
        return held

    def settle(self, noticed: Noticed) -> None:
        """Take the mark away, unless more was noticed; a change of the count sets it again."""
        same: Documents = {"_id": noticed.movement_id, "noticed": noticed.times or None}
        with storage_errors():
            self._movements.update_one(same, {"$set": {"recount": False}})


def _later(place_id: str, hour: datetime) -> UpdateMany:
    later = {
        "state.act.place_id": place_id,
        "state.act.happened_at": {"$gte": hour},
        "state.kind": COUNT,
        "state.reversed_at": None,
    }
    return UpdateMany(later, {"$set": WAITING, "$inc": {"noticed": 1}})


def _within(count: StockMovement) -> list[Documents]:
    """Return the stages that sum the place's entries from the count's full hour to the count."""
    act = count.act
    hour = act.happened_at.replace(minute=0, second=0, microsecond=0)
    account, at = place(act.place_id), {"$gte": hour, "$lte": act.happened_at}
    own = {
        "state.kind": COUNT,
        "state.act.happened_at": act.happened_at,
        "_id": {"$gte": act.movement_id},
    }
    posting = "$state.entries.postings"
    return [
        {
            "$match": {
                "state.entries": {"$elemMatch": {"postings.account": account, "at": at}},
                "$nor": [own],
            }
        },
        {"$unwind": "$state.entries"},
        {"$match": {"state.entries.at": at}},
        {"$unwind": posting},
        {"$match": {"state.entries.postings.account": account}},
        {"$group": {"_id": f"{posting}.unit.kind", "mass_g": {"$sum": f"{posting}.amount"}}},
    ]
