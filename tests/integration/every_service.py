"""The API of any service over a database of its own, found by name: a new service just joins."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from deploy.local.services import SERVICES
from shared.http.app import edge
from shared.http.asgi import App
from shared.http.local_issuer import issue_token
from shared.observability.settings import ServiceSettings
from tests.lent_databases import lent_database

METHODS = ("get", "post", "put", "patch", "delete")

__all__ = ["METHODS", "SERVICES", "Api", "Operation", "running"]


@dataclass(frozen=True)
class Operation:
    """One route as the OpenAPI document tells it."""

    method: str
    path: str
    told: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"


@dataclass(frozen=True)
class Api:
    """A service's API in this process."""

    name: str
    app: FastAPI
    settings: ServiceSettings
    wiring: Any

    @property
    def document(self) -> dict[str, Any]:
        return self.app.openapi()

    def operations(self) -> list[Operation]:
        """Return all routes of the document."""
        return [
            Operation(method, path, told[method])
            for path, told in sorted(self.document["paths"].items())
            for method in METHODS
            if method in told
        ]

    def behind_its_edge(self, **limits: Any) -> App:
        """Return the API as it is served; `limits` override the settings'."""
        return edge(self.app, self.settings.model_copy(update=limits))

    def client(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://api")

    def token(self, *roles: str, subject: str = "somebody", **claims: Any) -> str:
        return issue_token(self.settings.state_dir, subject=subject, roles=list(roles), **claims)


@contextmanager
def running(name: str, uri: str, state_dir: Path, **settings: Any) -> Iterator[Api]:
    """Give a service's API with its indexes, over a database of its own."""
    bootstrap = importlib.import_module(f"services.{name}.bootstrap")
    with lent_database(uri, name) as database:
        held = _settings_type(name)(
            mongodb=uri,
            database=database,
            state_dir=state_dir,
            instance=f"{name}-test",
            **settings,
        )
        wiring = bootstrap.Wiring(held)
        prepare = getattr(wiring, "prepare", None) or wiring.rows.prepare
        prepare()
        try:
            yield Api(name, bootstrap.build_api(held), held, wiring)
        finally:
            wiring.client.close()


def _settings_type(name: str) -> type[ServiceSettings]:
    module = importlib.import_module(f"services.{name}.settings")
    (found,) = [
        each
        for each in vars(module).values()
        if isinstance(each, type)
        and issubclass(each, ServiceSettings)
        and each is not ServiceSettings
    ]
    return found
