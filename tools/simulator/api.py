"""The simulator's only way in: the public HTTP APIs, with retries under the same key.

A repeat after a lost answer must have one effect (P4); the client also repeats some requests on
purpose, and compares both answers.
"""

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from shared.kernel.errors import Rejected, Unavailable
from shared.kernel.ids import new_id
from tools.simulator.interrupts import check

RETRY_FOR_S = 90.0
RETRY_PAUSE_S = 0.1
RETRY_PAUSE_MAX_S = 2.0
TIMEOUT_S = 10.0
RETRIED_STATUS = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
Token = Callable[[str, str], str]
Json = dict[str, Any]


class AnswersDiffer(Exception):  # noqa: N818 - a broken promise of the system, not of the client
    """The same key gave two different answers: P4 is broken."""


@dataclass(slots=True)
class Api:
    """Calls the services at `urls` ({"collection": "http://…"}) as different callers.

    Thread-safe. `repeat_share` of the writes are sent twice on purpose, seeded by `random`.
    """

    urls: Mapping[str, str]
    token: Token
    repeat_share: float
    random: random.Random
    retries: int = 0
    repeats: int = 0
    _local: threading.local = field(default_factory=threading.local)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, service: str, path: str, *, caller: "Caller", **query: str) -> Json:
        """Return the body of a GET; `Rejected` on 4xx, `Unavailable` when it stays away."""
        return self._send("GET", service, path, caller=caller, params=query)

    def post(
        self, service: str, path: str, body: Json, *, caller: "Caller", if_match: str | None = None
    ) -> Json:
        """Return the body of a POST; lost answers are asked for again with the same key."""
        headers = {"Idempotency-Key": new_id()}
        if if_match is not None:
            headers["If-Match"] = if_match
        answer = self._send("POST", service, path, caller=caller, json=body, headers=headers)
        with self._lock:
            again = self.random.random() < self.repeat_share
            self.repeats += again
        if again:
            second = self._send("POST", service, path, caller=caller, json=body, headers=headers)
            if second != answer:
                raise AnswersDiffer(f"{service} {path}")
        return answer

    def _send(
        self,
        method: str,
        service: str,
        path: str,
        *,
        caller: "Caller",
        **call: Any,  # noqa: ANN401
    ) -> Json:
        url = self.urls[service] + path
        headers = dict(call.pop("headers", None) or {})
        if caller != ANYBODY:
            headers["Authorization"] = f"Bearer {self.token(caller.role, caller.subject)}"
        deadline = time.monotonic() + RETRY_FOR_S
        pause_s = RETRY_PAUSE_S
        while True:
            check()
            answer = self._once(method, url, headers=headers, **call)
            if answer is not None and answer.status_code not in RETRIED_STATUS:
                return _body(answer)
            if answer is not None and not _worth_repeating(answer):
                return _body(answer)
            if time.monotonic() > deadline:
                status = answer.status_code if answer is not None else "no answer"
                raise Unavailable("simulator.gave_up", f"{method} {service}{path}: {status}")
            with self._lock:
                self.retries += 1
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, RETRY_PAUSE_MAX_S)

    def _once(self, method: str, url: str, **call: Any) -> httpx.Response | None:  # noqa: ANN401
        try:
            return self._client().request(method, url, **call)
        except httpx.TransportError:
            return None

    def _client(self) -> httpx.Client:
        client: httpx.Client | None = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = httpx.Client(timeout=TIMEOUT_S)
        return client


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks."""

    role: str
    subject: str


# Somebody in the street, without a token.
ANYBODY = Caller("", "")
OPERATOR = Caller("operator", "simulator-operator")
SECOND_OPERATOR = Caller("operator", "operator-2")


def _worth_repeating(answer: httpx.Response) -> bool:
    """A 409 is a verdict, except where an equal request is still under way."""
    if answer.status_code != httpx.codes.CONFLICT:
        return True
    return bool(_problem(answer).get("code") == "idempotency.in_progress")


def _problem(answer: httpx.Response) -> Json:
    try:
        held = answer.json()
    except ValueError:
        return {}
    return held if isinstance(held, dict) else {}


def _body(answer: httpx.Response) -> Json:
    if answer.status_code >= httpx.codes.BAD_REQUEST:
        problem = _problem(answer)
        code = str(problem.get("code", f"http.{answer.status_code}"))
        raise Rejected(code, f"{answer.request.method} {answer.request.url.path}: {problem}")
    body: Json = answer.json()
    return body
