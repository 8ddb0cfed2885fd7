"""Manifest numbers in MongoDB: a block gives each of its numbers by one atomic update."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from pymongo import ReturnDocument
from pymongo.database import Database

from services.tracking.adapters.mongo_number_leases import SPARE, MongoNumberLeases
from services.tracking.adapters.number_documents import (
    SIZES,
    USES,
    block_of,
    changed_fields,
    held_number,
    only_held,
    owned,
    took_next,
)
from services.tracking.domain.consignment_claims import Claim, Kind
from services.tracking.domain.numbers import (
    SERVER,
    Block,
    Lease,
    Owner,
    Use,
    not_leased,
    parse_number,
)
from shared.kernel.aggregate import Request, Stored
from shared.kernel.errors import NotFound, Unavailable
from shared.kernel.ids import derived_id
from shared.messaging.documents import stored_answer
from shared.messaging.mongo_client import storage_errors

Document = dict[str, Any]
TRIES = 64
SERVER_BLOCK = 100
BLOCKS_A_SWEEP = 50


class MongoNumbers(MongoNumberLeases):
    """`NumberPool` over the collections `number_series` and `number_blocks`."""

    def __init__(self, database: Database[Document], *, server_block: int = SERVER_BLOCK) -> None:
        """`database` writes with majority and journal. The server leases blocks of this size."""
        super().__init__(database)
        self._server_block = server_block

    def get(self, block_id: str) -> Block:
        """Return a block."""
        return block_of(self._document(block_id))

    def of(self, consignor_id: str, *, limit: int) -> list[Block]:
        """Return a consignor's newest blocks."""
        with storage_errors():
            found = self._blocks.find({"consignor_id": consignor_id}, sort=[("_id", -1)])
            return [block_of(each) for each in found.limit(limit)]

    def open_offline(self, consignor_id: str) -> int:
        """Count the blocks of devices that are not closed and not used up."""
        undecided = {"$expr": {"$lt": [{"$size": "$entries"}, "$size"]}}
        with storage_errors():
            return self._blocks.count_documents(
                {
                    "consignor_id": consignor_id,
                    "holder": {"$ne": SERVER},
                    "closed": None,
                    **undecided,
                }
            )

    def hold_next(self, owner: Owner, hold_id: str, *, until: datetime, at: datetime) -> str:
        """Hold the owner's next number, from a block of the server's."""
        held = self._held_by(owner, hold_id)
        for _ in range(TRIES):
            if held is not None:
                return held
            held = self._took_next(owner, hold_id, until=until)
            if held is None:
                self.lease(self._server_lease(owner), at=at)
        raise Unavailable("storage.contended", "these numbers change too often; try again")

    def hold_number(self, owner: Owner, number: str, hold_id: str, *, until: datetime) -> None:
        """Hold a number of one of the owner's blocks."""
        block = self._block_with(number)
        if block is None or block["consignor_id"] != owner.consignor_id:
            raise not_leased()
        self.change(block["_id"], lambda held: held.hold(number, hold_id, until=until))

    def keep(self, claims: Collection[Claim]) -> None:
        """Note them as used, block by block."""
        by_block: dict[str, list[Claim]] = {}
        for claim in claims:
            block = self._block_with(claim.key)
            if block is not None:
                by_block.setdefault(block["_id"], []).append(claim)
        for block_id, of_block in by_block.items():
            self.change(block_id, partial(_used, claims=of_block))

    def free(self, claim: Claim, *, reason: str) -> None:
        """Note it as void, or free again where an offline one was never used."""
        block = self._block_with(claim.key)
        if block is not None:
            self.change(
                block["_id"], lambda held: held.give_up(claim.key, claim.hold_id, reason=reason)
            )

    def change(
        self,
        block_id: str,
        decide: Callable[[Block], Block],
        *,
        request: Request[Block] | None = None,
    ) -> Stored[Block]:
        """Change a block once for a request; a repeat gets the stored answer."""
        for _ in range(TRIES):
            before = self._document(block_id)
            answer = stored_answer(before, request) if request else None
            if answer is not None:
                return Stored(block_id, before["version"], block_of(before), answer)
            block = block_of(before)
            after = decide(block)
            if after == block and request is None:
                return Stored(block_id, before["version"], block)
            changed = changed_fields(before, after, request)
            if self._replaced(before, changed):
                answer = stored_answer({**before, **changed}, request) if request else None
                return Stored(block_id, changed["version"], after, answer)
        raise Unavailable("storage.contended", "this block changes too often; try again")

    def expired(self, now: datetime, *, limit: int) -> Sequence[Claim]:
        """Return numbers that are held past their time."""
        with storage_errors():
            found = self._blocks.find({"sweep_at": {"$lte": now}}).limit(BLOCKS_A_SWEEP)
            blocks = [block_of(each) for each in found]
        return [
            Claim(Kind.NUMBER, entry.number, entry.hold_id)
            for block in blocks
            for entry in block.entries
            if entry.use is Use.HELD and entry.hold_id and _is_over(entry.expires_at, now)
        ][:limit]

    def close_past_years(self, year: int) -> int:
        """Return what is free in the blocks of years before `year`; return how many blocks."""
        past = {"closed": None, "year": {"$lt": year}}
        with storage_errors():
            found = [each["_id"] for each in self._blocks.find(past, {"_id": 1}, limit=200)]
        for block_id in found:
            self.change(block_id, lambda held: held.close("year-over"))
        return len(found)

    def counts(self) -> dict[str, int]:
        """Count numbers by what became of them; blocks have `leased`, series gave `given`.

        held + used + void + returned + free = leased = given, but for ranges a crash left open.
        """
        with storage_errors():
            uses = list(self._blocks.aggregate(USES))
            sizes = list(self._blocks.aggregate(SIZES))
            series = list(self._series.find({}, {"next": 1}))
        counted = {use.value: 0 for use in Use} | {each["_id"]: each["count"] for each in uses}
        total = sizes[0] if sizes else {"leased": 0, "returned": 0, "free": 0}
        counted["returned"] += total["returned"]
        counted |= {"leased": total["leased"], "free": total["free"]}
        return counted | {"given": sum(each["next"] - 1 for each in series)}

    def _took_next(self, owner: Owner, hold_id: str, *, until: datetime) -> str | None:
        free = {**owned(owner), "holder": SERVER, "closed": None, "left": {"$gt": 0}}
        with storage_errors():
            taken = self._blocks.find_one_and_update(
                free,
                took_next(hold_id, until),
                projection={"series": 1, "entries": only_held(hold_id)},
                sort=[("_id", 1)],
                return_document=ReturnDocument.AFTER,
            )
        return None if taken is None else held_number(taken)

    def _held_by(self, owner: Owner, hold_id: str) -> str | None:
        held = only_held(hold_id)
        with storage_errors():
            found = self._blocks.find_one(
                {**owned(owner), "entries": held}, {"series": 1, "entries": held}, sort=[("_id", 1)]
            )
        return None if found is None else held_number(found)

    def _server_lease(self, owner: Owner) -> Lease:
        """Return the server's next lease for an owner: all threads that need one want the same."""
        with storage_errors():
            count = self._blocks.count_documents(
                {**owned(owner), "holder": SERVER, "closed": {"$ne": SPARE}}
            )
        lease_id = derived_id("block", owner.consignor_id, owner.series.id, str(count))
        return Lease(lease_id, owner, SERVER, self._server_block)

    def _block_with(self, number: str) -> Document | None:
        series, serial = parse_number(number)
        around = {"series": series.id, "first": {"$lte": serial}, "last": {"$gte": serial}}
        with storage_errors():
            return self._blocks.find_one(around, {"consignor_id": 1}, sort=[("first", -1)])

    def _document(self, block_id: str) -> Document:
        with storage_errors():
            found = self._blocks.find_one({"_id": block_id})
        if found is None:
            raise NotFound("number_block.not_found", "there is no such block")
        return found

    def _replaced(self, before: Document, changed: Document) -> bool:
        """Compare-and-set; False where another change was first."""
        unchanged = {"_id": before["_id"], "version": before["version"]}
        with storage_errors():
            written = self._blocks.update_one(unchanged, {"$set": changed})
        return written.matched_count == 1


def _used(block: Block, claims: Sequence[Claim]) -> Block:
    for claim in claims:
        block = block.use(claim.key, claim.hold_id)
    return block


def _is_over(expires_at: datetime | None, now: datetime) -> bool:
    return expires_at is not None and expires_at <= now
