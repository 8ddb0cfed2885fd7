"""Pricing's only wiring."""

from collections.abc import Set
from typing import Any

from fastapi import FastAPI

from services.pricing.adapters.announcements import announce
from services.pricing.adapters.mongo_deposits import MongoDeposits
from services.pricing.adapters.mongo_prices import MongoPriceBook
from services.pricing.adapters.mongo_settlements import MongoSettlementSearch, settled_of
from services.pricing.application.handlers import settle_unpriced
from services.pricing.domain.deposit import Deposit
from services.pricing.domain.price_book import Area, PriceList
from services.pricing.domain.settlement import Settlement
from services.pricing.entrypoints import http
from services.pricing.entrypoints.deposit_http import deposits_router
from services.pricing.entrypoints.deposit_reactions import deposit_reaction
from services.pricing.entrypoints.reactions import GROUP, reaction
from services.pricing.settings import PricingSettings
from shared.contracts import price, settlement
from shared.http.app import create_app, serve
from shared.messaging.generations import of_generation
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import connect, database, is_reachable
from shared.messaging.outbox_bound import OutboxBound
from shared.messaging.quiet import QuietAggregates
from shared.messaging.reactions import Reaction
from shared.messaging.rebuild_role import run_rebuild
from shared.messaging.reconciliation import reconcile
from shared.messaging.wiring import (
    invariant_job,
    outbox_job,
    rebuildable_reaction,
    relay_of,
    runner_of,
)
from shared.messaging.worker import Job, Worker
from shared.reference.crate_types import crate_type

SETTLEMENTS = "settlements"
OUTBOXES = ("price_lists", SETTLEMENTS)
UNPRICED_EVERY_S = 5.0


class Wiring:
    """Pricing's objects over one database."""

    def __init__(self, settings: PricingSettings) -> None:
        """Connects when first used."""
        self.settings = settings
        self.clock = settings.clock()
        self.client = connect(settings.mongodb, name=settings.instance)
        self.db = database(self.client, settings.database)
        bound = OutboxBound([self.db[name] for name in OUTBOXES])
        self.lists = MongoAggregates(
            self.db["price_lists"],
            kind="price_list",
            state_type=PriceList,
            announce=announce,
            bound=bound,
        )
        self.areas = MongoAggregates(
            self.db["areas"], kind="area", state_type=Area, announce=announce
        )
        self.settlements = MongoAggregates(
            self.db[SETTLEMENTS],
            kind="settlement",
            state_type=Settlement,
            announce=announce,
            bound=bound,
        )
        self.crate_deposits = MongoAggregates(
            self.db["crate_deposits"], kind="deposit", state_type=Deposit, announce=announce
        )
        self.deposits = MongoDeposits(self.crate_deposits)
        self.book = MongoPriceBook(self.lists)
        self.search = MongoSettlementSearch(self.settlements)

    def prepare(self) -> None:
        """Create indexes; may be repeated."""
        self.lists.prepare()
        self.settlements.prepare()
        self.search.prepare()
        self.deposits.prepare()

    def ready(self) -> bool:
        """Say whether the database answers."""
        return is_reachable(self.client)

    def books(self) -> dict[str, Any]:
        """Return what the service says of its own books."""
        books = reconcile(self.db, collections=OUTBOXES)
        facts = {**self.search.facts(), **self.deposits.facts()}
        return {"service": "pricing", **books, "facts": facts}

    def deposit_reaction(self) -> Reaction:
        """Return what charges and refunds the deposits on crates."""
        return deposit_reaction(
            self.crate_deposits, rate=lambda code, on: crate_type(code, on=on).deposit_fen
        )

    def settle_unpriced(self) -> int:
        """Settle what waits for a price."""
        return settle_unpriced(
            settlements=self.settlements, search=self.search, book=self.book, clock=self.clock
        )

    def invariants(self) -> dict[str, bool]:
        """Check that the ledger sums to zero and that settled = paid + pending."""
        facts, deposits = self.search.facts(), self.deposits.facts()
        return {
            "pricing.deposits_are_in_the_ledger": deposits["deposits_ledger_sum_fen"] == 0
            and deposits["deposits_held_fen"] == deposits["deposits_held_in_ledger_fen"],
            "pricing.ledger_sums_to_zero": facts["ledger_sum_fen"] == 0,
            "pricing.settled_is_paid_and_pending": facts["settled_fen"]
            == facts["paid_fen"] + facts["pending_fen"],
        }


def build_api(settings: PricingSettings) -> FastAPI:
    """Return the API; nothing is connected before the first request."""
    wiring = Wiring(settings)
    office = http.Office(
        lists=wiring.lists,
        areas=wiring.areas,
        book=wiring.book,
        settlements=wiring.settlements,
        search=wiring.search,
        clock=wiring.clock,
        books=wiring.books,
    )
    return create_app(
        title="Greenloop pricing",
        routers=[
            http.prices_router(office),
            http.settlements_router(office),
            deposits_router(wiring.deposits),
        ],
        settings=settings,
        ready=wiring.ready,
    )


def run_api(settings: PricingSettings) -> int:
    """Serve until SIGTERM."""
    Wiring(settings).prepare()
    serve(build_api(settings), settings)
    return 0


def run_worker(settings: PricingSettings) -> int:
    """Relay, react and settle what waits, until SIGTERM."""
    wiring = Wiring(settings)
    wiring.prepare()
    reacts = reaction(wiring.settlements, book=wiring.book, clock=wiring.clock)
    worker = Worker(
        settings,
        relay=relay_of(
            wiring.db, settings, collections=OUTBOXES, topics=[price.TOPIC, settlement.TOPIC]
        ),
        runners=[
            runner_of(each, wiring.db, settings) for each in (reacts, wiring.deposit_reaction())
        ],
        jobs=[
            Job("unpriced", UNPRICED_EVERY_S, wiring.settle_unpriced),
            outbox_job(wiring.db, OUTBOXES),
            invariant_job(wiring.invariants),
        ],
        ready=wiring.ready,
    )
    return worker.run()


def run_rebuild_settlements(settings: PricingSettings, words: Set[str]) -> int:
    """Settle all weigh-ins a second time, unheard, and compare: an audit of the money ledger.

    The second set of books never takes the place of the first: payouts and keyed answers are
    commands' and on no topic that this service reads, and its events are told already.
    """
    wiring = Wiring(settings)

    def reaction_of(generation: int) -> Reaction:
        quiet = QuietAggregates(
            wiring.db[of_generation(SETTLEMENTS, generation)],
            kind="settlement",
            state_type=Settlement,
            announce=announce,
        )
        return reaction(quiet, book=wiring.book, clock=wiring.clock)

    settlements = rebuildable_reaction(
        wiring.db,
        settings,
        reaction_of=reaction_of,
        group=GROUP,
        collection=SETTLEMENTS,
        look=settled_of,
        replaces=False,
    )
    return run_rebuild(settlements, words)
