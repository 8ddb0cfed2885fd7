"""One way to make a service's API, and to serve it."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI

from shared.http.asgi import App
from shared.http.edge import Edge
from shared.http.health import health_router
from shared.http.keys import keys_at
from shared.http.limits import limits_of
from shared.http.openapi import describe, routes_of
from shared.http.problems import add_problem_handlers
from shared.http.protocol import Http11Protocol
from shared.http.tokens import Tokens
from shared.http.uploads import Uploads
from shared.observability.settings import ServiceSettings

VERSION = "0.1.0"
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "stable; see the service's page"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "the trace's id"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": words, "content": {"application/problem+json": {"schema": PROBLEM}}}
    for status, words in (
        ("4XX", "The request was refused; the code says why."),
        ("5XX", "Repeat later, with the same key."),
    )
}


def create_app(
    *,
    title: str,
    routers: Sequence[APIRouter],
    settings: ServiceSettings,
    ready: Callable[[], bool],
    scope_secret: Callable[[], bytes] = bytes,
) -> FastAPI:
    """Return the API. `ready` blocks shortly and says whether MongoDB answers (P6: not Kafka).

    `scope_secret` goes into the scope of each keyed call, where ids must not tell of callers; all
    processes of a service need the same one.
    """
    app = FastAPI(
        title=title,
        version=VERSION,
        docs_url="/docs",
        redoc_url=None,
        redirect_slashes=False,
        responses=PROBLEM_RESPONSES,
        separate_input_output_schemas=False,
    )
    app.state.stopping = threading.Event()
    keys = keys_at(settings.jwks_source())
    app.state.routers = tuple(routers)
    app.state.scope_secret = scope_secret
    app.state.tokens = Tokens(keys, issuer=settings.issuer, audience=settings.audience)
    add_problem_handlers(app)
    all_routers = [*routers, health_router(ready)]
    for router in all_routers:
        app.include_router(router)
    app.state.routes = list(routes_of(all_routers))
    describe(app, routers)
    return app


def edge(app: FastAPI, settings: ServiceSettings) -> App:
    """Return the app behind its outermost layer."""
    tokens: Tokens = app.state.tokens
    return Edge(
        app,
        limits=limits_of(settings),
        subject_of=tokens.subject_if_known,
        uploads=Uploads(app.state.routers, claims=tokens.claims),
        methods={method for route in app.state.routes for method in route.methods},
    )


def serve(app: FastAPI, settings: ServiceSettings) -> None:
    """Serve until SIGTERM; requests under way get 8 s to end, streams end at once."""
    config = uvicorn.Config(
        edge(app, settings),
        host=settings.http_host,
        port=settings.http_port,
        loop="uvloop",
        http=Http11Protocol,
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=8,
        backlog=512,
    )
    server = _Server(config)
    server.stopping = app.state.stopping
    with suppress(KeyboardInterrupt):  # uvicorn raises a captured SIGINT again when it is done
        server.run()


class _Server(uvicorn.Server):
    """Tells the application that the process is about to end."""

    stopping: threading.Event

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self.stopping.set()
