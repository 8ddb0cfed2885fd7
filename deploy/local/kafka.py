"""Apache Kafka, one KRaft node on Java 17 or later, its jars resolved by Maven once."""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from deploy.local.layout import ROOT, SHARED_CACHE, Layout
from deploy.local.ports import HOST, accepts
from deploy.local.problems import StackProblem
from deploy.local.processes import Spec

NAME = "kafka"
DEFAULT_PORT = 9092
DEFAULT_CONTROLLER_PORT = 9093
JAVA_MIN = 17
CLUSTER_ID = "R3JlZW5sb29wTG9jYWwxMA"
POM = ROOT / "deploy" / "kafka" / "pom.xml"
LOG_CONFIG = ROOT / "deploy" / "kafka" / "log4j2.yaml"
FETCH_TIMEOUT_S = 300
FORMAT_TIMEOUT_S = 60
INTERNAL_TOPICS = """
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=2
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
"""


def jars_dir() -> Path:
    """Return the folder of the jars: another pom, another folder."""
    version = hashlib.sha256(POM.read_bytes()).hexdigest()[:12]
    return SHARED_CACHE / f"kafka-{version}"


def fetch() -> Path:
    """Resolve the jars where they are missing; return their folder."""
    folder = jars_dir()
    if (folder / ".complete").exists():
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        raise StackProblem("Maven is missing: run   sudo apt-get install maven   and try again")
    folder.mkdir(parents=True, exist_ok=True)
    command = [maven, "-q", "-B", "-f", str(POM), "dependency:copy-dependencies"]
    command += [f"-DoutputDirectory={folder}"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=FETCH_TIMEOUT_S, check=False
    )
    if done.returncode != 0:
        reason = next((x for x in done.stdout.splitlines() if "ERROR" in x), "see Maven's output")
        raise StackProblem(
            f"Maven could not resolve Kafka's jars ({reason}); is Maven Central reachable?"
        )
    (folder / ".complete").touch()
    return folder


def java() -> str:
    """Return the java command, or raise `StackProblem` where it is missing or too old."""
    found = shutil.which("java")
    if found is None:
        raise StackProblem(
            "Java is missing: run   sudo apt-get install openjdk-17-jre-headless   and try again"
        )
    said = subprocess.run(
        [found, "-version"], capture_output=True, text=True, timeout=20, check=False
    ).stderr
    version = java_version(said)
    if version < JAVA_MIN:
        raise StackProblem(
            f"Java {version} is too old, Kafka needs {JAVA_MIN}: "
            "run   sudo apt-get install openjdk-17-jre-headless"
        )
    return found


def java_version(said: str) -> int:
    """Return the major version that `java -version` said, 0 where it said none."""
    found = re.search(r'version "(\d+)(?:\.(\d+))?', said)
    if found is None:
        return 0
    major = int(found[1])
    return int(found[2] or 0) if major == 1 else major


def kafka_spec(layout: Layout, port: int, controller_port: int) -> Spec:
    """Return how the broker is started; its data survives restarts and a kill -9."""
    properties = layout.state_dir / "kafka.properties"
    run = [java(), *_options(), "-cp", f"{fetch()}/*"]
    return Spec(
        name=NAME,
        command=[*run, "-Xmx512m", "-XX:+UseSerialGC", "kafka.Kafka", str(properties)],
        environment=dict(os.environ),
        port=port,
        ready=lambda: accepts(port),
        prepare=lambda: _prepare(layout, properties, run=run, ports=(port, controller_port)),
    )


def _options() -> list[str]:
    return [f"-Dlog4j2.configurationFile={LOG_CONFIG}", "-Djava.awt.headless=true"]


def _prepare(layout: Layout, properties: Path, *, run: list[str], ports: tuple[int, int]) -> None:
    data = layout.data / NAME
    data.mkdir(parents=True, exist_ok=True)
    properties.write_text(_properties(data, *ports), encoding="utf-8")
    if not (data / "meta.properties").exists():
        tool = [*run, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(properties)]
        done = subprocess.run(
            tool, capture_output=True, text=True, timeout=FORMAT_TIMEOUT_S, check=False
        )
        if done.returncode != 0:
            raise StackProblem(f"kafka: its data folder cannot be formatted: {done.stderr[-300:]}")


def _properties(data: Path, port: int, controller_port: int) -> str:
    return f"""# Written at every start by deploy/local/kafka.py.
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{HOST}:{controller_port}
listeners=PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}
advertised.listeners=PLAINTEXT://{HOST}:{port}
controller.listener.names=CONTROLLER
log.dirs={data}
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=4
log.segment.bytes=67108864
log.cleaner.dedupe.buffer.size=33554432
{INTERNAL_TOPICS}"""
