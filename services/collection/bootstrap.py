"""Collection's only wiring."""

from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from pymongo.database import Database

from services.collection.adapters.announcements import announce
from services.collection.adapters.calendar import ChinaWorkingDays
from services.collection.adapters.cells import H3Cells
from services.collection.adapters.household_cache import CachedHouseholds
from services.collection.adapters.mongo_households import MongoHouseholds
from services.collection.adapters.mongo_people import MongoPeople
from services.collection.adapters.mongo_pickups import MongoPickupSearch
from services.collection.adapters.mongo_pools import MongoPools
from services.collection.adapters.mongo_prices import MongoPriceLists
from services.collection.adapters.mongo_rules import MongoRuleBook, MongoScales
from services.collection.adapters.mongo_series import MongoSeries
from services.collection.adapters.mongo_slots import MongoSlots
from services.collection.adapters.pickup_lists import MongoPickupLists
from services.collection.adapters.recurrences import DateutilRecurrences
from services.collection.application.desk import Desk
from services.collection.application.materialising import materialise_all
from services.collection.application.opening import open_ahead
from services.collection.application.places import forget_lapsed, free_given_up, sweep_holds
from services.collection.application.rebooking import rebook_all
from services.collection.application.reviewing import let_stand
from services.collection.application.rota import Rota
from services.collection.domain.pickup import Pickup
from services.collection.domain.states import TERM
from services.collection.entrypoints import http
from services.collection.entrypoints.city import city_router
from services.collection.entrypoints.collecting import collecting_router
from services.collection.entrypoints.estimates import estimates_router
from services.collection.entrypoints.listing import listing_router
from services.collection.entrypoints.price_reactions import price_effects
from services.collection.entrypoints.reactions import GROUP, reaction
from services.collection.entrypoints.reading import Registry, reading_router
from services.collection.entrypoints.recurring import (
    ordering_router,
    pausing_router,
    series_reading_router,
)
from services.collection.entrypoints.reviewing import own_router, reviewing_router
from services.collection.settings import CollectionSettings
from shared.contracts.pickup import TOPIC
from shared.http.app import create_app, serve
from shared.kernel.clock import SystemClock, legal_day
from shared.messaging.crash_points import reached
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import connect, database, is_reachable
from shared.messaging.outbox_bound import OutboxBound
from shared.messaging.reactions import Reaction
from shared.messaging.reconciliation import reconcile
from shared.messaging.wiring import invariant_job, outbox_job, relay_of, runner_of
from shared.messaging.worker import Job, Worker
from shared.observability import metrics

OUTBOXES = ("pickups",)
SWEEP_EVERY_S = 2.0
FORGET_EVERY_S = 600.0
OPEN_EVERY_S = 30.0
REBOOK_EVERY_S = 10.0
SERIES_EVERY_S = 1.0
MEASURE_EVERY_S = 30.0
Documents = dict[str, Any]


class Wiring:
    """Collection's objects over one database."""

    def __init__(self, settings: CollectionSettings) -> None:
        """Connects when first used."""
        self.settings = settings
        self.client = connect(settings.mongodb, name=settings.instance)
        self.db: Database[Documents] = database(self.client, settings.database)
        self.pickups = MongoAggregates(
            self.db["pickups"],
            kind="pickup",
            state_type=Pickup,
            announce=announce,
            bound=OutboxBound([self.db[name] for name in OUTBOXES]),
        )
        self.households = MongoHouseholds(self.db["households"])
        self.pools = MongoPools(self.db["slots"], open_bookings_max=settings.open_bookings_max)
        self.slots = MongoSlots(self.db["slots"])
        self.scales = MongoScales(self.db["scales"])
        self.rules = MongoRuleBook(self.db["rules"])
        self.price_lists = MongoPriceLists(self.db["price_lists"])
        self.search = MongoPickupSearch(self.pickups)
        self.lists = MongoPickupLists(self.pickups)
        self.desk = Desk(
            pickups=self.pickups,
            search=self.search,
            pools=self.pools,
            slots=self.slots,
            households=CachedHouseholds(self.households),
            people=MongoPeople(self.db["people"]),
            scales=self.scales,
            rules=self.rules,
            working_days=ChinaWorkingDays(),
            clock=settings.clock(),
            lease_clock=SystemClock(),
            reached=reached,
            prices=self.price_lists,
        )
        self.series = MongoSeries(self.db["series"])
        self.rota = Rota(self.desk, self.series, self.series, DateutilRecurrences())

    def prepare(self) -> None:
        """Create indexes; may be repeated."""
        for aggregates in (
            self.pickups,
            self.scales,
            self.rules,
            self.series,
            self.households,
            self.price_lists,
        ):
            aggregates.prepare()
        self.pools.prepare()
        self.slots.prepare()
        self.search.prepare()
        self.lists.prepare()

    def measure_series(self) -> None:
        """Keep the gauge of days that wait for a place."""
        metrics.SERIES_UNPLACED.set(self.series.unplaced())

    def reaction(self) -> Reaction:
        """Return all that is done about other services' events."""
        effects = reaction(self.pickups).effects
        return Reaction(GROUP, {**effects, **price_effects(self.price_lists)})

    def ready(self) -> bool:
        """Say whether the database answers."""
        return is_reachable(self.client)

    def books(self) -> dict[str, Any]:
        """Return what the service says of its own books."""
        facts = {"counts": self.search.counts(), "collected_g": self.search.collected_g()}
        books = reconcile(self.db, collections=OUTBOXES)
        return {"service": "collection", **books, "facts": facts}

    def invariants(self) -> dict[str, bool]:
        """Check the conservation of counts, and that no slot is oversold."""
        counts = self.search.counts()
        terms = sum(counts[term] for term in set(TERM.values()))
        today = legal_day(self.desk.clock.now())
        return {
            "collection.counts": counts["booked"] == terms,
            "collection.places": self.slots.oversold(since=today - timedelta(days=1)) == 0,
        }


def build_api(settings: CollectionSettings) -> FastAPI:
    """Return the API; nothing is connected before the first request."""
    wiring = Wiring(settings)
    office = http.Office(wiring.desk, H3Cells())
    routers = [
        http.slots_router(office),
        http.booking_router(office),
        http.withdrawing_router(office),
        collecting_router(wiring.desk),
        own_router(wiring.desk),
        reviewing_router(wiring.desk),
        city_router(wiring.desk),
        estimates_router(wiring.desk),
        ordering_router(wiring.rota),
        pausing_router(wiring.rota),
        series_reading_router(wiring.rota, wiring.series),
        listing_router(wiring.desk, wiring.lists),
        reading_router(Registry(wiring.desk, wiring.books)),
    ]
    return create_app(
        title="Greenloop collection", routers=routers, settings=settings, ready=wiring.ready
    )


def run_api(settings: CollectionSettings) -> int:
    """Serve until SIGTERM."""
    Wiring(settings).prepare()
    serve(build_api(settings), settings)
    return 0


def run_worker(settings: CollectionSettings) -> int:
    """Relay, react and sweep until SIGTERM."""
    wiring = Wiring(settings)
    wiring.prepare()
    jobs = [
        Job("sweep-holds", SWEEP_EVERY_S, lambda: sweep_holds(desk=wiring.desk)),
        Job("free-places", SWEEP_EVERY_S, lambda: free_given_up(desk=wiring.desk)),
        Job("open-ahead", OPEN_EVERY_S, lambda: open_ahead(desk=wiring.desk)),
        Job("let-stand", SWEEP_EVERY_S, lambda: let_stand(desk=wiring.desk)),
        Job("rebook", REBOOK_EVERY_S, lambda: rebook_all(desk=wiring.desk)),
        Job("series", SERIES_EVERY_S, lambda: materialise_all(rota=wiring.rota)),
        Job("series-gauge", MEASURE_EVERY_S, wiring.measure_series),
        Job("forget-lapsed", FORGET_EVERY_S, lambda: forget_lapsed(desk=wiring.desk)),
        outbox_job(wiring.db, OUTBOXES),
        invariant_job(wiring.invariants),
    ]
    worker = Worker(
        settings,
        relay=relay_of(wiring.db, settings, collections=OUTBOXES, topics=[TOPIC]),
        runners=[runner_of(wiring.reaction(), wiring.db, settings)],
        jobs=jobs,
        ready=wiring.ready,
    )
    return worker.run()
