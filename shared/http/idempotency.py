"""Idempotency-Key on every POST: one key, one effect, one answer (promise P4)."""

import hashlib
import hmac
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from fastapi import Request as HttpRequest
from fastapi import Response
from pydantic import BaseModel

from shared.http.access import Role, access_of
from shared.http.auth import Caller, permitted
from shared.http.openapi import IDEMPOTENCY_KEY, TOKEN, documented
from shared.kernel.aggregate import Answer, Request, StaffAct, Stored
from shared.kernel.errors import Rejected
from shared.kernel.ids import derived_id

S = TypeVar("S")
Secret = Callable[[], bytes]
KEY_FORM = re.compile(r'("?)([\x21\x23-\x7e]{1,128})\1')  # quoted as a structured field, or bare


class Versioned(Protocol):
    """What an answer is made of."""

    @property
    def id(self) -> str:
        """The document's id."""

    @property
    def version(self) -> int:
        """The document's version."""

    @property
    def answer(self) -> Answer | None:
        """The answer to send."""


@dataclass(frozen=True, slots=True)
class KeyedCall:
    """One keyed POST: its caller, and what ties its effect to its key."""

    caller: Caller
    scope: str
    body_sha256: str
    path: str
    act: str

    def derived_id(self) -> str:
        """Return the id of the document that this call creates; a repeat has the same."""
        return derived_id("call", self.scope)

    def request(self, status: int, render: Callable[[Stored[S]], BaseModel]) -> Request[S]:
        """Return what the storage needs to keep the answer with the effect."""

        def answer(stored: Stored[S]) -> Answer:
            return Answer(status, render(stored).model_dump_json(by_alias=True).encode())

        return Request(self.scope, self.body_sha256, answer, staff=self._staff())

    def _staff(self) -> StaffAct | None:
        """Return who acts here for somebody else, to be audited where the service audits."""
        if not self.caller.has("operator"):
            return None
        return StaffAct(self.caller.subject, "operator", self.act)

    def respond(self, stored: Versioned) -> Response:
        """Return the stored answer, word for word, with the version as ETag."""
        if stored.answer is None:
            raise AssertionError("a keyed call stores its answer")
        headers = {"ETag": f'"{stored.version}"'}
        if stored.answer.status == 201:
            headers["Location"] = f"{self.path}/{quote(stored.id)}"
        return Response(
            stored.answer.body,
            status_code=stored.answer.status,
            media_type="application/json",
            headers=headers,
        )


def keyed(
    *roles: Role, own: Collection[Role] = (), area: Collection[Role] = ()
) -> Callable[[HttpRequest], Any]:
    """Return a dependency that gives the `KeyedCall` of a caller in one of `roles`.

    `own` and `area` are as in `shared.http.auth.role`. Raises `Rejected` (idempotency.key_missing,
    400; http.unauthenticated, 401) or `Forbidden`.
    """

    async def call(request: HttpRequest) -> KeyedCall:
        caller = permitted(request, *roles)
        key = _key(request.headers.get("idempotency-key"))
        path = quote(request.scope["path"])
        body = await request.body()
        query = request.scope["query_string"].decode("latin-1")
        parts = (caller.subject, request.method, f"{path}?{query}", key)
        # Ids are derived from it, and stay when the caller is long erased: who guesses subject and
        # key must not be able to make sure.
        secret: Secret = request.app.state.scope_secret
        scope = hmac.new(secret(), "\0".join(parts).encode(), hashlib.sha256).hexdigest()
        # The route's own form: a path as it was sent may hold what somebody mistook for an id.
        act = f"{request.method} {request.scope['route'].path_format}"
        return KeyedCall(caller, scope, hashlib.sha256(body).hexdigest(), path=path, act=act)

    access = access_of(roles, own=own, area=area)
    return documented(call, needs=(TOKEN, IDEMPOTENCY_KEY), access=access)


def _key(header: str | None) -> str:
    if header is None:
        raise Rejected("idempotency.key_missing", "an Idempotency-Key header is needed")
    found = KEY_FORM.fullmatch(header)
    if found is None:
        raise Rejected("idempotency.key_malformed", "a key has 1 to 128 visible characters")
    return found[2]
