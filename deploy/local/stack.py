"""A whole stack: which processes, at which addresses; and what is known of a running one."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.local import kafka, mongod
from deploy.local.layout import Layout
from deploy.local.ports import HOST, Ports
from deploy.local.problems import StackProblem
from deploy.local.processes import Identity, Spec, end_all
from deploy.local.services import service_specs, url_of
from deploy.local.supervisor import Say, Supervisor
from shared.contracts.declare import declare_topics
from shared.http.local_issuer import ensure_issuer
from shared.kernel.errors import Unavailable
from shared.permits.signing import ensure_permit_keys

GIVEN_TIMEOUT_MS = 3_000


@dataclass(frozen=True, slots=True)
class Running:
    """What stack.json says of a stack that runs."""

    held: dict[str, Any]

    @property
    def supervisor(self) -> Identity | None:
        """The supervisor, if it is alive."""
        return _alive(self.held.get("supervisor", {}))

    @property
    def processes(self) -> dict[str, dict[str, Any]]:
        """The children by name: pid, started_at_s, port, restarts, log."""
        processes: dict[str, dict[str, Any]] = self.held["processes"]
        return processes

    def urls(self) -> dict[str, str]:
        """Return the APIs' addresses by service."""
        return {
            name.removesuffix("-api"): url_of(entry["port"])
            for name, entry in self.processes.items()
            if name.endswith("-api")
        }

    def children(self) -> list[Identity]:
        """Return the children that are alive."""
        found = [_alive(entry) for entry in self.processes.values()]
        return [identity for identity in found if identity is not None]


def running(layout: Layout) -> Running | None:
    """Return what runs in a state folder, or None."""
    try:
        return Running(json.loads(layout.stack_file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def _alive(entry: dict[str, Any]) -> Identity | None:
    if "pid" not in entry:
        return None
    identity = Identity(int(entry["pid"]), float(entry["started_at_s"]))
    return identity if identity.process() is not None else None


def clear_leftovers(layout: Layout) -> None:
    """End children whose supervisor was killed; refuse where a supervisor still runs."""
    held = running(layout)
    if held is None:
        return
    if held.supervisor is not None:
        raise StackProblem(
            f"this stack already runs (pid {held.supervisor.pid}); `make down` stops it"
        )
    end_all(held.children())
    layout.stack_file.unlink(missing_ok=True)


def build(
    layout: Layout, *, infra_only: bool, say: Say, any_free: bool = False
) -> tuple[Supervisor, list[list[Spec]]]:
    """Return a supervisor and what it starts, step by step; nothing is started yet."""
    ports = Ports(any_free=any_free)
    layout.logs.mkdir(parents=True, exist_ok=True)
    infrastructure: list[Spec] = []
    mongodb = os.environ.get("GREENLOOP_MONGODB") or _local_mongod(layout, ports, infrastructure)
    brokers = os.environ.get("GREENLOOP_KAFKA") or _local_kafka(layout, ports, infrastructure)
    services: list[Spec] = []
    if not infra_only:
        services = service_specs(layout, ports, mongodb=mongodb, kafka=brokers)
    for name, (wanted, given) in ports.moved.items():
        say(f"{name}: port {wanted} is taken, using {given}")
    addresses = {"mongodb": mongodb, "kafka": brokers, "state_dir": str(layout.state_dir)}
    return Supervisor(layout, addresses, say), [infrastructure, services]


def bring_up(supervisor: Supervisor, steps: list[list[Spec]]) -> None:
    """Start infrastructure, declare the topics, start the services; all ready when it returns."""
    infrastructure, services = steps
    supervisor.start(infrastructure)
    _check_given(supervisor.addresses["mongodb"], infrastructure)
    try:
        declare_topics(supervisor.addresses["kafka"])
    except Unavailable as error:
        where = supervisor.addresses["kafka"]
        raise StackProblem(f"no Kafka broker answers at {where}: {error.message}") from error
    ensure_issuer(supervisor.layout.state_dir)
    ensure_permit_keys(supervisor.layout.state_dir)
    supervisor.start(services)


def _local_mongod(layout: Layout, ports: Ports, specs: list[Spec]) -> str:
    port = ports.free(mongod.NAME, mongod.DEFAULT_PORT)
    specs.append(mongod.mongod_spec(layout, port))
    return mongod.uri_of(port)


def _local_kafka(layout: Layout, ports: Ports, specs: list[Spec]) -> str:
    port = ports.free(kafka.NAME, kafka.DEFAULT_PORT)
    controller = ports.free("kafka-controller", kafka.DEFAULT_CONTROLLER_PORT)
    specs.append(kafka.kafka_spec(layout, port, controller))
    return f"{HOST}:{port}"


def _check_given(uri: str, infrastructure: list[Spec]) -> None:
    """A database that was given must answer now, not at the first booking."""
    if any(spec.name == mongod.NAME for spec in infrastructure):
        return
    try:
        with MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=GIVEN_TIMEOUT_MS) as client:
            client.admin.command("ping")
    except PyMongoError as error:
        raise StackProblem("GREENLOOP_MONGODB is set, but nothing answers there") from error


def state_layout(state_dir: str) -> Layout:
    """Return the layout of a state folder, made absolute."""
    return Layout(Path(state_dir).resolve())
