"""The API of containers: registering, scanning, sealing, and the rest of their life."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from services.tracking.application import container_desk as desk_of
from services.tracking.application.container_desk import ContainerDesk
from services.tracking.domain import container_custody as custody
from services.tracking.domain import container_sealing as sealing
from services.tracking.domain.container import By, Container
from services.tracking.domain.container_permits import IssuedPermit
from services.tracking.domain.tags import canonical
from services.tracking.entrypoints import container_bodies as bodies
from services.tracking.entrypoints.container_views import (
    ContainerView,
    PermitView,
    container_view,
    permit_view,
)
from shared.contracts.topic import OpaqueId
from shared.http.auth import Caller, public, role
from shared.http.idempotency import KeyedCall, keyed
from shared.kernel.aggregate import Decision, Stored
from shared.kernel.errors import NotFound

StaffCall = Annotated[KeyedCall, Depends(keyed("operator", "collector"))]
OperatorCall = Annotated[KeyedCall, Depends(keyed("operator"))]
CollectorCall = Annotated[KeyedCall, Depends(keyed("collector"))]
PermitReader = Annotated[Caller, Depends(role("operator", "collector", own=("collector",)))]
Act = Callable[..., Decision[Container]]


@dataclass(frozen=True, slots=True)
class ContainerOffice:
    """What the API works with. `sign` makes the token of a permit, `classes_of` its classes."""

    desk: ContainerDesk
    sign: Callable[[IssuedPermit], str]
    classes_of: Callable[[IssuedPermit], list[str]]
    jwks: Callable[[], dict[str, Any]]

    def view(self, stored: Stored[IssuedPermit]) -> PermitView:
        """Return a permit with its token."""
        permit = stored.state
        return permit_view(permit, token=self.sign(permit), classes=self.classes_of(permit))


def by(call: KeyedCall) -> By:
    """Return who acts: of the roles of staff the one that counts most."""
    role = "operator" if call.caller.has("operator") else "collector"
    return By(role, call.caller.subject)


def container_router(office: ContainerOffice) -> APIRouter:
    """Return the routes by which containers are registered."""
    routes = APIRouter(prefix="/v1", tags=["containers"])
    desk = office.desk

    @routes.post("/containers", status_code=201, response_model=ContainerView)
    def register(body: bodies.ContainerBody, call: StaffCall) -> Response:
        cmd = desk_of.RegisterContainer(
            tag=body.tag,
            container_type=body.container_type,
            material=body.material,
            tare_g=body.tare_g,
            limit_g=body.limit_g,
            materials=tuple(body.materials),
            classes=tuple(body.classes),
            volume_l=body.volume_l,
            tested_until=body.tested_until,
            place_id=body.place_id,
        )
        request = call.request(201, container_view)
        registered = desk_of.register_container(cmd, by=by(call), desk=desk, request=request)
        return call.respond(registered)

    return routes


def permit_router(office: ContainerOffice) -> APIRouter:
    """Return the routes by which a scan gives a permit, and permits are verified."""
    routes = APIRouter(prefix="/v1", tags=["containers"])
    desk = office.desk

    @routes.post("/containers/{tag}/permits", status_code=201, response_model=PermitView)
    def scan(tag: OpaqueId, body: bodies.PermitBody, call: CollectorCall) -> Response:
        cmd = desk_of.IssuePermit(
            permit_id=call.derived_id(),
            tag=canonical(tag),
            materials=tuple(body.materials),
            hours=body.hours,
            subject=call.caller.subject,
            device_id=body.device_id,
        )
        request = call.request(201, office.view)
        return call.respond(desk_of.issue_permit(cmd, desk=desk, request=request))

    @routes.get("/containers/{tag}/permits/{permit_id}")
    def get_permit(tag: OpaqueId, permit_id: OpaqueId, caller: PermitReader) -> PermitView:
        stored = desk.permits.get(permit_id)
        held = stored.state
        is_own = held.subject == caller.subject or caller.has("operator")
        if held.tag != canonical(tag) or not is_own:
            raise NotFound("permit.not_found", "there is no such thing")
        return office.view(stored)

    @routes.get("/permit-keys", dependencies=[Depends(public("public keys, for all to verify"))])
    def permit_keys() -> dict[str, Any]:
        """Return the public keys (JWKS) with which permits are verified; for everybody."""
        return office.jwks()

    return routes


def sealing_router(office: ContainerOffice) -> APIRouter:
    """Return the routes by which containers are sealed and opened."""
    routes = APIRouter(prefix="/v1/containers/{tag}", tags=["containers"])
    do = partial(_done, office.desk)

    @routes.post("/sealings", response_model=ContainerView)
    def seal(tag: OpaqueId, body: bodies.SealBody, call: StaffCall) -> Response:
        weighing = sealing.Weighing(
            gross_g=body.gross_g,
            scale_id=body.scale_id,
            seal_number=body.seal_number,
            holder=_place(body.place_id),
        )
        return do(tag, partial(sealing.seal, weighing=weighing), call)

    @routes.post("/openings", response_model=ContainerView)
    def open_up(tag: OpaqueId, body: bodies.ReasonBody, call: StaffCall) -> Response:
        return do(tag, partial(sealing.open_up, reason=body.reason), call)

    @routes.post("/resumptions", response_model=ContainerView)
    def resume(tag: OpaqueId, _body: bodies.NothingBody, call: StaffCall) -> Response:
        return do(tag, sealing.resume, call)

    @routes.post("/emptyings", response_model=ContainerView)
    def empty(tag: OpaqueId, body: bodies.PlaceBody, call: OperatorCall) -> Response:
        return do(tag, partial(custody.empty, holder=_place(body.place_id)), call)

    @routes.post("/cleanings", response_model=ContainerView)
    def clean(tag: OpaqueId, _body: bodies.NothingBody, call: OperatorCall) -> Response:
        return do(tag, custody.clean, call)

    @routes.post("/readiness", response_model=ContainerView)
    def ready(tag: OpaqueId, _body: bodies.NothingBody, call: OperatorCall) -> Response:
        request = call.request(200, container_view)
        made = desk_of.make_ready(canonical(tag), by=by(call), desk=office.desk, request=request)
        return call.respond(made)

    return routes


def mishap_router(office: ContainerOffice) -> APIRouter:
    """Return the routes by which a container is damaged, lost, found, written off or retired."""
    routes = APIRouter(prefix="/v1/containers/{tag}", tags=["containers"])
    do = partial(_done, office.desk)

    @routes.post("/damages", response_model=ContainerView)
    def damage(tag: OpaqueId, body: bodies.DamageBody, call: StaffCall) -> Response:
        act = partial(custody.damage, reason=body.reason, overpack_tag=body.overpack_tag)
        return do(tag, act, call)

    @routes.post("/losses", response_model=ContainerView)
    def lose(tag: OpaqueId, body: bodies.ReasonBody, call: StaffCall) -> Response:
        return do(tag, partial(custody.lose, reason=body.reason), call)

    @routes.post("/findings", response_model=ContainerView)
    def find(tag: OpaqueId, body: bodies.PlaceBody, call: StaffCall) -> Response:
        return do(tag, partial(custody.find, holder=_place(body.place_id)), call)

    @routes.post("/write-offs", response_model=ContainerView)
    def write_off(tag: OpaqueId, body: bodies.ReasonBody, call: OperatorCall) -> Response:
        return do(tag, partial(custody.write_off, reason=body.reason), call)

    @routes.post("/retirements", response_model=ContainerView)
    def retire(tag: OpaqueId, body: bodies.ReasonBody, call: OperatorCall) -> Response:
        return do(tag, partial(custody.retire, reason=body.reason), call)

    return routes


def _done(desk: ContainerDesk, tag: str, act: Act, call: KeyedCall) -> Response:
    request = call.request(200, container_view)
    return call.respond(
        desk_of.perform(canonical(tag), act, by=by(call), desk=desk, request=request)
    )


def _place(place_id: str | None) -> str | None:
    return f"place/{place_id}" if place_id is not None else None
