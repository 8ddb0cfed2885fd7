"""The outermost layer, in pure ASGI: trace, limits, load shedding, metrics, log, headers.

It reads the whole body first, so that everything behind it works on a complete, bounded request.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

import structlog
from starlette.datastructures import Headers

from shared.http.asgi import App, Exchange, Message, Receive, Refused, Scope, Send
from shared.http.bugs import log_bug
from shared.http.limits import Limits
from shared.http.problems import problem
from shared.http.rates import Rates
from shared.http.request_body import WITH_BODY, read_body
from shared.http.request_target import expect_text
from shared.http.uploads import Uploads
from shared.observability import metrics, tracing

log = structlog.get_logger(__name__)

SLOW_S = 1.0
# Weigh-ins may use half as many places again: a fact is not to be lost. Streams that open may use
# more: they only read, leave their place at once, and after a restart all of them come together.
FAVOURED_SHARES = {"weigh-ins": 1.5, "events": 8.0}
UNLIMITED_PATHS = frozenset({"/livez", "/readyz", "/metrics"})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
AGAIN_SOON = {"Retry-After": "1"}
SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)
SubjectOf = Callable[[str], str | None]


class Edge:
    """Wraps an application. One instance a process, used by its event loop only."""

    def __init__(
        self,
        app: App,
        *,
        limits: Limits,
        subject_of: SubjectOf,
        uploads: Uploads | None = None,
        methods: Collection[str] = WITH_BODY,
    ) -> None:
        """`subject_of` tells whose token it is where that was verified lately, else None.

        `methods` are those of the routes: another one is refused as such, whatever it carries.
        """
        self._app = app
        self._uploads = uploads or Uploads()
        self._limits = limits
        self._with_body = WITH_BODY.intersection(methods)
        self._subject_of = subject_of
        self._rates = Rates(per_s=limits.requests_per_s_max)
        self._running = 0
        self._coming = 0
        self._answering: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass on what is not HTTP."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        tracing.begin(headers.get("traceparent"))
        begun_s = time.perf_counter()
        exchange = Exchange(scope, receive, send, dress=_dress)
        try:
            await self._serve(scope, receive, exchange, headers=headers)
        except Refused as refused:
            await exchange.answer(refused.answer)
        except Exception as bug:  # noqa: BLE001 - the last layer; the caller still gets a 500
            log_bug(bug)
            await exchange.answer(problem(500, "http.internal"))
        finally:
            _observe(scope, exchange, time.perf_counter() - begun_s)

    async def _serve(
        self, scope: Scope, receive: Receive, exchange: Exchange, *, headers: Headers
    ) -> None:
        if scope["path"] in UNLIMITED_PATHS:
            await self._app(scope, receive, exchange.send)
            return
        expect_text(scope)
        self._hold_to_rate(scope, headers)
        upload = self._uploads.of(scope)
        with self._uploads.place(upload, headers):
            with self._coming_in():
                body = await read_body(
                    receive,
                    headers,
                    is_json=scope["method"] in self._with_body,
                    limits=self._limits,
                    upload=upload,
                )
            with self._place(scope["path"]) as leave, self._in_time(exchange):
                exchange.on_stream = leave
                await self._app(scope, _replay(body, receive), exchange.send)

    def _hold_to_rate(self, scope: Scope, headers: Headers) -> None:
        # Who shows an unknown token is counted by address: made-up tokens give no new bucket.
        token = headers.get("authorization", "")[len("Bearer ") :].strip()
        caller = self._subject_of(token) if token else None
        if not self._rates.allow(caller or f"@{(scope.get('client') or ('', 0))[0]}"):
            metrics.HTTP_SHED.labels("rate").inc()
            raise Refused(problem(429, "http.too_many_requests", headers=AGAIN_SOON))

    @contextmanager
    def _coming_in(self) -> Iterator[None]:
        if self._coming >= self._limits.bodies_coming_max:
            raise _shed()
        self._coming += 1
        try:
            yield
        finally:
            self._coming -= 1

    @contextmanager
    def _place(self, path: str) -> Iterator[Callable[[], None]]:
        """Take a place; it is left at the end, or before by what is given.

        A stream of events leaves it when it begins: whoever streams bounds its streams
        (shared/http/streams.py).
        """
        share = FAVOURED_SHARES.get(path.rpartition("/")[2], 1.0)
        if self._running >= self._limits.concurrent_max * share:
            raise _shed()
        self._running += 1
        is_taken = True

        def leave() -> None:
            nonlocal is_taken
            if is_taken:
                self._running -= 1
            is_taken = False

        try:
            yield leave
        finally:
            leave()

    @contextmanager
    def _in_time(self, exchange: Exchange) -> Iterator[None]:
        """Answer 503 when the time is over; the work goes on and keeps its place until it ends."""
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self._limits.request_timeout_s, self._give_up, exchange)
        try:
            yield
        finally:
            timer.cancel()

    def _give_up(self, exchange: Exchange) -> None:
        late = problem(503, "http.timeout", detail="repeat with the same key", headers=AGAIN_SOON)
        answering = asyncio.get_running_loop().create_task(exchange.answer(late))
        self._answering.add(answering)  # the loop itself holds a task only weakly
        answering.add_done_callback(self._answering.discard)


def _shed() -> Refused:
    metrics.HTTP_SHED.labels("load").inc()
    return Refused(problem(503, "http.overloaded", headers=AGAIN_SOON))


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


def _dress(start: Message) -> None:
    headers: list[tuple[bytes, bytes]] = list(start["headers"])
    headers.extend(SECURITY_HEADERS)
    if not any(name.lower() == b"cache-control" for name, _ in headers):
        headers.append((b"cache-control", b"no-store"))
    held = tracing.current()
    if held is not None:
        headers.append((b"traceparent", held.encode()))
    start["headers"] = headers


def is_noteworthy(status: int, took_s: float) -> bool:
    """Say whether a request gets a line in the log: it was refused, failed, or slow.

    Metrics have what went well; a line for each would cost more than many a request.
    """
    return status >= 400 or took_s > SLOW_S


def _observe(scope: Scope, exchange: Exchange, took_s: float) -> None:
    if scope["path"] in UNLIMITED_PATHS:
        return
    status = exchange.status
    route = getattr(scope.get("route"), "path", "unmatched")
    method = scope["method"] if scope["method"] in METHODS else "other"
    metrics.HTTP_REQUESTS.labels(route, method, f"{status // 100}xx").inc()
    if exchange.is_stream:  # how long somebody listened is no time to answer
        return
    metrics.HTTP_LATENCY_S.labels(route).observe(took_s)
    note = log.info if is_noteworthy(status, took_s) else log.debug
    note("http", method=method, route=route, status=status, took_s=round(took_s, 4))
