"""Posting a million postings beside the bare writes that it needs, and balances over them."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from pymongo import UpdateOne
from pymongo.collection import Collection
from pymongo.database import Database

from deploy.local.testing import Infrastructure
from shared.kernel.clock import SystemClock
from shared.kernel.ledger import Entry
from shared.messaging.mongo_client import connect, database
from shared.posting.balances import Balances
from shared.posting.batch import Batch, RowName, summed
from shared.posting.mongo_balances import MongoBalances
from shared.posting.mongo_ledgers import MongoLedgers
from shared.posting.mongo_log import MongoPostingLog
from shared.posting.poster import Poster
from tests.bench.rows import Row
from tools.report.render import percentile

HELD = 250_000  # documents of two entries with two postings each: a million postings
POSTED = 20_000  # more of them, which are posted and measured
VEHICLES, PLACES, COMMUNITIES = 500, 20, 2_000
MATERIALS = ("cardboard", "newsprint", "textiles", "pet-bottles", "steel-scrap")
DAYS = 60
NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
QUERIES = 400
Documents = dict[str, Any]


def rows(infra: Infrastructure) -> list[Row]:
    """Post everything, then ask for balances of places, vehicles and communities."""
    client = connect(infra.mongodb_uri, name="bench")
    db = database(client, "bench_postings")
    try:
        balances = Balances(MongoBalances(db["balances"]), MongoLedgers([db["journals"]]))
        balances.ledgers.prepare()
        balances.rows.prepare()
        log = MongoPostingLog(db["postings"])
        _hold(db)
        log.finish(1)
        for documents in _chunks(_journals(HELD, HELD + POSTED), 5_000):
            for name in ("journals", "bare_journals"):
                db[name].insert_many(documents, ordered=False)
        db["balances"].aggregate([{"$out": "bare_rows"}])
        MongoBalances(db["bare_rows"]).prepare()
        kept = _Kept(balances.rows)
        poster = Poster(log, balances.ledgers, kept, SystemClock())
        begun_s = time.monotonic()
        posted = poster.post_all(rounds_max=POSTED)
        per_s = posted * 4 / (time.monotonic() - begun_s)
        bare_per_s = _bare(db["bare_rows"], db["bare_journals"], kept.batches)
        found = [Row("posting, postings", per_s, "/s", bare_per_s, "bare bulk writes", "≥ 0.5")]
        return [*found, *_query_rows(balances)]
    finally:
        client.drop_database(db.name)
        client.close()


def _hold(db: Database[Documents]) -> None:
    """Put a million postings there, as batch 1 left them."""
    sums: dict[RowName, Counter[str]] = {}
    for documents in _chunks(_journals(0, HELD), 5_000):
        for each in documents:
            each |= {"posted": 2, "unposted": False}
            for name, cells in summed(_entries(each), otherwise_at=NOW).items():
                sums.setdefault(name, Counter()).update(cells)
        db["journals"].insert_many(documents, ordered=False)
    held = (
        {"_id": "|".join(name), "m": 1, **_nested(cells), **name._asdict()}
        for name, cells in sums.items()
    )
    for chunk in _chunks(held, 5_000):
        db["balances"].insert_many(chunk, ordered=False)


def _nested(cells: Counter[str]) -> Documents:
    row: Documents = {"amount": cells["amount"], "days": {}, "hours": {}}
    for cell, amount in cells.items():
        kind, _, part = cell.partition(".")
        if part:
            row[kind][part] = amount
    return row


def _entries(document: Documents) -> tuple[Entry, ...]:
    entries = document["state"]["entries"]
    return msgspec.convert(entries, tuple[Entry, ...], builtin_types=(datetime,))


class _Kept:
    """Rows that remember the batches, so that the baseline writes the very same rows."""

    def __init__(self, rows: MongoBalances) -> None:
        self._rows = rows
        self.batches: list[Batch] = []

    def add(self, batch: Batch) -> None:
        self.batches.append(batch)
        self._rows.add(batch)


def _bare(
    balances: Collection[Documents], journals: Collection[Documents], batches: list[Batch]
) -> float:
    """Add the same sums to a copy of the rows as they were, and mark a copy of the documents.

    A bulk write of each, with no log, no numbers in the rows, no rules.
    """
    marked = sum(len(batch.ranges) for batch in batches)
    begun_s = time.monotonic()
    for batch in batches:
        balances.bulk_write(
            [
                UpdateOne({"_id": "|".join(name)}, {"$inc": cells}, upsert=True)
                for name, cells in batch.sums.items()
            ],
            ordered=False,
        )
        journals.bulk_write(
            [UpdateOne({"_id": r.document_id}, {"$set": {"posted": r.last}}) for r in batch.ranges],
            ordered=False,
        )
    return marked * 4 / (time.monotonic() - begun_s)


def _query_rows(balances: Balances) -> list[Row]:
    dice = random.Random(7)
    accounts = [
        *(f"place/{n}" for n in range(PLACES)),
        *(f"vehicle/{dice.randrange(VEHICLES)}" for _ in range(PLACES)),
        *(f"household/{dice.randrange(COMMUNITIES)}" for _ in range(PLACES)),
    ]
    instants = [NOW - timedelta(minutes=dice.randrange(DAYS * 1440)) for _ in range(QUERIES)]
    now_s = _timed(lambda n: balances.now(accounts[n % len(accounts)]))
    then_s = _timed(lambda n: balances.at(instants[n], accounts[n % len(accounts)]))
    return [
        Row("balance now at 1 M postings, p99", percentile(now_s, 0.99) * 1000, "ms", aim="< 20"),
        Row("balance at a time, p50", percentile(then_s, 0.5) * 1000, "ms"),
        Row("balance at a time, p99", percentile(then_s, 0.99) * 1000, "ms", aim="< 20"),
    ]


def _timed(ask: Callable[[int], object]) -> list[float]:
    took = []
    for number in range(QUERIES):
        begun_s = time.perf_counter()
        ask(number)
        took.append(time.perf_counter() - begun_s)
    return took


def _journals(first: int, last: int) -> Iterator[Documents]:
    dice = random.Random(first)
    for number in range(first, last):
        at = NOW - timedelta(days=dice.randrange(DAYS), minutes=dice.randrange(600))
        vehicle, place = f"vehicle/{dice.randrange(VEHICLES)}", f"place/{dice.randrange(PLACES)}"
        material, mass_g = dice.choice(MATERIALS), dice.randrange(100, 9_000)
        home = f"household/{dice.randrange(COMMUNITIES)}"
        moves = ((home, vehicle, at), (vehicle, place, at + timedelta(hours=2)))
        entries = [
            _entry(f"{number}-{n}", move, material=material, mass_g=mass_g)
            for n, move in enumerate(moves)
        ]
        yield {"_id": str(number), "state": {"entries": entries}, "unposted": True}


def _entry(name: str, move: tuple[str, str, datetime], *, material: str, mass_g: int) -> Documents:
    source, target, at = move
    unit = {"measure": "g", "kind": material}
    postings = [
        {"account": source, "amount": -mass_g, "unit": unit},
        {"account": target, "amount": mass_g, "unit": unit},
    ]
    return {"id": name, "postings": postings, "reason": "moved", "reverses": None, "at": at}


def _chunks(documents: Iterator[Documents], size: int) -> Iterator[list[Documents]]:
    chunk: list[Documents] = []
    for document in documents:
        chunk.append(document)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
