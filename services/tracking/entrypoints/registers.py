"""The routes of registers: ask for one, look how far it is, fetch the file by a signed link."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import StreamingResponse

from services.tracking.application.register_desk import (
    Asker,
    file_of,
    order_register,
    register_of,
)
from services.tracking.application.register_ports import Registry
from services.tracking.domain.register import Format, Progress, Register
from services.tracking.entrypoints.register_bodies import (
    DownloadView,
    RegisterBody,
    RegisterView,
    queued_view,
    register_view,
)
from shared.contracts.topic import OpaqueId
from shared.http.auth import Caller, public, role
from shared.http.idempotency import KeyedCall, keyed
from shared.http.signed_links import SignedLinks
from shared.kernel.errors import NotFound

Asking = Annotated[KeyedCall, Depends(keyed("operator", "regulator", area=["regulator"]))]
Looking = Annotated[Caller, Depends(role("operator", "regulator", own=["regulator"]))]
MEDIA_TYPES = {
    Format.CSV: "text/csv; charset=utf-8; header=present",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
BINARY = {"schema": {"type": "string", "format": "binary"}}
FILES = {"text/csv": BINARY, MEDIA_TYPES[Format.XLSX]: BINARY}
BECAUSE = "a signed link that opens this one file for some minutes"


@dataclass(frozen=True, slots=True)
class RegisterOffice:
    """What these routes work with; `link_s` is how long a link is good."""

    registry: Registry
    links: Callable[[], SignedLinks]
    link_s: int

    def download(self, register: Register) -> DownloadView | None:
        """Return a new link to a file that is there; never one that outlives the file."""
        now = self.registry.real_clock.now()
        if register.progress_at(now) is not Progress.READY or register.expires_at is None:
            return None
        good_for = min(timedelta(seconds=self.link_s), register.expires_at - now)
        query, ends = self.links().query(register.register_id, now=now, good_for=good_for)
        return DownloadView(
            href=f"/v1/registers/{register.register_id}/file?{query}", expires_at=ends
        )


def registers_router(office: RegisterOffice) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/registers", tags=["registers"])
    registry = office.registry

    @routes.post("", status_code=202, response_model=RegisterView)
    def order(body: RegisterBody, call: Asking) -> Response:
        register_id = call.derived_id()
        request = call.request(202, queued_view)
        queued = order_register(
            register_id, body.order(), _asker(call.caller), registry=registry, request=request
        )
        answer = call.respond(queued)
        answer.headers["Location"] = f"{call.path}/{queued.id}"
        return answer

    @routes.get("/{register_id}")
    def get_register(register_id: OpaqueId, caller: Looking, response: Response) -> RegisterView:
        stored = register_of(register_id, _asker(caller), registry=registry)
        response.headers["ETag"] = f'"{stored.version}"'
        progress = stored.state.progress_at(registry.real_clock.now())
        if progress in (Progress.QUEUED, Progress.RUNNING):
            response.headers["Retry-After"] = "1"
        return register_view(
            stored.state, progress=progress, download=office.download(stored.state)
        )

    @routes.get(
        "/{register_id}/file",
        response_class=StreamingResponse,
        responses={200: {"content": FILES}},
        dependencies=[Depends(public(BECAUSE))],
    )
    def fetch(register_id: str, expires: str = "", signature: str = "") -> StreamingResponse:
        links, now = office.links(), registry.real_clock.now()
        links.check(register_id, expires=expires, signature=signature, now=now)
        try:
            register, blob = file_of(register_id, registry=registry)
            parts = registry.blobs.read(blob)
        except NotFound:
            raise links.refusal() from None
        headers = {
            "Content-Disposition": f'attachment; filename="{register.file_name}"',
            "Content-Length": str(blob.size_bytes),
        }
        media_type = MEDIA_TYPES[register.order.format]
        return StreamingResponse(parts, media_type=media_type, headers=headers)

    return routes


def _asker(caller: Caller) -> Asker:
    return Asker(caller.subject, caller.has("operator"), caller.area_code)
