"""Volumes' only wiring."""

import asyncio
import os
from collections.abc import Set
from contextlib import ExitStack
from functools import partial
from typing import Any

import faust
import uvloop
from fastapi import FastAPI
from kafka import KafkaProducer

from services.volumes.adapters import mongo_facts
from services.volumes.adapters.collections import Names
from services.volumes.adapters.lanes import SOURCES, lane_of
from services.volumes.adapters.mongo_deltas import MongoDeltas
from services.volumes.adapters.mongo_generations import (
    compare_rows,
    folded_sequences,
    forget_generation,
)
from services.volumes.adapters.mongo_live import MongoLatency, MongoLive
from services.volumes.adapters.mongo_rows import MongoRows
from services.volumes.adapters.row_publisher import RowPublisher
from services.volumes.entrypoints import http
from services.volumes.entrypoints.rebuild import Background, RebuildHooks, VolumesRebuild
from services.volumes.entrypoints.stream import (
    GROUP,
    Parts,
    WorkerHooks,
    build_app,
    exact_services,
    services_of,
)
from services.volumes.settings import VolumesSettings
from shared.http.app import create_app, serve
from shared.messaging.dead_letters import MongoDeadLetters
from shared.messaging.generations import FIRST
from shared.messaging.health import serve_health
from shared.messaging.kafka_source import ends_of
from shared.messaging.mongo_client import connect, database, is_reachable
from shared.messaging.rebuild_role import Rebuildable, run_rebuild
from shared.messaging.reconciliation import reconcile
from shared.messaging.wiring import with_generation
from shared.observability import metrics


class Wiring:
    """Volumes' objects over one database and generation."""

    def __init__(self, settings: VolumesSettings) -> None:
        """Connects when first used."""
        self.settings = settings
        self.names = Names(settings.generation or FIRST)
        self.client = connect(settings.mongodb, name=settings.instance)
        self.db = database(self.client, settings.database)
        self.deltas = MongoDeltas(self.db[self.names.deltas])
        self.rows = MongoRows(self.db[self.names.rows], self.db[self.names.marks])
        self.live = MongoLive(self.db["tiles"])
        self.latency = MongoLatency(self.db["latencies"])
        self.letters = MongoDeadLetters(
            self.db["dead_letters"], group=GROUP, generation=self.names.generation
        )

    def ready(self) -> bool:
        """Say whether the database answers."""
        return is_reachable(self.client)

    def books(self) -> dict[str, Any]:
        """Return what the service says of its own books; volumes has no outbox."""
        books = reconcile(self.db, collections=())
        books["applied"] = mongo_facts.applied(
            self.db, self.names, generation=self.names.generation
        )
        facts = {
            "by_material": mongo_facts.by_material(self.db, self.names),
            "weighed_to_volume_p50_s": self.latency.percentile_s(0.5),
            "weighed_to_volume_p99_s": self.latency.percentile_s(0.99),
        }
        return {"service": "volumes", **books, "facts": facts}


def build_api(settings: VolumesSettings) -> FastAPI:
    """Return the API; nothing is connected before the first request."""
    wiring = Wiring(settings)
    office = http.Office(
        volumes=wiring.rows, live=wiring.live, clock=settings.clock(), books=wiring.books
    )
    return create_app(
        title="Greenloop volumes",
        routers=[http.router(office)],
        settings=settings,
        ready=wiring.ready,
    )


def run_api(settings: VolumesSettings) -> int:
    """Serve until SIGTERM."""
    settings = with_generation(settings, GROUP)
    Wiring(settings).rows.prepare()
    serve(build_api(settings), settings)
    return 0


def run_worker(settings: VolumesSettings) -> int:
    """Run the Faust app and its services until SIGTERM."""
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())  # Faust makes its loop by the policy
    settings = with_generation(settings, GROUP)
    wiring = Wiring(settings)
    wiring.rows.prepare()
    metrics.STARTS_UNIX_S.set_to_current_time()
    serve_health(settings.http_host, settings.http_port, ready=wiring.ready)
    app = build_app(settings)
    parts = Parts(
        deltas=wiring.deltas,
        rows=wiring.rows,
        hooks=WorkerHooks(wiring.letters, wiring.latency),
        publisher=_publisher(wiring, settings),
        live=wiring.live,
    )
    worker = faust.Worker(
        app,
        *services_of(app, settings, parts),
        loglevel="WARNING",
        quiet=True,
        override_logging=False,
        redirect_stdouts=False,
    )
    worker.execute_from_commandline()
    os._exit(0)  # Faust's threads may outlive its loop; nothing is lost by not waiting for them


def _publisher(wiring: Wiring, settings: VolumesSettings) -> RowPublisher:
    producer = KafkaProducer(
        bootstrap_servers=settings.kafka,
        client_id=settings.instance,
        enable_idempotence=True,
        acks="all",
        linger_ms=5,
    )
    rows = wiring.db[wiring.names.rows]
    return RowPublisher(rows, producer, generation=wiring.names.generation)


def run_rebuild_rows(settings: VolumesSettings, words: Set[str]) -> int:
    """Rebuild the rows in a new generation, compare them, and switch to them."""
    db = Wiring(settings).db

    with ExitStack() as running:

        def begin(present: int, rebuilt: int) -> VolumesRebuild:
            return _rebuild(settings, running, present=Names(present), rebuilt=rebuilt)

        def forget(generation: int) -> None:
            forget_generation(db, Names(generation))

        return run_rebuild(Rebuildable(db, GROUP, begin, forget), words)


def _rebuild(
    settings: VolumesSettings, running: ExitStack, *, present: Names, rebuilt: int
) -> VolumesRebuild:
    own = settings.model_copy(update={"generation": rebuilt})
    wiring = Wiring(own)
    wiring.rows.prepare()
    ends = ends_of(settings.kafka, [source.topic.name for source in SOURCES])
    hooks = RebuildHooks(wiring.letters, wiring.latency)

    def services() -> list[faust.Service]:
        return exact_services(own, deltas=wiring.deltas, rows=wiring.rows, hooks=hooks)

    return VolumesRebuild(
        running.enter_context(Background(services)),
        ends={lane_of(*place): end for place, end in ends.items()},
        folded_to=lambda partition: wiring.rows.mark(partition).next_offset,
        sequences=(
            partial(folded_sequences, wiring.db, present, unfolded=-1),
            partial(folded_sequences, wiring.db, wiring.names, unfolded=-2),
        ),
        compare=partial(compare_rows, wiring.db, present, wiring.names),
    )
