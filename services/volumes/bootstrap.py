"""Volumes' only wiring."""

import os
from typing import Any

import faust
from fastapi import FastAPI
from kafka import KafkaProducer

from services.volumes.adapters import mongo_facts
from services.volumes.adapters.collections import Names
from services.volumes.adapters.mongo_deltas import MongoDeltas
from services.volumes.adapters.mongo_live import MongoLatency, MongoLive
from services.volumes.adapters.mongo_rows import MongoRows
from services.volumes.adapters.row_publisher import RowPublisher
from services.volumes.entrypoints import http
from services.volumes.entrypoints.stream import (
    GROUP,
    Parts,
    WorkerHooks,
    build_app,
    services_of,
)
from services.volumes.settings import VolumesSettings
from shared.http.app import create_app, serve
from shared.messaging.dead_letters import MongoDeadLetters
from shared.messaging.health import serve_health
from shared.messaging.mongo_client import connect, database, is_reachable
from shared.messaging.reconciliation import reconcile
from shared.observability import metrics


class Wiring:
    """Volumes' objects over one database and generation."""

    def __init__(self, settings: VolumesSettings) -> None:
        """Connects when first used."""
        self.settings = settings
        self.names = Names(settings.generation)
        self.client = connect(settings.mongodb, name=settings.instance)
        self.db = database(self.client, settings.database)
        self.deltas = MongoDeltas(self.db[self.names.deltas])
        self.rows = MongoRows(self.db[self.names.rows], self.db[self.names.marks])
        self.live = MongoLive(self.db["tiles"])
        self.latency = MongoLatency(self.db["latencies"])
        self.letters = MongoDeadLetters(self.db["dead_letters"], group=GROUP)

    def ready(self) -> bool:
        """Say whether the database answers."""
        return is_reachable(self.client)

    def books(self) -> dict[str, Any]:
        """Return what the service says of its own books; volumes has no outbox."""
        books = reconcile(self.db, collections=())
        books["applied"] = mongo_facts.applied(
            self.db, self.names, generation=self.settings.generation
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
    Wiring(settings).rows.prepare()
    serve(build_api(settings), settings)
    return 0


def run_worker(settings: VolumesSettings) -> int:
    """Run the Faust app and its services until SIGTERM."""
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
    return RowPublisher(rows, producer, generation=settings.generation)
