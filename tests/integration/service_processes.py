"""A house's service as processes of its own: to be asked over a socket, killed, or left to work."""

from contextlib import contextmanager
from typing import ClassVar

import httpx

from deploy.local.ports import Ports
from tests.chaos.processes import started
from tests.polling import eventually


class ServiceProcesses:
    """What a house is that runs its `SERVICE` on its own `settings`."""

    SERVICE: ClassVar[str]

    @contextmanager
    def serving(self, **environment):
        """The API as a process; gives the process and what sends it a request.

        Afterwards nothing of it is under way any more: MongoDB still does what a process that was
        killed had sent just before.
        """
        port = free_port()
        limits = httpx.Limits(max_connections=64)
        base, instance = f"http://127.0.0.1:{port}", f"api-{port}"
        with (
            self._process("api", http_port=str(port), instance=instance, **environment) as process,
            httpx.Client(base_url=base, timeout=30, limits=limits) as client,
        ):
            until_ready(process, client)
            yield process, client.request
        eventually(lambda: not self._connections_of(instance), within_s=30)

    def working(self, **environment):
        """The worker as a process."""
        return self._process("worker", http_port=str(free_port()), **environment)

    def _connections_of(self, instance):
        every = {"$currentOp": {"allUsers": True, "idleConnections": True}}
        own = {"$match": {"appName": instance}}
        return list(self.wiring.client.admin.aggregate([every, own]))

    def _process(self, part, **environment):
        return started(
            f"services.{self.SERVICE}",
            part,
            mongodb=self.settings.mongodb,
            database=self.settings.database,
            state_dir=str(self.settings.state_dir),
            **environment,
        )


def until_ready(process, client):
    """Wait for a service; fail where its process has ended, whoever else answers at its port."""
    eventually(lambda: process.poll() is not None or is_ready(client), within_s=60)
    assert process.poll() is None


def is_ready(client):
    try:
        return client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def free_port():
    return Ports(any_free=True).free("test", 0)
