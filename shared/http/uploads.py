"""Routes that take a file in place of JSON: a larger body of stated media types, few at a time.

A route is marked by `takes`; the edge holds it to what the mark says before the route is reached.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from re import Pattern
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from starlette.datastructures import Headers

from shared.http.asgi import Refused, Scope
from shared.http.problems import problem, rejected, unavailable
from shared.http.tokens import unauthenticated
from shared.kernel.errors import Rejected, Unavailable
from shared.observability import metrics

C = TypeVar("C", bound=Callable[..., Any])
Json = dict[str, Any]
Claims = Callable[[str], object]

# Of 5 MiB each, and what is made of them: the process's memory is what bounds this.
UPLOADS_MAX = 8
MARK = "upload"


@dataclass(frozen=True, slots=True)
class Upload:
    """What a route takes: up to `bytes_max` bytes, not compressed, of one of the media types."""

    bytes_max: int
    media_types: tuple[str, ...]
    timeout_s: float = 30.0

    def openapi(self) -> Json:
        """Return what the route's OpenAPI operation says of its body."""
        binary = {"schema": {"type": "string", "format": "binary", "maxLength": self.bytes_max}}
        content = dict.fromkeys(self.media_types, binary)
        return {"requestBody": {"required": True, "content": content}}


def takes(upload: Upload) -> Callable[[C], C]:
    """Return a decorator that marks an endpoint as one that takes a file."""

    def mark(endpoint: C) -> C:
        setattr(endpoint, MARK, upload)
        return endpoint

    return mark


async def _content(request: Request) -> bytes:
    return await request.body()


Content = Annotated[bytes, Depends(_content)]


class Uploads:
    """The uploads of an API. Used by one event loop."""

    def __init__(
        self, routers: Sequence[APIRouter] = (), *, claims: Claims = lambda _: None
    ) -> None:
        """`claims` raises `Rejected` for a token that is not good."""
        self._routes = tuple(_marked(routers))
        self._claims = claims
        self._running = 0

    def of(self, scope: Scope) -> Upload | None:
        """Return what a request's route takes, or None where that is JSON."""
        for methods, path, upload in self._routes:
            if scope["method"] in methods and path.fullmatch(scope["path"]):
                return upload
        return None

    @contextmanager
    def place(self, upload: Upload | None, headers: Headers) -> Iterator[None]:
        """Let few in at once, and only who shows a good token: before a byte of it is read."""
        if upload is None:
            yield
            return
        self._admit(headers)
        if self._running >= UPLOADS_MAX:
            metrics.HTTP_SHED.labels("load").inc()
            raise Refused(problem(503, "http.overloaded", headers={"Retry-After": "1"}))
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1

    def _admit(self, headers: Headers) -> None:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise unauthenticated()
            self._claims(token.strip())
        except Rejected as no:
            raise Refused(rejected(no)) from None
        except Unavailable as away:
            raise Refused(unavailable(away)) from None


def _marked(routers: Sequence[APIRouter]) -> Iterator[tuple[set[str], Pattern[str], Upload]]:
    for router in routers:
        for route in router.routes:
            upload = isinstance(route, APIRoute) and getattr(route.endpoint, MARK, None)
            if isinstance(route, APIRoute) and upload:
                yield set(route.methods or ()), route.path_regex, upload
