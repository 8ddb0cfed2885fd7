"""Volumes, intake and fold together, beside a naive Faust table agent and Quix Streams."""

import os
import subprocess
import sys
import time
from pathlib import Path

from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from deploy.local.testing import Infrastructure
from shared.contracts.codec import wire_headers
from shared.contracts.pickup import TOPIC
from shared.messaging.mongo_client import connect, database
from tests.architecture.source_tree import ROOT
from tests.bench.rows import Row
from tests.bench.weighings import LOT_G, LOTS, weighing
from tests.chaos.processes import spawned
from tests.polling import eventually

EVENTS = int(os.environ.get("BENCH_EVENTS", "600000"))
PEER_EVENTS = 40_000
PEERS = Path(__file__).parent / "peers"
QUIX_PYTHON = ROOT / ".venv-bench" / "bin" / "python"


def rows(infra: Infrastructure) -> list[Row]:
    """Fill the topic once; each reads it from the start, and its own best rate is compared."""
    _fill(infra.kafka_bootstrap)
    ours_per_s = _ours(infra)
    found = []
    faust_per_s = _peer(infra, [sys.executable, str(PEERS / "naive_faust.py")])
    found.append(
        Row("volumes, intake and fold", ours_per_s, "/s", faust_per_s, "naive Faust table", "≥ 20")
    )
    if QUIX_PYTHON.exists():
        quix_per_s = _peer(infra, [str(QUIX_PYTHON), str(PEERS / "quix_sum.py")])
        found.append(
            Row("volumes, intake and fold", ours_per_s, "/s", quix_per_s, "Quix Streams", "≥ 2")
        )
    return found


def _fill(bootstrap: str) -> None:
    producer = KafkaProducer(
        bootstrap_servers=bootstrap, acks="all", linger_ms=20, batch_size=262_144
    )
    sequences = [0] * TOPIC.partitions
    prepared = [weighing(number) for number in range(2_000)]
    for number in range(EVENTS):
        record = prepared[number % len(prepared)]
        sequences[record.partition] += 1
        headers = wire_headers(record.headers, sequence=sequences[record.partition])
        headers = [(n, v) for n, v in headers if n != "ce_id"] + [("ce_id", str(number).encode())]
        producer.send(
            TOPIC.name,
            key=record.key.encode(),
            value=record.value,
            headers=headers,
            partition=record.partition,
        )
    producer.flush()
    producer.close()


def _ours(infra: Infrastructure) -> float:
    environment = {
        "mongodb": infra.mongodb_uri,
        "kafka": infra.kafka_bootstrap,
        "database": "bench_volumes",
        "instance": "bench-volumes",
        "generation": "7",
        "http_port": "0",
        "state_dir": str(infra.supervisor.layout.state_dir),
    }
    with connect(infra.mongodb_uri, name="bench") as client:
        db = database(client, "bench_volumes")
        with spawned("services.volumes", "worker", **environment):
            eventually(lambda: db["deltas_7"].find_one() is not None, within_s=60, every_s=0.005)
            begun_s = time.monotonic()
            eventually(lambda: _folded_g(db) == EVENTS * LOTS * LOT_G, within_s=120, every_s=0.2)
            took_s = time.monotonic() - begun_s
    return EVENTS / took_s


def _folded_g(db) -> int:
    stages = [
        {"$project": {"cell": {"$objectToArray": "$cells"}}},
        {"$unwind": "$cell"},
        {"$group": {"_id": None, "g": {"$sum": "$cell.v.g"}}},
    ]
    return sum(found["g"] for found in db["rows_7"].aggregate(stages))


def _peer(infra: Infrastructure, command: list[str]) -> float:
    """Run a peer over the first events; it prints its rate in events a second and ends."""
    _declare_peer_topics(infra.kafka_bootstrap)
    environment = {
        **os.environ,
        "PEER_KAFKA": infra.kafka_bootstrap,
        "PEER_TOPIC": TOPIC.name,
        "PEER_EVENTS": str(PEER_EVENTS),
        "PEER_STATE": str(infra.supervisor.layout.state_dir / "peer"),
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    rates = [line for line in done.stdout.splitlines() if line.startswith("rate ")]
    if not rates:
        raise AssertionError(f"{command[-1]}: {done.stderr[-800:]}")
    return float(rates[-1].split()[1])


def _declare_peer_topics(bootstrap: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    names = ["naive-faust-sums-changelog", "naive-faust-__assignor-__leader"]
    present = {each["name"] for each in admin.describe_topics()}
    wanted = [
        NewTopic(
            name=name,
            num_partitions=TOPIC.partitions if "sums" in name else 1,
            replication_factor=1,
        )
        for name in names
        if name not in present
    ]
    if wanted:
        admin.create_topics(wanted)
    admin.close()
