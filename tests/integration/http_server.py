"""A process that serves the sample API: `python -m tests.integration.http_server`."""

import sys
import threading

from fastapi import APIRouter, Response

from shared.http.app import create_app, serve
from shared.http.body import Body
from shared.observability.logging import configure
from shared.observability.settings import ServiceSettings


class Words(Body):
    text: str


def router() -> APIRouter:
    held = APIRouter(prefix="/v1")

    @held.post("/words")
    def write(body: Words) -> dict[str, int]:
        return {"letters": len(body.text)}

    @held.get("/slow")
    def slow() -> Response:
        sys.stdout.write("slow begins\n")
        sys.stdout.flush()
        threading.Event().wait(0.5)
        return Response("slow ends")

    return held


if __name__ == "__main__":
    settings = ServiceSettings()
    configure(level=settings.log_level, service="sample-api")
    api = create_app(title="sample", routers=[router()], settings=settings, ready=lambda: True)
    serve(api, settings)
