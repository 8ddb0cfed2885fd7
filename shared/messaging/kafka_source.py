"""Records by kafka-python, as a static member: back 0.1 s after a kill -9, not after 43 s."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from shared.contracts.codec import RawRecord
from shared.kernel.errors import Unavailable
from shared.messaging.ports_in import Assigned, Place

SESSION_TIMEOUT_MS = 10_000
# Also the time for which the broker holds a whole rebalance for a member that died in the middle
# of it: measured, a restart then stood still for all of it. A slower batch loses its partitions,
# which costs a repeat and nothing else: the cursors' epochs tell owners apart.
POLL_INTERVAL_MAX_MS = 15_000
ENDS_TIMEOUT_MS = 8_000


class KafkaSource:
    """`Source` over one consumer group member."""

    def __init__(self, bootstrap_servers: str, *, group: str, instance: str) -> None:
        """`instance` is stable and used by one live process only."""
        try:
            self._consumer = KafkaConsumer(
                bootstrap_servers=bootstrap_servers,
                group_id=group,
                group_instance_id=f"{instance}.{group}",
                client_id=instance,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                session_timeout_ms=SESSION_TIMEOUT_MS,
                heartbeat_interval_ms=SESSION_TIMEOUT_MS // 3,
                max_poll_interval_ms=POLL_INTERVAL_MAX_MS,
                reconnect_backoff_max_ms=1_000,
            )
        except KafkaError as error:
            raise Unavailable("kafka.unavailable", "no broker answers") from error

    def subscribe(self, topics: Sequence[str], *, assigned: Assigned, revoked: Assigned) -> None:
        """Join the group, once the topics' partitions are known.

        A member that leads the group before it knows them assigns none of them to anybody, and
        learns of them only by the next refresh of its metadata, which may take minutes.
        """
        try:
            for topic in topics:
                _partitions(self._consumer, topic)
        except KafkaError as error:
            raise Unavailable("kafka.unavailable", "the broker does not answer") from error
        self._consumer.subscribe(topics=list(topics), listener=_Listener(assigned, revoked))

    def poll(self, *, timeout_s: float, records_max: int) -> list[RawRecord]:
        """Return polled records, partition by partition."""
        try:
            polled = self._consumer.poll(timeout_ms=int(timeout_s * 1000), max_records=records_max)
        except KafkaError as error:
            raise Unavailable("kafka.unavailable", "the broker does not answer") from error
        self._go_on_joining()
        return [_raw(record) for records in polled.values() for record in records]

    def _go_on_joining(self) -> None:
        """Let a member that is joining be seen as one that has to join.

        kafka-python 3.0.12 forgets a join that new metadata asked for where a poll's time is over
        before it ends: the leader's own assignment makes the metadata old news. Such a member
        neither reads nor sends heartbeats for ever (measured: 2 of 40 that joined at once).
        """
        coordinator = self._consumer._coordinator
        if coordinator is not None and coordinator.rejoining and not coordinator.need_rejoin():
            coordinator.request_rejoin()

    def seek(self, place: Place, offset: int) -> None:
        """Move the position of an assigned partition."""
        self._consumer.seek(TopicPartition(*place), offset)

    def lag(self) -> dict[str, int]:
        """Compare high-water marks of the last fetches with positions; no request is made."""
        waiting: dict[str, int] = {}
        for place in self._consumer.assignment():
            end = self._consumer.highwater(place)
            if end is not None:
                behind = max(0, end - self._position(place, or_else=end))
                waiting[place.topic] = waiting.get(place.topic, 0) + behind
        return waiting

    def close(self) -> None:
        """Close the connections."""
        self._consumer.close(autocommit=False, timeout_ms=3_000)

    def _position(self, place: TopicPartition, *, or_else: int) -> int:
        try:
            position = self._consumer.position(place, timeout_ms=1_000)
        except KafkaError:
            return or_else  # lag is a display: a rebalance in between makes it unknown for once
        return or_else if position is None else position


def ends_of(bootstrap_servers: str, topics: Iterable[str]) -> dict[Place, int]:
    """Return the offset behind the last record of each partition; raise `Unavailable`."""
    try:
        with closing(_anonymous(bootstrap_servers)) as consumer:
            places = [
                TopicPartition(topic, partition)
                for topic in sorted(topics)
                for partition in _partitions(consumer, topic)
            ]
            found = consumer.end_offsets(places, timeout_ms=ENDS_TIMEOUT_MS)
    except KafkaError as error:
        raise Unavailable("kafka.unavailable", "the broker does not answer") from error
    return {(place.topic, place.partition): end for place, end in found.items()}


def _anonymous(bootstrap_servers: str) -> KafkaConsumer:
    return KafkaConsumer(bootstrap_servers=bootstrap_servers, enable_auto_commit=False)


def _partitions(consumer: KafkaConsumer, topic: str) -> Iterable[int]:
    found: Iterable[int] | None = consumer.partitions_for_topic(topic)
    if not found:
        raise Unavailable("kafka.unavailable", f"the broker tells no partitions of {topic}")
    return found


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python is untyped
    def __init__(self, assigned: Assigned, revoked: Assigned) -> None:
        self._assigned = assigned
        self._revoked = revoked

    def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        self._assigned([(place.topic, place.partition) for place in assigned])

    def on_partitions_revoked(self, revoked: Iterable[Any]) -> None:
        self._revoked([(place.topic, place.partition) for place in revoked])


def _raw(record: Any) -> RawRecord:  # noqa: ANN401 - kafka-python is untyped
    return RawRecord(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        value=record.value,
        headers=[(name, value or b"") for name, value in record.headers],  # null on the wire
        timestamp_ms=record.timestamp,
    )
