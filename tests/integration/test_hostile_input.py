"""Input made by hand to hurt, over every route of every service, through the real edge.

What tests/fuzz makes of the documents is elsewhere; this is what no schema names. Each gets a 4xx
problem with a stable code, in time.
"""

import asyncio
import gzip
import json
import re
from collections.abc import AsyncIterator
from itertools import count
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from shared.http.access import ROLES
from tests.fuzz import hostile
from tests.fuzz.harness import quiet_logs
from tests.fuzz.shapes import Shapes
from tests.integration.every_service import SERVICES, Api, Operation, running

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

ANSWERS_IN_S = 10.0
ERRORS_SHOWN = 20
CODE = re.compile(r"[a-z][a-z_]*[.][a-z_.]+")


class Caller:
    """Asks one service, behind its edge, and holds every answer to be a problem."""

    def __init__(self, api: Api, client: httpx.AsyncClient) -> None:
        self.shapes = Shapes(api.document)
        self.found: list[str] = []
        self.asked = 0
        self._client = client
        self._token = api.token(*ROLES, area_code="35")
        self._keys = count()

    async def refused(
        self,
        operation: Operation,
        want: tuple[int, str] | None = None,
        *,
        path: str | None = None,
        query: str = "",
        content: Any = None,
        headers: dict[str, Any] | None = None,
    ) -> list[str]:
        """Send one request; note what is wrong with its answer; return where errors are told."""
        sent: dict[str, Any] = {
            "Authorization": f"Bearer {self._token}",
            "Idempotency-Key": f"hostile-{next(self._keys)}",
            "If-Match": "*",
        }
        if content is not None:
            sent["Content-Type"] = hostile.JSON
        elif media_types := self.shapes.files_of(operation.told):
            sent["Content-Type"], content = media_types[0], b"no such file"
        target = (path or usual(operation)) + (f"?{query}" if query else "")
        url = httpx.URL("http://api", raw_path=target.encode())
        self.asked += 1
        async with asyncio.timeout(ANSWERS_IN_S):
            answer = await self._client.request(
                operation.method.upper(), url, content=content, headers={**sent, **(headers or {})}
            )
        shown = f"{operation} {target[:90]} {str(content)[:90]} {headers or ''}: "
        media_type = answer.headers.get("content-type")
        if not 400 <= answer.status_code < 500 or media_type != "application/problem+json":
            self.found.append(f"{shown}{answer.status_code} {media_type} {answer.text[:200]}")
            return []
        told = answer.json()
        if CODE.fullmatch(told["code"]) is None or want not in (
            None,
            (answer.status_code, told["code"]),
        ):
            self.found.append(f"{shown}{answer.status_code} {told['code']}, not {want}")
        return [each["pointer"] for each in told.get("errors", [])]


def usual(operation: Operation, **given: str) -> str:
    """Return the path with made-up ids; `given` are as they are sent."""
    return re.sub(r"{([^}]+)}", lambda found: given.get(found[1], "made-up"), operation.path)


def walked(api: Api) -> Caller:
    """Ask every route all that is hostile; return what was found."""

    async def over_all() -> Caller:
        edge = api.behind_its_edge(requests_per_s_max=1_000_000)
        transport = httpx.ASGITransport(edge, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport) as client:
            caller = Caller(api, client)
            for operation in api.operations():
                for walk in WALKS:
                    await walk(caller, operation)
            return caller

    return asyncio.run(over_all())


async def send_bodies(caller: Caller, operation: Operation) -> None:
    if caller.shapes.body_of(operation.told) is None:
        return
    for content, want in hostile.BODIES:
        await caller.refused(operation, want, content=content)
    for headers in hostile.TYPES:
        content = gzip.compress(b'{"a": 1}')[:-9] if "Content-Encoding" in headers else b"{}"
        await caller.refused(operation, hostile.UNSUPPORTED, content=content, headers=headers)
    await caller.refused(operation, hostile.TOO_LARGE, content=pieces())


async def pieces() -> AsyncIterator[bytes]:
    """A body of 65 KiB whose length nobody is told."""
    for _ in range(65):
        yield b" " * 1_024


async def send_leaves(caller: Caller, operation: Operation) -> None:
    """Send each hostile value to all places of its kind at once: each place has to be told of."""
    schema = caller.shapes.body_of(operation.told)
    if schema is None:
        return
    for kinds, values in hostile.LEAVES:
        for value in values:
            await send_value(caller, operation, schema, kinds=kinds, value=value)
    if places := len(caller.shapes.leaves(schema, {"string"})):
        long = "x" * (60_000 // places)
        await send_value(caller, operation, schema, kinds={"string"}, value=long)


async def send_value(
    caller: Caller, operation: Operation, schema: Any, *, kinds: set[str], value: Any
) -> None:
    places = caller.shapes.leaves(schema, kinds)
    if not places:
        return
    body = caller.shapes.filled(schema, kinds, lambda _: value)
    told = await caller.refused(operation, hostile.INVALID, content=json.dumps(body).encode())
    parts = [each.split("/") for each in told]
    if len(told) < ERRORS_SHOWN:
        taken = [way for way in places if not any(is_on_way(way, each) for each in parts)]
        caller.found += [f"{operation} took {str(value)[:40]!r} at {way}" for way in taken]


def is_on_way(way: tuple[str, ...], parts: list[str]) -> bool:
    """Say whether all names are on a pointer's way, in order; positions may be between."""
    rest = iter(parts)
    return all(name in rest for name in way)


async def send_queries(caller: Caller, operation: Operation) -> None:
    shapes = caller.shapes
    for told in shapes.parameters(operation.told, "query"):
        name, kind = told["name"], shapes.kind(told["schema"])
        values = hostile.LIMITS if name == "limit" else hostile.QUERIES.get(kind, [])
        for value in values:
            pointers = await caller.refused(
                operation, hostile.INVALID, query=f"{name}={quote(value)}"
            )
            if not any(name in each.split("/") for each in pointers):
                caller.found.append(f"{operation} took {name}={value[:40]}")
        for raw in ("%00", "a%00b", "%FF", "%ED%A0%80"):
            await caller.refused(operation, hostile.NOT_TEXT, query=f"{name}={raw}")


async def send_cursors(caller: Caller, operation: Operation) -> None:
    told = caller.shapes.parameters(operation.told, "query")
    if all(each["name"] != "cursor" for each in told):
        return
    needed = "".join(
        f"{each['name']}={usual_value(caller, each)}&" for each in told if each["required"]
    )
    # Where a path names what is not there, that may be told first.
    want = None if "{" in operation.path or "/person/" in operation.path else (400, "paging.cursor")
    for cursor in hostile.CURSORS:
        await caller.refused(operation, want, query=f"{needed}cursor={quote(cursor)}")


def usual_value(caller: Caller, told: Any) -> str:
    """Return a value that a needed parameter of a query takes."""
    schema = caller.shapes.resolved(told["schema"])
    known = {"date": "2026-11-24", "date-time": "2026-11-24T00:00:00Z", "integer": "1"}
    return schema.get("enum", [known.get(caller.shapes.kind(schema), "350102001001")])[0]


async def send_paths(caller: Caller, operation: Operation) -> None:
    for told in caller.shapes.parameters(operation.told, "path"):
        for raw, want in hostile.TARGETS:
            await caller.refused(operation, want, path=usual(operation, **{told["name"]: raw}))
        for raw in hostile.IDS:
            await caller.refused(operation, path=usual(operation, **{told["name"]: raw}))


async def send_headers(caller: Caller, operation: Operation) -> None:
    needs = {each["name"] for each in caller.shapes.parameters(operation.told, "header")}
    if "Idempotency-Key" in needs:
        for key in hostile.KEYS:
            malformed = (400, "idempotency.key_malformed")
            await caller.refused(operation, malformed, headers={"Idempotency-Key": key})
    if "If-Match" in needs:
        for etag in hostile.ETAGS:
            unknown = (412, "http.etag_unknown")
            await caller.refused(operation, unknown, headers={"If-Match": etag})
    if operation.told.get("security"):
        for bearer in hostile.BEARERS:
            nobody = (401, "http.unauthenticated")
            await caller.refused(operation, nobody, headers={"Authorization": bearer})


WALKS = [send_bodies, send_leaves, send_queries, send_cursors, send_paths, send_headers]


@pytest.mark.parametrize("service", SERVICES)
def test_hostile_input_is_refused_with_a_code_on_every_route(service, mongodb_uri, tmp_path):
    with running(service, mongodb_uri, tmp_path) as api, quiet_logs():
        caller = walked(api)
        routes = len(api.operations())

    assert "\n".join(caller.found) == ""
    assert caller.asked > 10 * routes
