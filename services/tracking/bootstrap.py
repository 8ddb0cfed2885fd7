"""Tracking's only wiring."""

from functools import partial
from typing import Any

from fastapi import FastAPI

from services.tracking.adapters.announcements import announce
from services.tracking.adapters.codes import codes_of
from services.tracking.adapters.exemptions import TableExemptions
from services.tracking.adapters.mongo_container_pool import MongoContainerDocuments
from services.tracking.adapters.mongo_counts import RECOUNT, MongoCounts
from services.tracking.adapters.mongo_drives import MongoDrives
from services.tracking.adapters.mongo_journals import MongoJournals
from services.tracking.adapters.mongo_mass import MongoMass
from services.tracking.adapters.mongo_stock import MongoStockSearch, PostedStock
from services.tracking.application.consignment_containers import ReservedContainers
from services.tracking.application.exemptions import Judging
from services.tracking.application.register_ports import Registry
from services.tracking.application.stock_legs import needs_manifest
from services.tracking.application.stockkeeping import Yard, recount
from services.tracking.bootstrap_containers import ContainerWiring
from services.tracking.bootstrap_crates import MOVEMENTS, PARTIES, CrateWiring
from services.tracking.bootstrap_registers import RegisterWiring
from services.tracking.consignment_wiring import ConsignmentWiring
from services.tracking.domain.container import Container
from services.tracking.domain.exemptions import LegVehicle
from services.tracking.domain.journal import Journal
from services.tracking.domain.stock import StockMovement
from services.tracking.entrypoints import codes, exemptions, http
from services.tracking.entrypoints.container_reactions import container_reaction
from services.tracking.entrypoints.drive_reactions import drive_reaction
from services.tracking.entrypoints.drives import drives_router
from services.tracking.entrypoints.reactions import reaction
from services.tracking.entrypoints.stock import (
    Warehouse,
    balances_router,
    stock_movements_router,
    stock_router,
)
from services.tracking.settings import TrackingSettings
from shared.calendar.routes import working_days_router
from shared.calendar.stored import MongoWorkingYears
from shared.contracts import consignment, container, crate
from shared.http.app import create_app, serve
from shared.messaging.crash_points import reached
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import connect, database, is_reachable
from shared.messaging.outbox_bound import OutboxBound
from shared.messaging.reactions import Reaction
from shared.messaging.reconciliation import reconcile
from shared.messaging.wiring import (
    invariant_job,
    outbox_job,
    relay_of,
    runner_of,
)
from shared.messaging.worker import Job, Worker
from shared.posting.balances import Balances
from shared.posting.mongo_balances import MongoBalances
from shared.posting.mongo_ledgers import BESIDE, MongoLedgers
from shared.posting.mongo_log import MongoPostingLog
from shared.posting.poster import Poster

JOURNALS = "journals"
OUTBOXES = ("consignments", "containers", JOURNALS, "tasks", PARTIES)
LEDGERS = (JOURNALS, "stock_movements", "container_movements")  # of grams; crates' is of pieces
TOPICS = (container.TOPIC, consignment.TOPIC, crate.TOPIC)
POST_EVERY_S = 0.5
RECOUNT_EVERY_S = 1.0
MASS_TERMS = (
    "in_stock",
    "in_transit",
    "delivered",
    "returned",
    "quarantine",
    "difference",
    "loss",
    "processed",
)


class Wiring:
    """Tracking's objects over one database."""

    def __init__(self, settings: TrackingSettings) -> None:
        """Connects when first used."""
        self.settings = settings
        self.client = connect(settings.mongodb, name=settings.instance)
        self.db = database(self.client, settings.database)
        self.clock = settings.clock()
        bound = OutboxBound([self.db[name] for name in OUTBOXES])
        self.boxes = ContainerWiring(self.db, settings, clock=self.clock, bound=bound)
        self.containers = self.boxes.containers
        self.registers = RegisterWiring(self.db, settings, clock=self.clock)
        self.journals = MongoJournals(
            self.db[JOURNALS],
            kind="journal",
            state_type=Journal,
            announce=announce,
            beside=BESIDE,
        )
        self.stock_movements = MongoAggregates(
            self.db["stock_movements"],
            kind="stock_movement",
            state_type=StockMovement,
            announce=announce,
            beside={**BESIDE, **RECOUNT},
        )
        self.stock_search = MongoStockSearch(self.stock_movements)
        grams = [self.db[name] for name in LEDGERS]
        self.ledgers = MongoLedgers([self.db[name] for name in (*LEDGERS, MOVEMENTS)])
        self.balance_rows = MongoBalances(self.db["balances"])
        self.counts = MongoCounts(
            self.stock_movements.collection,
            grams,
            self.balance_rows,
            settle=lambda: self.poster().settle(),
        )
        self.crates = CrateWiring(self.db, self.balance_rows, clock=self.clock, bound=bound)
        self.balances = Balances(self.balance_rows, self.ledgers)
        self.drives = MongoDrives(self.db["drive_totals"], self.journals)
        self.mass = MongoMass(self.journals, [self.db[name] for name in LEDGERS[1:]])
        self.years = MongoWorkingYears(self.db["working_years"])
        unbounded = self.boxes.unbounded()
        documents = MongoContainerDocuments(unbounded)
        self.consigning = ConsignmentWiring(
            self.db,
            settings,
            containers=self._reserved(unbounded, documents),
            documents=documents,
            working_days=self.years,
            bound=bound,
        )

    def _reserved(
        self, facts: MongoAggregates[Container], documents: MongoContainerDocuments
    ) -> ReservedContainers:
        """Return the containers as consignments reserve them and tell them facts."""
        places = self.boxes.operators
        return ReservedContainers(
            self.containers, facts, documents, self.clock, places=places, codes_of=codes_of
        )

    def prepare(self) -> None:
        """Create indexes; may be repeated."""
        self.boxes.prepare()
        self.crates.prepare()
        self.journals.prepare()
        self.stock_movements.prepare()
        self.stock_search.prepare()
        self.counts.prepare()
        self.ledgers.prepare()
        self.balance_rows.prepare()
        self.registers.prepare()
        self.consigning.prepare()
        self.drives.prepare()

    def poster(self) -> Poster:
        """Return what adds the ledger's entries to the rows of balances."""
        log = MongoPostingLog(self.db["postings"])
        return Poster(
            log,
            self.ledgers,
            self.balance_rows,
            self.clock,
            reached=reached,
            notice=self.counts.notice,
        )

    def recount(self) -> int:
        """Follow what was told after a stock-taking of what happened before it."""
        return recount(movements=self.stock_movements, counts=self.counts)

    def registry(self) -> Registry:
        """Return what registers are made with."""
        return self.registers.registry(self.poster(), self.balance_rows)

    def warehouse(self) -> Warehouse:
        """Return what the routes of stock work with."""
        law = partial(
            needs_manifest,
            stores=self.boxes.operators.central_stores,
            exemptions=TableExemptions(),
        )
        yard = Yard(self.stock_movements, PostedStock(self.balances), self.clock, law)
        return Warehouse(yard, self.stock_search, self.balances)

    def reactions(self) -> list[Reaction]:
        """Return what tracking does about events: others' facts, and its own decisions."""
        containment = self.boxes.containment()
        facts = reaction(self.journals, containment=containment, judging=judging_of(self.settings))
        own = container_reaction(
            self.journals,
            movements=self.boxes.movements,
            tasks=self.boxes.tasks,
            containment=containment,
        )
        others = [self.crates.reaction(), drive_reaction(self.drives.told)]
        return [facts, own, self.consigning.reaction(), *others]

    def jobs(self) -> list[Job]:
        """Return the worker's jobs."""
        return [
            Job("post", POST_EVERY_S, self.poster().post_all),
            Job("recount", RECOUNT_EVERY_S, self.recount),
            self.registers.job(self.registry()),
            outbox_job(self.db, OUTBOXES),
            invariant_job(self.invariants),
            *self.consigning.jobs(),
        ]

    def ready(self) -> bool:
        """Say whether the database answers."""
        return is_reachable(self.client)

    def books(self) -> dict[str, Any]:
        """Return what the service says of its own books."""
        books = reconcile(self.db, collections=OUTBOXES)
        facts = {
            **self.mass.facts(),
            "ledger_in_containers_g": self.mass.in_containers_g(),
            **self.boxes.facts(),
            **self.crates.search.facts(),
            **self.consigning.facts(),
            **self.drives.facts(),
        }
        return {"service": "tracking", **books, "facts": facts}

    def invariants(self) -> dict[str, bool]:
        """Check that the ledger sums to zero and that no collected gram is anywhere else."""
        facts = self.mass.facts()
        placed = all(
            grams["collected"] == sum(grams[term] for term in MASS_TERMS)
            for grams in facts["by_material"].values()
        )
        return {
            "tracking.ledger_sums_to_zero": facts["ledger_sum_g"] == 0,
            "tracking.collected_is_somewhere": placed,
            **self.consigning.invariants(),
        }


def judging_of(settings: TrackingSettings) -> Judging:
    """Return what the legs of collection are judged with."""
    vehicle = LegVehicle.showing(settings.collection_vehicles)
    return Judging(TableExemptions(), vehicle)


def build_api(settings: TrackingSettings) -> FastAPI:
    """Return the API; nothing is connected before the first request."""
    wiring = Wiring(settings)
    return create_app(
        title="Greenloop tracking",
        routers=[
            http.router(wiring.books),
            *wiring.boxes.routers(),
            *wiring.crates.routers(),
            codes.router(wiring.clock),
            exemptions.router(
                TableExemptions(),
                wiring.journals,
                stores=wiring.boxes.operators.central_stores,
                clock=wiring.clock,
            ),
            stock_router(wiring.warehouse()),
            stock_movements_router(wiring.warehouse()),
            balances_router(wiring.warehouse()),
            drives_router(wiring.drives),
            *wiring.registers.routers(wiring.registry(), party=wiring.consigning.parties.party),
            working_days_router(wiring.years),
            *wiring.consigning.routers(),
        ],
        settings=settings,
        ready=wiring.ready,
    )


def run_api(settings: TrackingSettings) -> int:
    """Serve until SIGTERM."""
    wiring = Wiring(settings)
    wiring.prepare()
    wiring.boxes.permit_keys()  # a missing or wrong key stops the start, not the first scan
    _ = wiring.registers.links  # the same
    serve(build_api(settings), settings)
    return 0


def run_worker(settings: TrackingSettings) -> int:
    """Relay and react until SIGTERM."""
    wiring = Wiring(settings)
    wiring.prepare()
    worker = Worker(
        settings,
        relay=relay_of(wiring.db, settings, collections=OUTBOXES, topics=TOPICS),
        runners=[runner_of(each, wiring.db, settings) for each in wiring.reactions()],
        jobs=wiring.jobs(),
        ready=wiring.ready,
    )
    return worker.run()
