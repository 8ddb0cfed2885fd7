"""The Faust app: exact intake and folding as services, the live tile as an agent."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import faust
import structlog
from aiokafka import AIOKafkaConsumer

from services.volumes.adapters.mongo_live import MongoLatency, MongoLive
from services.volumes.adapters.mongo_rows import MongoRows
from services.volumes.adapters.row_publisher import RowPublisher
from services.volumes.adapters.wire import Record
from services.volumes.application.ports import Deltas
from services.volumes.domain.delta import Delta
from services.volumes.domain.live import LiveTile
from services.volumes.entrypoints.fold_service import PUBLISH_EVERY_S, Folder, Repeated
from services.volumes.entrypoints.intake_service import Intake
from services.volumes.entrypoints.live_agent import add_live_agent
from services.volumes.settings import VolumesSettings
from shared.contracts.codec import RawRecord
from shared.contracts.pickup import TOPIC
from shared.kernel.clock import Clock, legal_day
from shared.kernel.errors import Invalid, Unavailable
from shared.messaging.crash_points import reached
from shared.messaging.generations import FIRST
from shared.messaging.ports_in import DeadLetters
from shared.observability import metrics

log = structlog.get_logger(__name__)

GROUP = "volumes"
LIVE_KEPT_EVERY_S = 1.0
RECONCILED_EVERY_S = 10.0


class WorkerHooks:
    """What the stream tells metrics, dead letters and the supervisor."""

    def __init__(self, letters: DeadLetters, latency: MongoLatency) -> None:
        """`letters` are those of the group `volumes`."""
        self._letters = letters
        self._latency = latency

    def reached(self, label: str) -> None:
        """Pass a labelled point."""
        reached(label)

    def bury(self, topic: str, partition: int, record: Record, reason: Invalid) -> None:
        """Keep a record that cannot be counted."""
        raw = RawRecord(
            topic,
            partition,
            record.offset,
            record.key,
            record.value,
            [(name, value or b"") for name, value in record.headers],  # null on the wire
            timestamp_ms=record.timestamp,
        )
        self._letters.bury(raw, code=reason.code, message=reason.message)
        metrics.DEAD_LETTERS.labels(GROUP).set(self._letters.waiting())

    def flushed(self, deltas: Iterable[Delta]) -> None:
        """Count what is durable."""
        events = sum(delta.events for delta in deltas)
        metrics.EVENTS_APPLIED.labels(GROUP, TOPIC.name).inc(events)

    def folded(self, deltas: Iterable[Delta]) -> None:
        """Measure how old events were when they came into the rows."""
        now_s = datetime.now(UTC).timestamp()
        ages_s = [now_s - at_s for delta in deltas for at_s in delta.recorded_s if at_s]
        for age_s in ages_s:
            metrics.EVENT_AGE_S.labels(GROUP).observe(age_s)
        self._latency.observe(ages_s)

    def fatal(self, where: str, error: BaseException) -> None:
        """End the process at once; its supervisor starts it again (exactness.md)."""
        log.error("volumes.fatal", where=where, exc_info=error)
        os._exit(1)


class Live:
    """Keeps the tile's copy and reconciles the tile against the exact rows."""

    def __init__(self, tile: LiveTile, copy: MongoLive, *, rows: MongoRows, clock: Clock) -> None:
        """`tile` is the agent's."""
        self._tile = tile
        self._copy = copy
        self._rows = rows
        self._clock = clock

    def keep(self) -> None:
        """Write the copy that the API reads; a view for people waits for its database."""
        with _patience():
            self._copy.keep(self._tile.day, dict(self._tile.mass_g))

    def reconcile(self) -> None:
        """Take over the exact sums of today; the difference is a gauge."""
        today = legal_day(self._clock.now())
        start = datetime.combine(today, datetime.min.time(), UTC) - timedelta(hours=8)
        exact: dict[str, int] = {}
        with _patience():
            for volume in self._rows.hours("", start=start, end=start + timedelta(days=1)):
                held_g = exact.get(volume.community_code, 0)
                exact[volume.community_code] = held_g + volume.mass_g
            if self._tile.day != today:
                self._tile.day, self._tile.mass_g = today, {}
            metrics.LIVE_OFF_G.set(self._tile.reconcile(exact))


@contextmanager
def _patience() -> Iterator[None]:
    try:
        yield
    except Unavailable as away:
        log.warning("volumes.live_waits", code=away.code)


def build_app(settings: VolumesSettings) -> faust.App:
    """Return the Faust app, with the settings that the blueprint's measurements ask for."""
    return faust.App(
        "volumes-live",
        broker=f"kafka://{settings.kafka}",
        datadir=str(settings.state_dir / "faust"),
        consumer_group_instance_id=f"{settings.instance}.volumes-live",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        stream_buffer_maxsize=100_000,
        broker_max_poll_records=10_000,
        broker_request_timeout=30.0,
        broker_session_timeout=10.0,
        broker_heartbeat_interval=3.0,
        consumer_auto_offset_reset="latest",
        producer_linger=0.01,
        worker_redirect_stdouts=False,
    )


def consumer_of(settings: VolumesSettings) -> AIOKafkaConsumer:
    """Return the intake's consumer; progress is in the delta log, never in Kafka."""
    return AIOKafkaConsumer(
        bootstrap_servers=settings.kafka,
        group_id=f"{GROUP}.{settings.generation or FIRST}",
        group_instance_id=f"{settings.instance}.{GROUP}",
        client_id=settings.instance,
        enable_auto_commit=False,
        auto_offset_reset="none",
        session_timeout_ms=10_000,
        heartbeat_interval_ms=3_000,
        max_partition_fetch_bytes=2 * 1024 * 1024,
    )


@dataclass(frozen=True, slots=True)
class Parts:
    """What the stream works with."""

    deltas: Deltas
    rows: MongoRows
    hooks: WorkerHooks
    publisher: RowPublisher
    live: MongoLive


def exact_services(
    settings: VolumesSettings, *, deltas: Deltas, rows: MongoRows, hooks: WorkerHooks
) -> list[faust.Service]:
    """Return intake and folding: what makes the exact sums of the settings' generation."""
    intake = Intake(lambda: consumer_of(settings), TOPIC.name, deltas=deltas, hooks=hooks)
    return [intake, Folder(intake, deltas=deltas, rows=rows, hooks=hooks)]


def services_of(app: faust.App, settings: VolumesSettings, parts: Parts) -> list[faust.Service]:
    """Return intake, folding, publishing and the live tile's keeping, to run beside `app`."""
    tile = LiveTile(legal_day(settings.clock().now()))
    live = Live(tile, parts.live, rows=parts.rows, clock=settings.clock())
    add_live_agent(app, tile)
    hooks = parts.hooks
    return [
        *exact_services(settings, deltas=parts.deltas, rows=parts.rows, hooks=hooks),
        Repeated(parts.publisher.publish, every_s=PUBLISH_EVERY_S, name="publish", hooks=hooks),
        Repeated(live.keep, every_s=LIVE_KEPT_EVERY_S, name="live", hooks=hooks),
        Repeated(live.reconcile, every_s=RECONCILED_EVERY_S, name="reconcile", hooks=hooks),
    ]
