"""Reads over crates in MongoDB: parties by id, their movements newest first, the books' facts."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection

from services.tracking.domain.crates import (
    Count,
    CrateMovement,
    PartyCrates,
    loss_account,
    party_account,
)
from shared.kernel.aggregate import Stored
from shared.messaging.documents import Announce
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors
from shared.messaging.outbox_bound import OutboxBound
from shared.posting.balances import Balances

REQUESTS_MAX = 1_000  # movements of a party in 7 days
Documents = dict[str, Any]


class MongoParties(MongoAggregates[PartyCrates]):
    """Parties in MongoDB: one of many trucks a day still gets each call's own answer again."""

    def __init__(
        self, collection: Collection[Documents], announce: Announce, bound: OutboxBound
    ) -> None:
        """As of `MongoAggregates`, with more answers kept."""
        super().__init__(
            collection,
            kind="party_crates",
            state_type=PartyCrates,
            announce=announce,
            bound=bound,
        )
        self._shape = replace(self._shape, requests_max=REQUESTS_MAX)


class MongoCrateSearch:
    """Lists of parties and of movements, and what parties held at a time."""

    def __init__(
        self,
        parties: MongoAggregates[PartyCrates],
        movements: MongoAggregates[CrateMovement],
        balances: Balances,
    ) -> None:
        """Reads what the others write; `balances` are of crates' movements."""
        self._parties = parties
        self._movements = movements
        self._balances = balances

    def prepare(self) -> None:
        """Create the index of a party's movements."""
        keys = [
            ("state.party_id", ASCENDING),
            ("state.happened_at", DESCENDING),
            ("_id", DESCENDING),
        ]
        with storage_errors():
            self._movements.collection.create_index(keys, name="of_party")

    def parties(self, *, after_id: str, limit: int) -> list[Stored[PartyCrates]]:
        """Return a page of parties, by id."""
        with storage_errors():
            found = self._parties.collection.find(
                {"_id": {"$gt": after_id}}, sort=[("_id", ASCENDING)], limit=limit
            )
            return [self._parties.stored(each) for each in found]

    def held_at(self, party_id: str, instant: datetime) -> tuple[Count, ...]:
        """Return what a party held at an instant of business time, by what is posted."""
        return self._at(party_account(party_id), instant)

    def lost_at(self, party_id: str, instant: datetime) -> tuple[Count, ...]:
        """Return what a party had lost at an instant of business time, by what is posted."""
        return self._at(loss_account(party_id), instant)

    def of_party(
        self, party_id: str, *, before: tuple[datetime, str] | None, limit: int
    ) -> list[Stored[CrateMovement]]:
        """Return a party's movements, newest first, those before (happened at, id)."""
        where: dict[str, Any] = {"state.party_id": party_id}
        if before is not None:
            at, movement_id = before
            where["$or"] = [
                {"state.happened_at": {"$lt": at}},
                {"state.happened_at": at, "_id": {"$lt": movement_id}},
            ]
        order = [("state.happened_at", DESCENDING), ("_id", DESCENDING)]
        with storage_errors():
            found = self._movements.collection.find(where, sort=order, limit=limit)
            return [self._movements.stored(each) for each in found]

    def facts(self) -> dict[str, dict[str, int]]:
        """Return pieces by type as parties' documents have them, and as the ledger has them."""
        return {
            "crates_held": self._documents("$state.held"),
            "crates_lost": self._documents("$state.lost"),
            "crates_held_in_ledger": self._ledger(r"^crates/"),
            "crates_lost_in_ledger": self._ledger(r"^crate-loss/"),
            "crates_ledger_sum": self._ledger(r""),
        }

    def _at(self, prefix: str, instant: datetime) -> tuple[Count, ...]:
        found = self._balances.at(instant, prefix, is_prefix=True)
        counts = [Count(each.kind, each.account[len(prefix) :], each.amount) for each in found]
        return tuple(sorted(counts))

    def _documents(self, field: str) -> dict[str, int]:
        group = {"_id": f"{field}.crate_type", "pieces": {"$sum": f"{field}.pieces"}}
        with storage_errors():
            found = list(
                self._parties.collection.aggregate([{"$unwind": field}, {"$group": group}])
            )
        return {each["_id"]: int(each["pieces"]) for each in found if each["pieces"]}

    def _ledger(self, account: str) -> dict[str, int]:
        posting = "$state.entries.postings"
        stages: list[dict[str, Any]] = [
            {"$unwind": "$state.entries"},
            {"$unwind": posting},
            {"$match": {"state.entries.postings.account": {"$regex": account}}},
            {"$group": {"_id": f"{posting}.unit.kind", "pieces": {"$sum": f"{posting}.amount"}}},
        ]
        with storage_errors():
            found = list(self._movements.collection.aggregate(stages))
        return {each["_id"]: int(each["pieces"]) for each in found if each["pieces"]}
