"""docs/consume.md, tried: other Kafka clients read what the relay writes."""

import importlib.util
import subprocess
from datetime import UTC, datetime

import pytest
from kafka import KafkaProducer

from shared.contracts.codec import encode, wire_headers
from shared.contracts.pickup import PickupCancelled
from shared.kernel.ids import new_id
from tests.architecture.source_tree import ROOT
from tests.debian import tool

TOPIC = "recycling.container.events.v1"


def example(name):
    spec = importlib.util.spec_from_file_location(
        name, ROOT / "examples" / "consume" / f"{name}.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def published(kafka_bootstrap):
    """Three events, the middle one sent twice as a relay's successor would."""
    producer = KafkaProducer(bootstrap_servers=kafka_bootstrap, acks="all")
    event = PickupCancelled(
        pickup_id="p-1",
        household_id="h-1",
        community_code="350102001001",
        by="city",
        reason="holiday",
        cancelled_at=datetime.now(UTC),
    )
    record = encode(
        event, key="350102001001", subject="p-1", time=event.cancelled_at, source="greenloop/test"
    )
    for sequence in (1, 2, 2, 3):
        producer.send(
            TOPIC,
            key=b"350102001001",
            value=record.value,
            headers=wire_headers(record.headers, sequence=sequence),
            partition=5,
        )
    producer.close()
    return PickupCancelled.TYPE


def test_kafka_python_counts_each_event_once(kafka_bootstrap, published):
    counts = example("kafka_python_consumer").consume(kafka_bootstrap, TOPIC)

    assert counts[published] == 3


def test_confluent_kafka_counts_each_event_once(kafka_bootstrap, published):
    group = f"company-{new_id()}"

    counts = example("confluent_consumer").consume(kafka_bootstrap, TOPIC, group)

    assert counts[published] == 3


def test_kcat_reads_headers_and_values(kafka_bootstrap, published):
    command = tool("usr/bin/kcat", "kcat")

    read = ["-C", "-t", TOPIC, "-p", "5", "-o", "beginning", "-e", "-q", "-f", "%h %s\\n"]
    said = subprocess.run(
        [command, "-b", kafka_bootstrap, *read],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    ).stdout

    assert said.count(f"ce_type={published}") == 4
    assert '"pickup_id":"p-1"' in said
