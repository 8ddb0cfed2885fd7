"""The outermost layer, in pure ASGI: trace, limits, load shedding, metrics, log, headers.

It reads the whole body first (64 KiB at most, within 10 s), so that everything behind it works on
a complete, bounded request.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response

from shared.http.problems import problem
from shared.http.rates import Rates
from shared.observability import metrics, tracing

log = structlog.get_logger(__name__)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_BYTES_MAX = 64 * 1024
BODY_TIMEOUT_S = 10.0
FAVOURED_SHARE = 1.5  # weigh-ins may use half as many places again: a fact is not to be lost
FAVOURED_ENDING = "/weigh-ins"
UNLIMITED_PATHS = frozenset({"/livez", "/readyz", "/metrics"})
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class Refused(Exception):  # noqa: N818 - carries the answer, is not an error of ours
    """The request ends here, with this answer."""

    def __init__(self, answer: Response) -> None:
        """`answer` is sent as it is."""
        super().__init__(str(answer.status_code))
        self.answer = answer


class Edge:
    """Wraps an application. One instance a process."""

    def __init__(self, app: App, *, concurrent_max: int, requests_per_s_max: int) -> None:
        """`concurrent_max` requests at once, favoured ones half as many more."""
        self._app = app
        self._concurrent_max = concurrent_max
        self._rates = Rates(per_s=requests_per_s_max)
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass on what is not HTTP."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        tracing.begin(headers.get("traceparent"))
        begun_s = time.perf_counter()
        status = 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _secure(MutableHeaders(scope=message))
            await send(message)

        try:
            await self._serve(scope, receive, sending, headers)
        except Refused as refused:
            await refused.answer(scope, receive, sending)
        finally:
            _observe(scope, status, time.perf_counter() - begun_s)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, headers: Headers) -> None:
        if scope["path"] in UNLIMITED_PATHS:
            await self._app(scope, receive, send)
            return
        self._admit(scope["path"], headers, scope)
        self._running += 1
        try:
            body = await _body(scope, receive, headers)
            await self._app(scope, _replay(body, receive), send)
        finally:
            self._running -= 1

    def _admit(self, path: str, headers: Headers, scope: Scope) -> None:
        caller = headers.get("authorization") or str((scope.get("client") or ("", 0))[0])
        if not self._rates.allow(caller):
            metrics.HTTP_SHED.labels("rate").inc()
            raise Refused(problem(429, "http.too_many_requests", headers={"Retry-After": "1"}))
        share = FAVOURED_SHARE if path.endswith(FAVOURED_ENDING) else 1.0
        if self._running >= self._concurrent_max * share:
            metrics.HTTP_SHED.labels("load").inc()
            raise Refused(problem(503, "http.overloaded", headers={"Retry-After": "1"}))


async def _body(scope: Scope, receive: Receive, headers: Headers) -> bytes:
    declared = headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > BODY_BYTES_MAX:
        raise Refused(problem(413, "http.body_too_large", detail="at most 64 KiB"))
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            body = await _read(receive)
    except TimeoutError:
        raise Refused(problem(408, "http.body_too_slow")) from None
    if body and scope["method"] in WITH_BODY:
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise Refused(problem(415, "http.unsupported_media_type", detail="application/json"))
    return body


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Refused(problem(400, "http.disconnected"))
        body += message.get("body", b"")
        if len(body) > BODY_BYTES_MAX:
            raise Refused(problem(413, "http.body_too_large", detail="at most 64 KiB"))
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


def _secure(headers: MutableHeaders) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers.setdefault("Cache-Control", "no-store")
    held = tracing.current()
    if held is not None:
        headers["traceparent"] = held


def _observe(scope: Scope, status: int, took_s: float) -> None:
    route = getattr(scope.get("route"), "path", "unmatched")
    if scope["path"] in UNLIMITED_PATHS:
        return
    metrics.HTTP_REQUESTS.labels(route, scope["method"][:8], f"{status // 100}xx").inc()
    metrics.HTTP_LATENCY_S.labels(route).observe(took_s)
    # Metrics have what went well; a line for each would cost more than many a request.
    note = log.debug if status < 400 else log.info
    note("http", method=scope["method"], route=route, status=status, took_s=round(took_s, 4))
