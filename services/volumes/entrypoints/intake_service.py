"""The exact sums' intake: a `faust.Service` with its own aiokafka consumer (docs/exactness.md).

One loop counts, one write is in flight. A partition's state is dropped whenever somebody else may
have written for it, and read back from the delta log, which alone says where to go on.
"""

import asyncio
import gc
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import faust
import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import NoOffsetForPartitionError

from services.volumes.adapters.lanes import SOURCES, lane_of, source_of
from services.volumes.adapters.wire import Record, count, numbered
from services.volumes.application.intake import PartitionIntake
from services.volumes.application.ports import Deltas, PartitionLost
from services.volumes.domain.delta import Delta
from shared.kernel.errors import Invalid

log = structlog.get_logger(__name__)

POLL_RECORDS_MAX = 2_000
POLL_TIMEOUT_MS = 100
FLUSH_EVERY_S = 0.5
FLUSH_EVENTS_MAX = 20_000
BACKLOG_DELTAS_MAX = 256
STALLED_AFTER_S = 45.0
# Counting makes few cycles but many objects; the default thresholds cost a tenth of the rate.
GC_THRESHOLDS = (100_000, 50, 100)


class Hooks(Protocol):
    """What the intake tells the outside."""

    def reached(self, label: str) -> None:
        """Pass a labelled point, where a test may end the process."""

    def bury(self, topic: str, partition: int, record: Record, reason: Invalid) -> None:
        """Keep a record that cannot be counted; blocks; durable when it returns."""

    def flushed(self, deltas: Iterable[Delta]) -> None:
        """Count what is durable now."""

    def fatal(self, where: str, error: BaseException) -> None:
        """End the process at once: its supervisor starts it again."""


class Intake(faust.Service):  # type: ignore[misc]  # faust is untyped
    """Counts the records of all topics with lots into the delta log, lane by lane."""

    def __init__(
        self, consumer: Callable[[], AIOKafkaConsumer], *, deltas: Deltas, hooks: Hooks
    ) -> None:
        """`consumer` makes the client inside the running loop; it must not commit offsets."""
        self._new_consumer = consumer
        self._deltas = deltas
        self._hooks = hooks
        self._lock = asyncio.Lock()
        self._intakes: dict[int, PartitionIntake] = {}
        self._assignment = 0
        self._in_flight: asyncio.Task[None] | None = None
        self._flushed_at_s = 0.0
        self._progressed_at_s = 0.0
        self.backlog: dict[int, int] = {}
        super().__init__()

    @property
    def partitions(self) -> tuple[int, ...]:
        """The lanes that this process owns now."""
        return tuple(self._intakes)

    async def on_start(self) -> None:
        """Join the group; partitions come to the listener."""
        gc.set_threshold(*GC_THRESHOLDS)
        self._consumer = self._new_consumer()
        await self._consumer.start()
        topics = [source.topic.name for source in SOURCES]
        self._consumer.subscribe(topics, listener=_Listener(self))

    async def on_stop(self) -> None:
        """Leave; what is not flushed is counted again by the next owner."""
        await self._consumer.stop()

    @faust.Service.task  # type: ignore[untyped-decorator]  # faust is untyped
    async def _count_for_ever(self) -> None:
        try:
            while not self.should_stop:
                await self._round()
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - any error ends the process (exactness.md)
            self._hooks.fatal("volumes.intake", error)

    async def _round(self) -> None:
        if max(self.backlog.values(), default=0) > BACKLOG_DELTAS_MAX:
            await self.sleep(0.05)
        else:
            await self._poll()
        async with self._lock:
            await self._flush_when_due()
        self._watch()

    def _watch(self) -> None:
        """End a process that has had no partition, or waiting records and no progress, for long.

        A consumer that its group forgot looks just like one that has nothing to do.
        """
        now_s = self.loop.time()
        if not self._progressed_at_s or not self._is_behind():
            self._progressed_at_s = now_s
        elif now_s - self._progressed_at_s > STALLED_AFTER_S:
            raise TimeoutError(f"no progress for {STALLED_AFTER_S} s")

    def _is_behind(self) -> bool:
        assigned = self._consumer.assignment()
        for partition, intake in self._intakes.items():
            place = _place(partition)
            end = self._consumer.highwater(place) if place in assigned else None
            if end is not None and end > intake.next_offset:
                return True
        return not self._intakes

    async def _poll(self) -> None:
        before = self._assignment
        try:
            batches = await self._consumer.getmany(
                timeout_ms=POLL_TIMEOUT_MS, max_records=POLL_RECORDS_MAX
            )
        except NoOffsetForPartitionError:
            return  # polled before the listener has sought; the next poll has a position
        async with self._lock:
            if before != self._assignment:
                self._seek(self._intakes)
                return
            for place, records in batches.items():
                intake = self._intakes.get(lane_of(place.topic, place.partition))
                if intake is not None:
                    await self._count(intake, records)

    async def _count(self, intake: PartitionIntake, records: list[Any]) -> None:
        for record in records:
            if record.offset < intake.next_offset:
                continue
            try:
                count(record, intake)
            except Invalid as reason:
                place = _place(intake.partition)
                await asyncio.to_thread(
                    self._hooks.bury, place.topic, place.partition, record, reason
                )
                intake.passed_over(*numbered(dict(record.headers)))
            intake.next_offset = record.offset + 1
        self._progressed_at_s = self.loop.time()

    async def _flush_when_due(self) -> None:
        now_s = self.loop.time()
        waiting = sum(intake.events for intake in self._intakes.values())
        if waiting < FLUSH_EVENTS_MAX and now_s - self._flushed_at_s < FLUSH_EVERY_S:
            return
        await self._landed()
        self._flushed_at_s = now_s
        taken = [delta for delta in (i.take() for i in self._intakes.values()) if delta]
        if taken:
            self._in_flight = asyncio.create_task(self._write(taken))

    async def _write(self, taken: list[Delta]) -> None:
        self._hooks.reached("volumes.flush.before")
        await asyncio.to_thread(self._deltas.append, taken)
        self._hooks.reached("volumes.flush.after")
        self._hooks.flushed(taken)
        for delta in taken:
            self.backlog[delta.partition] = self.backlog.get(delta.partition, 0) + 1

    async def _landed(self) -> None:
        """Wait for the write in flight; where it lost partitions, read them back and seek."""
        if self._in_flight is None:
            return
        try:
            await self._in_flight
        except PartitionLost as lost:
            log.warning("volumes.partition_lost", partitions=lost.partitions)
            await self._load(lost.partitions)
        finally:
            self._in_flight = None

    async def _load(self, partitions: Iterable[int]) -> None:
        for partition in partitions:
            position = await asyncio.to_thread(self._deltas.position, partition)
            self._intakes[partition] = PartitionIntake(partition, position)
            self.backlog[partition] = 0
        self._seek(partitions)

    def _seek(self, partitions: Iterable[int]) -> None:
        owned = self._consumer.assignment()
        for partition in partitions:
            place = _place(partition)
            if place in owned:
                self._consumer.seek(place, self._intakes[partition].next_offset)

    async def revoked(self, partitions: Iterable[int]) -> None:
        """Write what is counted, then forget it."""
        async with self._lock:
            await self._landed()
            taken = [delta for delta in (i.take() for i in self._intakes.values()) if delta]
            if taken:
                self._in_flight = asyncio.create_task(self._write(taken))
                await self._landed()
            for partition in partitions:
                self._intakes.pop(partition, None)
                self.backlog.pop(partition, None)
            self._assignment += 1

    async def assigned(self, partitions: Iterable[int]) -> None:
        """Forget what was held and go on from the log."""
        async with self._lock:
            self._assignment += 1
            self._intakes.clear()
            await self._load(partitions)


def _place(lane: int) -> TopicPartition:
    source, partition = source_of(lane)
    return TopicPartition(source.topic.name, partition)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """Errors in a listener are logged and swallowed by aiokafka: they must end the process."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        await self._guarded(self._intake.revoked, revoked)

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        await self._guarded(self._intake.assigned, assigned)

    async def _guarded(
        self, act: Callable[[list[int]], Any], places: Iterable[TopicPartition]
    ) -> None:
        try:
            await act([lane_of(place.topic, place.partition) for place in places])
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - any error ends the process
            self._intake._hooks.fatal("volumes.rebalance", error)
