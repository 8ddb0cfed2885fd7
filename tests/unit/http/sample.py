"""A small API over an in-memory aggregate, behind the real edge, asked in this process."""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import httpx
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import Field

from shared.http.app import create_app
from shared.http.asgi import App
from shared.http.auth import Caller, Resident
from shared.http.body import Body, Instant, View
from shared.http.edge import Edge
from shared.http.etag import ExpectedVersion
from shared.http.idempotency import KeyedCall, keyed
from shared.http.limits import Limits
from shared.http.local_issuer import ensure_issuer, issue_token
from shared.http.paging import Cursor, Limit, Page, decode_cursor, encode_cursor, link_next
from shared.http.uploads import Content, Upload, Uploads, takes
from shared.kernel.aggregate import Decision, Stored
from shared.kernel.errors import Unavailable
from shared.kernel.ids import new_id
from shared.messaging.in_memory import InMemoryAggregates
from shared.observability.settings import ServiceSettings

ResidentCall = Annotated[KeyedCall, Depends(keyed("resident"))]
PHONE = "13800001234"
FILE = Upload(100_000, ("image/png", "image/jpeg"), timeout_s=0.2)
NOTES = [f"note-{n:02}" for n in range(7)]


@dataclass(frozen=True, slots=True)
class Note:
    text: str


class NoteBody(Body):
    text: Annotated[str, Field(max_length=40)]
    mass_g: Annotated[int, Field(strict=True, ge=0, le=1_000)] = 0
    at: Instant | None = None


class NoteView(View):
    note_id: str
    text: str


def view(stored: Stored[Note]) -> NoteView:
    return NoteView(note_id=stored.id, text=stored.state.text)


@dataclass
class Desk:
    """What a test reaches into: stored notes, and a gate that holds requests up."""

    notes: InMemoryAggregates[Note] = field(
        default_factory=lambda: InMemoryAggregates(
            kind="note", state_type=Note, announce=lambda _: None
        )
    )
    gate: threading.Event = field(default_factory=threading.Event)
    entered: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    is_ready: bool = True

    def wait(self):
        self.entered.release()
        assert self.gate.wait(20)
        return Response("done")


def notes_router(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/v1")

    @router.post("/notes", status_code=201)
    def write(body: NoteBody, call: ResidentCall) -> Response:
        request = call.request(201, view)
        decision = Decision(Note(body.text))
        return call.respond(desk.notes.create(call.derived_id(), decision, request=request))

    @router.post("/notes/{note_id}/texts")
    def rewrite(
        note_id: str, body: NoteBody, call: ResidentCall, version: ExpectedVersion
    ) -> Response:
        changed = desk.notes.change(
            note_id,
            lambda note: Decision(replace(note, text=body.text)),
            request=call.request(200, view),
            expected_version=version,
        )
        return call.respond(changed)

    @router.get("/notes/{note_id}")
    def read(note_id: str, _caller: Resident) -> NoteView:
        return view(desk.notes.get(note_id))

    @router.get("/notes")
    def read_all(
        request: Request,
        response: Response,
        *,
        word: Annotated[str, Query(max_length=9)] = "",
        limit: Limit = 3,
        cursor: Cursor = None,
    ) -> Page[str]:
        after = str(decode_cursor(cursor, str)[0]) if cursor else ""
        found = [note for note in NOTES if note > after and word in note]
        following = encode_cursor(found[limit - 1]) if len(found) > limit else None
        link_next(request, response, following)
        return Page(items=found[:limit], next=following)

    return router


def files_router(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/v1/files/{file_id}")

    @router.post("/content", openapi_extra=FILE.openapi())
    @takes(FILE)
    def put(file_id: str, content: Content, call: ResidentCall) -> dict[str, str | int]:
        if file_id == "held":
            desk.wait()
        return {"bytes": len(content), "caller": call.caller.subject}

    return router


def trouble_router(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/v1")

    @router.get("/who")
    def who(caller: Resident) -> dict[str, str]:
        return {"subject": caller.subject, "area_code": caller.area_code or ""}

    @router.get("/bug")
    def bug() -> None:
        raise KeyError(PHONE)

    @router.get("/away")
    def away() -> None:
        raise Unavailable("storage.unavailable", "the database does not answer", retry_after_s=3)

    @router.get("/held")
    def held() -> Response:
        return desk.wait()

    @router.get("/held/stream", response_class=EventSourceResponse)
    async def stream() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent(event="begun")
        await asyncio.to_thread(desk.wait)

    @router.post("/held/weigh-ins")
    def weigh() -> Response:
        return desk.wait()

    return router


class Sample:
    """The API, and callers of it. `limits` narrow the edge."""

    def __init__(self, state_dir: Path, limits: Limits | None = None):
        self.state_dir = state_dir
        self.desk = Desk()
        routers = [make(self.desk) for make in (notes_router, files_router, trouble_router)]
        ensure_issuer(state_dir)
        self.api = create_app(
            title="sample",
            routers=routers,
            settings=ServiceSettings(state_dir=state_dir),
            ready=lambda: self.desk.is_ready,
        )
        tokens = self.api.state.tokens
        self.app: App = Edge(
            self.api,
            limits=limits or Limits(),
            subject_of=tokens.subject_if_known,
            uploads=Uploads(routers, claims=tokens.claims),
        )

    async def ask(self, method, path, **sent):
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            return await client.request(method, path, **sent)

    def call(self, method, path, **sent):
        return asyncio.run(self.ask(method, path, **sent))

    def token(self, subject="r-1", roles=("resident",), **rest):
        return issue_token(self.state_dir, subject=subject, roles=list(roles), **rest)

    def headers(self, *, key=None, version=None, token=None):
        held = {"Authorization": f"Bearer {token or self.token()}"}
        if key is not None:
            held["Idempotency-Key"] = key
        if version is not None:
            held["If-Match"] = version
        return held

    def write(self, content, *, key=None, path="/v1/notes", version=None):
        """Post raw bytes, as JSON."""
        headers = self.headers(key=key or new_id(), version=version)
        headers["Content-Type"] = "application/json"
        return self.call("POST", path, content=content, headers=headers)


def caller(*roles: str) -> Caller:
    return Caller("somebody", frozenset(roles))
