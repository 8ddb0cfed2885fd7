"""The routes of devices at a drive: tickets, check-ins, visits."""

from datetime import datetime

from fastapi import APIRouter, Response

from services.collection.application import visiting
from services.collection.application.drive_desk import DriveDesk
from services.collection.domain.tickets import TicketLease, TicketVoid
from services.collection.entrypoints import drive_views, visit_bodies, visit_views
from services.collection.entrypoints.bodies import permits_of
from services.collection.entrypoints.drive_access import CrewCall, TellerCall
from services.collection.entrypoints.drives import crew_of
from shared.contracts.topic import OpaqueId
from shared.http.idempotency import KeyedCall


def tickets_router(desk: DriveDesk) -> APIRouter:
    """Return the routes by which tickets are given out and ended."""
    router = APIRouter(prefix="/v1/drives", tags=["visits"])

    @router.post("/{drive_id}/tickets", status_code=201)
    def lease(
        drive_id: OpaqueId, body: visit_bodies.LeaseBody, call: CrewCall
    ) -> drive_views.LeaseView:
        asked = _asked(call, body.device_id, count=body.count, now=desk.clock.now())
        leased = visiting.lease_tickets(drive_id, asked, crew=crew_of(call), desk=desk)
        return drive_views.lease_view(leased)

    @router.post("/{drive_id}/voids", status_code=201)
    def void(
        drive_id: OpaqueId, body: visit_bodies.VoidBody, call: CrewCall
    ) -> drive_views.VoidView:
        asked = TicketVoid(
            void_id=call.derived_id(),
            first=body.first,
            last=body.last,
            reason=body.reason,
            at=desk.clock.now(),
            body_sha256=call.body_sha256,
        )
        visiting.void_tickets(drive_id, asked, crew=crew_of(call), desk=desk)
        return drive_views.VoidView(first=body.first, last=body.last, reason=body.reason)

    @router.post("/{drive_id}/check-ins", status_code=201)
    def check_in(
        drive_id: OpaqueId, body: visit_bodies.CheckInBody, call: CrewCall
    ) -> drive_views.CheckInView:
        ticket = _asked(call, body.device_id, count=1, now=desk.clock.now())
        cmd = visiting.CheckIn(drive_id, ticket, body.to_identity())
        leased = visiting.check_in(cmd, crew=crew_of(call), desk=desk)
        return drive_views.CheckInView(
            ticket=leased.first,
            expires_at=leased.expires_at,
            recognised=leased.household_id is not None,
        )

    return router


def _asked(call: KeyedCall, device_id: str, *, count: int, now: datetime) -> TicketLease:
    """Return what is asked for; numbers and expiry are given by the book and the drive."""
    return TicketLease(
        lease_id=call.derived_id(),
        device_id=device_id,
        count=count,
        leased_at=now,
        expires_at=now,
        body_sha256=call.body_sha256,
    )


def telling_router(desk: DriveDesk) -> APIRouter:
    """Return the route by which visits are told."""
    router = APIRouter(prefix="/v1/drives", tags=["visits"])
    view = visit_views.visit_view

    @router.post("/{drive_id}/visits", status_code=201, response_model=visit_views.VisitView)
    def tell(drive_id: OpaqueId, body: visit_bodies.VisitBody, call: TellerCall) -> Response:
        cmd = visiting.TellVisit(
            drive_id=drive_id,
            ticket=body.ticket,
            draw_id=call.derived_id(),
            device_id=body.device_id,
            identity=body.to_identity(),
            weighing=body.to_weighing(call.caller.subject),
            permits=permits_of(body.lots),
        )
        request = call.request(201, view)
        return call.respond(visiting.tell_visit(cmd, desk=desk, request=request))

    return router
