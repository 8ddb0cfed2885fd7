"""Real MongoDB and Kafka for tests: on free ports, in a folder of their own, gone afterwards."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from deploy.local import kafka, mongod
from deploy.local.guardian import guarded
from deploy.local.layout import Layout
from deploy.local.ports import HOST, Ports
from deploy.local.processes import Identity
from deploy.local.stack import bring_up
from deploy.local.supervisor import Supervisor


@dataclass(frozen=True, slots=True)
class Infrastructure:
    """A running pair, with what a fault test does to it. Dead ones are restarted by themselves."""

    mongodb_uri: str
    kafka_bootstrap: str
    supervisor: Supervisor

    def kill(self, name: str) -> None:
        """kill -9 `mongod` or `kafka`; the supervisor starts it again."""
        self._identity(name).signal(signal.SIGKILL)

    def pause(self, name: str) -> None:
        """Stop a process without ending it (SIGSTOP)."""
        self._identity(name).signal(signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """Let a paused process go on."""
        self._identity(name).signal(signal.SIGCONT)

    def is_ready(self, name: str) -> bool:
        """Say whether the process does its work."""
        return self.supervisor.children[name].spec.ready()

    def restarts(self, name: str) -> int:
        """Return how often the process was started again."""
        return self.supervisor.children[name].restarts

    def _identity(self, name: str) -> Identity:
        identity = self.supervisor.children[name].identity
        if identity is None:
            raise AssertionError(f"{name} was never started")
        return identity


@contextmanager
def infrastructure(state_dir: Path) -> Iterator[Infrastructure]:
    """Give a fresh pair with all topics declared; ended on the way out, or with this process."""
    layout = Layout(state_dir.resolve())
    layout.logs.mkdir(parents=True, exist_ok=True)
    ports = Ports(any_free=True)
    database, broker, controller = (ports.free(name, 0) for name in ("mongod", "kafka", "raft"))
    addresses = {
        "mongodb": mongod.uri_of(database),
        "kafka": f"{HOST}:{broker}",
        "state_dir": str(layout.state_dir),
    }
    supervisor = Supervisor(layout, addresses, lambda _line: None)
    specs = [mongod.mongod_spec(layout, database), kafka.kafka_spec(layout, broker, controller)]
    with guarded(layout):
        try:
            bring_up(supervisor, [specs, []])
            Thread(target=supervisor.watch, name="supervisor", daemon=True).start()
            yield Infrastructure(addresses["mongodb"], addresses["kafka"], supervisor)
        finally:
            supervisor.stop()
