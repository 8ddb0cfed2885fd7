"""Routing's only wiring."""

from collections.abc import Set
from typing import Any, TypeVar

from fastapi import FastAPI

from services.routing.adapters.announcements import announce
from services.routing.adapters.cells import H3Cells
from services.routing.adapters.mongo_search import MongoSearch
from services.routing.adapters.solver_process import ProcessSolver
from services.routing.application.comparing import Office as ComparingOffice
from services.routing.application.comparing import compare_due_days
from services.routing.application.planning import Office as PlanningOffice
from services.routing.application.planning import solve_requested
from services.routing.domain.day import PlanDay
from services.routing.domain.drive_load import DriveLoad
from services.routing.domain.fleet import FleetVehicle, Site
from services.routing.domain.plan import Plan, Unloading
from services.routing.domain.stop import PickupStop
from services.routing.entrypoints import http
from services.routing.entrypoints.drives import DriveYard, drives_router
from services.routing.entrypoints.reactions import GROUP, reaction
from services.routing.settings import RoutingSettings
from shared.contracts.route import TOPIC
from shared.http.app import create_app, serve
from shared.messaging.generations import FIRST, of_generation
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import connect, database, is_reachable
from shared.messaging.outbox_bound import OutboxBound
from shared.messaging.reactions import Reaction
from shared.messaging.rebuild_role import run_rebuild
from shared.messaging.reconciliation import reconcile
from shared.messaging.wiring import (
    outbox_job,
    rebuildable_reaction,
    relay_of,
    runner_of,
    with_generation,
)
from shared.messaging.worker import Job, Worker

S = TypeVar("S")
OUTBOXES = ("plans", "unloadings", "drive_loads")
STOPS = "stops"
SOLVE_EVERY_S = 0.5
COMPARE_EVERY_S = 1.0


class Wiring:
    """Routing's objects over one database."""

    def __init__(self, settings: RoutingSettings) -> None:
        """Connects when first used."""
        self.settings = settings
        self.clock = settings.clock()
        self.client = connect(settings.mongodb, name=settings.instance)
        self.db = database(self.client, settings.database)
        generation = settings.generation or FIRST
        self.stops = self._aggregates(of_generation(STOPS, generation), "stop", PickupStop)
        bound = OutboxBound([self.db[name] for name in OUTBOXES])
        self.plans = self._aggregates("plans", "plan", Plan, bound=bound)
        self.unloadings = self._aggregates("unloadings", "unloading", Unloading, bound=bound)
        self.days = self._aggregates("days", "day", PlanDay)
        self.sites = self._aggregates("sites", "site", Site)
        self.vehicles = self._aggregates("vehicles", "vehicle", FleetVehicle)
        self.drive_loads = self._aggregates("drive_loads", "drive_load", DriveLoad, bound=bound)
        self.search = MongoSearch(self.stops, self.plans, self.sites, self.vehicles, self.days)

    def _aggregates(
        self, name: str, kind: str, state_type: type[S], *, bound: OutboxBound | None = None
    ) -> MongoAggregates[S]:
        return MongoAggregates(
            self.db[name], kind=kind, state_type=state_type, announce=announce, bound=bound
        )

    def prepare(self) -> None:
        """Create indexes; may be repeated."""
        self.plans.prepare()
        self.unloadings.prepare()
        self.drive_loads.prepare()
        self.search.prepare()

    def ready(self) -> bool:
        """Say whether the database answers."""
        return is_reachable(self.client)

    def books(self) -> dict[str, Any]:
        """Return what the service says of its own books."""
        books = reconcile(self.db, collections=OUTBOXES)
        return {"service": "routing", **books, "facts": self.search.facts()}


def build_api(settings: RoutingSettings) -> FastAPI:
    """Return the API; nothing is connected before the first request."""
    wiring = Wiring(settings)
    office = http.Office(
        sites=wiring.sites,
        vehicles=wiring.vehicles,
        plans=wiring.plans,
        days=wiring.days,
        unloadings=wiring.unloadings,
        search=wiring.search,
        clock=wiring.clock,
        books=wiring.books,
    )
    return create_app(
        title="Greenloop routing",
        routers=[
            http.fleet_router(office),
            http.plans_router(office),
            http.tours_router(office),
            drives_router(DriveYard(wiring.drive_loads, wiring.vehicles, wiring.sites)),
        ],
        settings=settings,
        ready=wiring.ready,
    )


def run_api(settings: RoutingSettings) -> int:
    """Serve until SIGTERM."""
    settings = with_generation(settings, GROUP)
    Wiring(settings).prepare()
    serve(build_api(settings), settings)
    return 0


def run_worker(settings: RoutingSettings) -> int:
    """Relay, react and plan until SIGTERM."""
    settings = with_generation(settings, GROUP)
    wiring = Wiring(settings)
    wiring.prepare()
    comparing = ComparingOffice(wiring.plans, wiring.days, wiring.search, wiring.clock)
    planning = PlanningOffice(wiring.plans, wiring.search, ProcessSolver(), H3Cells())
    worker = Worker(
        settings,
        relay=relay_of(wiring.db, settings, collections=OUTBOXES, topics=[TOPIC]),
        runners=[runner_of(reaction(wiring.stops), wiring.db, settings)],
        jobs=[
            Job("planner", SOLVE_EVERY_S, lambda: solve_requested(office=planning)),
            Job("comparer", COMPARE_EVERY_S, lambda: compare_due_days(office=comparing)),
            outbox_job(wiring.db, OUTBOXES),
        ],
        ready=wiring.ready,
    )
    return worker.run()


def run_rebuild_stops(settings: RoutingSettings, words: Set[str]) -> int:
    """Rebuild the stops, which say nothing but what pickup events say, and switch to them."""
    wiring = Wiring(settings)

    def reaction_of(generation: int) -> Reaction:
        own = Wiring(settings.model_copy(update={"generation": generation}))
        own.search.prepare()
        return reaction(own.stops)

    stops = rebuildable_reaction(
        wiring.db,
        settings,
        reaction_of=reaction_of,
        group=GROUP,
        collection=STOPS,
        look=lambda document: document["state"],
    )
    return run_rebuild(stops, words)
