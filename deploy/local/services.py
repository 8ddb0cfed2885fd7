"""The service processes: an API and a worker each."""

import http.client
import json
import os
import sys
from contextlib import closing
from functools import partial
from http import HTTPStatus

from deploy.local.layout import ROOT, Layout
from deploy.local.ports import HOST, Ports
from deploy.local.processes import Spec

SERVICES = ("collection", "pricing", "routing", "tracking", "volumes")
FIRST_API_PORT = 8101
FIRST_WORKER_PORT = 8201
READY_TIMEOUT_S = 1.0
# What the simulated city has shown of the vehicles that collect (services/tracking/settings.py).
CITY_VEHICLES = ("rain-proof", "leak-proof", "spill-proof", "sorting-rules")


def service_specs(layout: Layout, ports: Ports, *, mongodb: str, kafka: str) -> list[Spec]:
    """Return all service processes, each told its addresses, its port and its stable instance."""
    specs = []
    for number, service in enumerate(SERVICES):
        for role, first in (("api", FIRST_API_PORT), ("worker", FIRST_WORKER_PORT)):
            name = f"{service}-{role}"
            port = ports.free(name, first + number)
            environment = service_environment(layout, mongodb=mongodb, kafka=kafka)
            environment |= {"GREENLOOP_HTTP_PORT": str(port), "GREENLOOP_INSTANCE": f"{name}-0"}
            command = [sys.executable, "-m", f"services.{service}", role]
            specs.append(Spec(name, command, environment, port, ready=partial(is_ready, port)))
    return specs


def url_of(port: int) -> str:
    """Return the address of a local service."""
    return f"http://{HOST}:{port}"


def service_environment(layout: Layout, *, mongodb: str, kafka: str) -> dict[str, str]:
    """Return what a service process of a local stack is told."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("GREENLOOP_")
    }
    passed = ("GREENLOOP_LOG_LEVEL", "GREENLOOP_CONCURRENT_REQUESTS_MAX")
    inherited |= {name: os.environ[name] for name in passed if name in os.environ}
    return {
        **inherited,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "GREENLOOP_MONGODB": mongodb,
        "GREENLOOP_KAFKA": kafka,
        "GREENLOOP_STATE_DIR": str(layout.state_dir),
        "GREENLOOP_CLOCK_FILE": str(layout.clock_file),
        "GREENLOOP_ENVIRONMENT": "development",
        "GREENLOOP_COLLECTION_VEHICLES": json.dumps(CITY_VEHICLES),
    }


def is_ready(port: int) -> bool:
    """Say whether a service answers 200 on /readyz."""
    try:
        with closing(http.client.HTTPConnection(HOST, port, timeout=READY_TIMEOUT_S)) as client:
            client.request("GET", "/readyz")
            return client.getresponse().status == HTTPStatus.OK
    except (http.client.HTTPException, OSError):
        return False
