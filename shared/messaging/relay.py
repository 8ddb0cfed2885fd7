"""The relay: pending events go to Kafka in a persisted order (docs/exactness.md, "The relay").

A round names batches, sends them, clears the documents, and empties the batches. A process may end
at any point; the next owner re-sends what of a named batch is still pending, under the same
sequences. A reader therefore sees each sequence at least once, and one event a sequence.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from shared.contracts.codec import wire_headers
from shared.messaging.crash_points import reached
from shared.messaging.ports_out import (
    Entry,
    Lease,
    Leases,
    Outgoing,
    PendingEvents,
    Producer,
    Quarantine,
)
from shared.messaging.quarantine import reason_not_to_send

log = structlog.get_logger(__name__)

BATCH_EVENTS_MAX = 500
CLAIM_EVERY_S = 1.5
IDLE_S = 0.02
# Where nothing happens, ten collections asked fifty times a second cost a tenth of a core.
IDLE_MAX_S = 0.1

Published = Callable[[str, Sequence[float]], None]


class Relay:
    """Publishes one service's pending events; any number of processes may run one."""

    def __init__(
        self,
        pending: PendingEvents,
        leases: Leases,
        *,
        producer: Producer,
        quarantine: Quarantine,
        published: Published = lambda _topic, _ages_s: None,
    ) -> None:
        """`published` is told, a topic, how many seconds each event waited."""
        self._pending = pending
        self._leases = leases
        self._producer = producer
        self._quarantine = quarantine
        self._published = published
        self._owned: dict[str, Lease] = {}
        self._claimed_at_s = float("-inf")

    def run(self, should_stop: Callable[[], bool]) -> None:
        """Relay until told to stop; raise what cannot be recovered here (the process ends)."""
        self._leases.prepare()
        idle_s = IDLE_S
        while not should_stop():
            if self.run_round():
                idle_s = IDLE_S
            else:
                time.sleep(idle_s)
                idle_s = min(idle_s * 1.5, IDLE_MAX_S)
        self._leases.release()
        self._producer.close()

    def run_round(self) -> int:
        """Do one round; return how many events it sent."""
        if time.monotonic() - self._claimed_at_s > CLAIM_EVERY_S:
            self._owned = {lease.id: lease for lease in self._leases.claim()}
            self._claimed_at_s = time.monotonic()
        started = [lease for lease in self._owned.values() if lease.ids]
        if started:
            entries = self._pending.among(each for lease in started for each in lease.ids)
            return self._deliver(started, entries)
        entries = self._sendable(self._pending.oldest())
        batches = self._batches(entries)
        if not batches:
            return 0
        return self._deliver(self._named(batches), entries)

    def _sendable(self, entries: Sequence[Entry]) -> list[Entry]:
        sendable = []
        for entry in entries:
            reason = reason_not_to_send(entry)
            if reason is None:
                sendable.append(entry)
            else:
                log.error("relay.quarantined", event_id=entry.id, code=reason)
                self._quarantine.keep(entry, reason)
                self._pending.clear([entry])
        return sendable

    def _batches(self, entries: Iterable[Entry]) -> list[Lease]:
        """Return the owned partitions' next batches, each in order, at most 500 events."""
        ids: dict[str, list[str]] = defaultdict(list)
        for entry in entries:
            place = f"{entry.topic}/{entry.partition}"
            if place in self._owned and len(ids[place]) < BATCH_EVENTS_MAX:
                ids[place].append(entry.id)
        return [replace(self._owned[place], ids=tuple(named)) for place, named in ids.items()]

    def _named(self, batches: Sequence[Lease]) -> list[Lease]:
        """Persist the batches; return those that are really this owner's."""
        reached("relay.name.before")
        self._leases.name(batches)
        reached("relay.name.after")
        self._owned = {lease.id: lease for lease in self._leases.owned()}
        wanted = {batch.id: batch for batch in batches}
        return [lease for lease in self._owned.values() if lease == wanted.get(lease.id)]

    def _deliver(self, batches: Sequence[Lease], entries: Sequence[Entry]) -> int:
        sequences = {
            event_id: batch.first + index
            for batch in batches
            for index, event_id in enumerate(batch.ids)
        }
        sent = [entry for entry in entries if entry.id in sequences]
        sent.sort(key=lambda entry: sequences[entry.id])
        reached("relay.send.before")
        self._producer.send_all([_outgoing(entry, sequences[entry.id]) for entry in sent])
        reached("relay.send.after")
        self._observe(sent)
        self._clear(batches, sent)
        return len(sent)

    def _clear(self, batches: Sequence[Lease], sent: Sequence[Entry]) -> None:
        reached("relay.clear.before")
        if sent:
            self._pending.clear(sent)
        reached("relay.clear.after")
        if self._pending.among(each for batch in batches for each in batch.ids):
            return  # the batch stays; the next round sends again what is still pending
        self._leases.empty(batches)
        for batch in batches:
            following = batch.first + len(batch.ids)
            self._owned[batch.id] = replace(batch, first=following, ids=())

    def _observe(self, sent: Sequence[Entry]) -> None:
        now = datetime.now(UTC)
        ages_s: dict[str, list[float]] = defaultdict(list)
        for entry in sent:
            ages_s[entry.topic].append((now - entry.at).total_seconds())
        for topic, ages in ages_s.items():
            self._published(topic, ages)


def _outgoing(entry: Entry, sequence: int) -> Outgoing:
    return Outgoing(
        topic=entry.topic,
        partition=entry.partition,
        key=entry.key.encode(),
        value=entry.value,
        headers=wire_headers(entry.headers, sequence=sequence),
    )
