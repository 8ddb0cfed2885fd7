"""The relay beside a bare idempotent producer that sends the same bytes and headers."""

import time

from kafka import KafkaProducer

from deploy.local.testing import Infrastructure
from shared.contracts.codec import wire_headers
from shared.contracts.pickup import TOPIC
from shared.kernel.ids import new_id
from shared.messaging.documents import Shape
from shared.messaging.kafka_producer import KafkaSender
from shared.messaging.leases import MongoLeases
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import connect, database
from shared.messaging.pending import MongoPendingEvents
from shared.messaging.quarantine import MongoQuarantine
from shared.messaging.relay import Relay
from tests.bench.rows import Row
from tests.fakes.counters import Added, Counter, announce

EVENTS = 60_000
COMMUNITIES = 300


def rows(infra: Infrastructure) -> list[Row]:
    """Relay 60,000 events of 60,000 documents; then send the same ones with a bare producer."""
    with connect(infra.mongodb_uri, name="bench") as client:
        db = database(client, "bench_relay")
        counters = MongoAggregates(
            db["counters"], kind="counter", state_type=Counter, announce=_announce
        )
        counters.prepare()
        shape = Shape("counter", Counter, _announce)
        documents = [_document(shape) for _ in range(EVENTS)]
        db["counters"].insert_many(documents)
        entries = [document["outbox"][0] for document in documents]
        ours_per_s = _relay(db, infra)
    bare_per_s = _bare(entries, infra)
    return [Row("relay, one process", ours_per_s, "/s", bare_per_s, "bare producer", "≥ 0.25")]


def _announce(event: object):
    assert isinstance(event, Added)
    return announce(Added(event.name, event.total, f"3501020{hash(event.name) % COMMUNITIES:05d}"))


def _document(shape: Shape[Counter]) -> dict[str, object]:
    name = new_id()
    return shape.changed(shape.first(name), Counter(name).add())[0]


def _relay(db, infra: Infrastructure) -> float:
    relay = Relay(
        MongoPendingEvents([db["counters"]]),
        MongoLeases(db["relay"], [TOPIC], owner="bench"),
        producer=KafkaSender(infra.kafka_bootstrap, client_id="bench"),
        quarantine=MongoQuarantine(db["quarantine"]),
    )
    relay._leases.prepare()
    begun_s, sent = time.monotonic(), 0
    while sent < EVENTS:
        sent += relay.run_round()
    return sent / (time.monotonic() - begun_s)


def _bare(entries: list[dict], infra: Infrastructure) -> float:
    producer = KafkaProducer(
        bootstrap_servers=infra.kafka_bootstrap, enable_idempotence=True, acks="all", linger_ms=2
    )
    begun_s = time.monotonic()
    for sequence, entry in enumerate(entries, start=1):
        producer.send(
            entry["topic"],
            key=entry["key"].encode(),
            value=entry["value"],
            headers=wire_headers(entry["headers"], sequence=sequence),
            partition=entry["partition"],
        )
    producer.flush()
    took_s = time.monotonic() - begun_s
    producer.close()
    return len(entries) / took_s
