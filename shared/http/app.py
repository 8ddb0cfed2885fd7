"""One way to make a service's API, and to serve it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.http.edge import App, Edge
from shared.http.problems import add_problem_handlers
from shared.http.tokens import FileKeys, Keys, Tokens, UrlKeys
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
) -> FastAPI:
    """Return the API. `ready` blocks shortly and says whether MongoDB answers (P6: not Kafka)."""
    app = FastAPI(
        title=title,
        version=VERSION,
        docs_url="/docs",
        redoc_url=None,
        responses=PROBLEM_RESPONSES,
        separate_input_output_schemas=False,
    )
    keys = _keys(settings.jwks_source())
    app.state.tokens = Tokens(keys, issuer=settings.issuer, audience=settings.audience)
    add_problem_handlers(app)
    for router in routers:
        app.include_router(router)
    app.include_router(_health(ready))
    return app


def edge(app: FastAPI, settings: ServiceSettings) -> App:
    """Return the app behind its outermost layer."""
    return Edge(
        app,
        concurrent_max=settings.concurrent_requests_max,
        requests_per_s_max=settings.requests_per_s_max,
    )


def serve(app: FastAPI, settings: ServiceSettings) -> None:
    """Serve until SIGTERM; requests under way get 8 s to end."""
    uvicorn.run(
        edge(app, settings),
        host=settings.http_host,
        port=settings.http_port,
        loop="uvloop",
        http="h11",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=8,
        backlog=512,
    )


def _keys(source: str) -> Keys:
    if source.startswith(("http://", "https://")):
        return UrlKeys(source)
    return FileKeys(Path(source))


def _health(ready: Callable[[], bool]) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/livez")
    async def livez() -> Response:
        return Response("ok", media_type="text/plain")

    @router.get("/readyz")
    def readyz() -> Response:
        is_ready = ready()
        return Response(
            "ok" if is_ready else "MongoDB does not answer",
            status_code=200 if is_ready else 503,
            media_type="text/plain",
        )

    @router.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
