"""Collection's only wiring."""

from collections import Counter
from datetime import timedelta
from functools import cache, partial
from typing import Any

from fastapi import FastAPI
from pymongo.database import Database

from services.collection.adapters.announcements import announce
from services.collection.adapters.cells import H3Cells
from services.collection.adapters.codes import HmacCodes, key_of
from services.collection.adapters.directory import KeptDirectory
from services.collection.adapters.mongo_households import MongoHouseholds
from services.collection.adapters.mongo_people import MongoPeople
from services.collection.adapters.mongo_photos import MongoPhotos
from services.collection.adapters.mongo_pickups import MongoPickupSearch
from services.collection.adapters.mongo_pools import MongoPools
from services.collection.adapters.mongo_prices import MongoPriceLists
from services.collection.adapters.mongo_rules import MongoRuleBook, MongoScales
from services.collection.adapters.mongo_series import MongoSeries
from services.collection.adapters.mongo_slots import MongoSlots
from services.collection.adapters.pickup_lists import MongoPickupLists
from services.collection.adapters.pictures import PillowPictures
from services.collection.adapters.qr import qr_svg
from services.collection.adapters.recurrences import RuleDays
from services.collection.adapters.signed_permits import KEYS_WAIT_S, SignedPermits
from services.collection.application.cards import KeptCards
from services.collection.application.desk import Desk
from services.collection.application.erasing import finish_erasures
from services.collection.application.materialising import materialise_all
from services.collection.application.opening import open_ahead
from services.collection.application.photographing import check_photos
from services.collection.application.places import forget_lapsed, free_given_up, sweep_holds
from services.collection.application.rebooking import rebook_all
from services.collection.application.reviewing import let_stand
from services.collection.application.rota import Rota
from services.collection.bootstrap_drives import AUDITED as DRIVE_AUDITED
from services.collection.bootstrap_drives import OUTBOXES as DRIVE_OUTBOXES
from services.collection.bootstrap_drives import DriveWiring, Shared
from services.collection.bootstrap_notices import NoticeWiring
from services.collection.domain.pickup import Pickup
from services.collection.entrypoints import http
from services.collection.entrypoints.audits import audits_router
from services.collection.entrypoints.cards import cards_router
from services.collection.entrypoints.city import city_router
from services.collection.entrypoints.collecting import collecting_router
from services.collection.entrypoints.estimates import estimates_router
from services.collection.entrypoints.export import Archive, export_router
from services.collection.entrypoints.households import households_router, members_router
from services.collection.entrypoints.listing import listing_router
from services.collection.entrypoints.live import Live, live_router
from services.collection.entrypoints.live_watch import Watcher
from services.collection.entrypoints.people import people_router
from services.collection.entrypoints.photos import photos_router, stops_router
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
from shared.calendar.routes import working_days_router
from shared.calendar.stored import MongoWorkingYears
from shared.contracts import drive
from shared.contracts.pickup import TOPIC
from shared.http.app import create_app, serve
from shared.http.keys import keys_at
from shared.http.streams import Streams
from shared.kernel.clock import SystemClock, legal_day
from shared.messaging.audits import MongoAudits
from shared.messaging.crash_points import reached
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import connect, database, is_reachable
from shared.messaging.outbox_bound import OutboxBound
from shared.messaging.reactions import Reaction
from shared.messaging.reconciliation import reconcile
from shared.messaging.wiring import invariant_job, outbox_job, relay_of, runner_of
from shared.messaging.worker import Job, Worker
from shared.observability import metrics
from shared.reference.working_days import ChinaWorkingDays

OUTBOXES = ("pickups", *DRIVE_OUTBOXES)
SWEEP_EVERY_S = 2.0
FORGET_EVERY_S = 600.0
OPEN_EVERY_S = 30.0
REBOOK_EVERY_S = 10.0
CHECK_PHOTOS_EVERY_S = 60.0
AUDITED = ("pickups", "series", "households", "people", "scales", "rules", *DRIVE_AUDITED)
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
        bound = OutboxBound([self.db[name] for name in OUTBOXES])
        self.pickups = self._pickups(bound)
        self.households = MongoHouseholds(self.db["households"])
        self.people = MongoPeople(self.db["people"])
        self.photos = MongoPhotos(self.db["photos"])
        self.audits = MongoAudits(self.db["audits"], [self.db[name] for name in AUDITED])
        self.pools = MongoPools(self.db["slots"], open_bookings_max=settings.open_bookings_max)
        self.slots = MongoSlots(self.db["slots"])
        self.scales = MongoScales(self.db["scales"])
        self.rules = MongoRuleBook(self.db["rules"])
        self.price_lists = MongoPriceLists(self.db["price_lists"])
        self.search = MongoPickupSearch(self.pickups)
        self.lists = MongoPickupLists(self.pickups)
        self.codes = HmacCodes(cache(partial(key_of, settings.code_key, settings.state_dir)))
        self.years = MongoWorkingYears(self.db["working_years"])
        self.desk = Desk(
            pickups=self.pickups,
            search=self.search,
            pools=self.pools,
            slots=self.slots,
            households=self.households,
            people=self.people,
            directory=KeptDirectory(self.households, self.people),
            photos=self.photos,
            codes=self.codes,
            cards=KeptCards(self.people, self.households, settings.clock()),
            scales=self.scales,
            rules=self.rules,
            working_days=ChinaWorkingDays(self.years.of),
            clock=settings.clock(),
            lease_clock=SystemClock(),
            reached=reached,
            prices=self.price_lists,
            permits=SignedPermits(keys_at(settings.permit_keys_source(), wait_s=KEYS_WAIT_S)),
        )
        self.series = MongoSeries(self.db["series"])
        self.rota = Rota(self.desk, self.series, self.series, RuleDays())
        self.drives = DriveWiring(self.db, Shared(self.desk, bound))
        self.notices = NoticeWiring(self.desk, self.db, settings, drives=self.drives)

    def _pickups(self, bound: OutboxBound) -> MongoAggregates[Pickup]:
        return MongoAggregates(
            self.db["pickups"],
            kind="pickup",
            state_type=Pickup,
            announce=announce,
            bound=bound,
            audited=lambda pickup: pickup.booking.community_code,
        )

    def live(self) -> Live:
        """Return what streams work with, for the one event loop of an API."""
        return Live(
            desk=self.desk,
            watcher=Watcher(versions=self.search.versions, many=self.search.many),
            streams=Streams(
                streams_max=self.settings.streams_max,
                of_caller_max=self.settings.streams_of_caller_max,
            ),
            stream_for_s=self.settings.stream_for_s,
        )

    def archive(self) -> Archive:
        """Return what a person's export is made of."""
        return Archive(
            self.desk, self.search, self.series, self.drives.archive, self.notices.archive
        )

    def prepare(self) -> None:
        """Create indexes; may be repeated."""
        owned = (self.pickups, self.households, self.people, self.scales, self.rules)
        for part in (*owned, self.series, self.price_lists):
            part.prepare()
        reads = (self.pools, self.slots, self.search, self.lists, self.photos, self.audits)
        for prepared in reads:
            prepared.prepare()
        self.notices.prepare()
        self.drives.prepare()

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
        collected_g = Counter(self.search.collected_g())
        collected_g.update(self.drives.books.collected_g())
        facts = {
            "counts": self.search.counts(),
            "collected_g": dict(collected_g),
            "drives": self.drives.books.facts(),
        }
        books = reconcile(self.db, collections=OUTBOXES)
        return {"service": "collection", **books, "facts": facts}

    def invariants(self) -> dict[str, bool]:
        """Check the conservation of counts, and that no slot is oversold."""
        today = legal_day(self.desk.clock.now())
        return {
            "collection.counts": self.search.misfiled() == 0,
            "collection.places": self.slots.oversold(since=today - timedelta(days=1)) == 0,
            **self.drives.invariants(),
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
        people_router(wiring.desk),
        export_router(wiring.archive()),
        households_router(office),
        members_router(wiring.desk),
        cards_router(wiring.desk, qr_svg),
        photos_router(wiring.desk, PillowPictures()),
        stops_router(wiring.desk),
        audits_router(wiring.audits),
        estimates_router(wiring.desk),
        ordering_router(wiring.rota),
        pausing_router(wiring.rota),
        series_reading_router(wiring.rota, wiring.series),
        listing_router(wiring.desk, wiring.lists),
        reading_router(Registry(wiring.desk, wiring.books)),
        live_router(wiring.live()),
        *wiring.notices.routers(),
        working_days_router(wiring.years),
        *wiring.drives.routers(),
    ]
    return create_app(
        title="Greenloop collection",
        routers=routers,
        settings=settings,
        ready=wiring.ready,
        scope_secret=wiring.codes.scope_secret,
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
        Job("erase", SWEEP_EVERY_S, lambda: finish_erasures(desk=wiring.desk)),
        Job("check-photos", CHECK_PHOTOS_EVERY_S, lambda: check_photos(desk=wiring.desk)),
        Job("audit", SWEEP_EVERY_S, wiring.audits.collect),
        Job("series", SERIES_EVERY_S, lambda: materialise_all(rota=wiring.rota)),
        Job("series-gauge", MEASURE_EVERY_S, wiring.measure_series),
        *wiring.notices.jobs(),
        Job("forget-lapsed", FORGET_EVERY_S, lambda: forget_lapsed(desk=wiring.desk)),
        *wiring.drives.jobs(),
        outbox_job(wiring.db, OUTBOXES),
        invariant_job(wiring.invariants),
    ]
    worker = Worker(
        settings,
        relay=relay_of(wiring.db, settings, collections=OUTBOXES, topics=[TOPIC, drive.TOPIC]),
        runners=[runner_of(wiring.reaction(), wiring.db, settings)],
        jobs=jobs,
        ready=wiring.ready,
    )
    return worker.run()
