"""The routes by which drives are planned, opened and ended."""

from fastapi import APIRouter, Response

from services.collection.application import drives
from services.collection.application.drive_desk import Crew, DriveDesk
from services.collection.entrypoints import bodies, drive_bodies, drive_views
from services.collection.entrypoints.drive_access import CrewCall
from services.collection.entrypoints.http import OperatorCall, is_staff
from shared.contracts.topic import OpaqueId
from shared.http.idempotency import KeyedCall
from shared.kernel.clock import to_millisecond


def crew_of(call: KeyedCall) -> Crew:
    """Return who acts; the city acts for any collector."""
    return Crew(call.caller.subject, is_staff(call.caller))


def planning_router(desk: DriveDesk) -> APIRouter:
    """Return the city's routes: plan, announce, appoint, call off."""
    router = APIRouter(prefix="/v1/drives", tags=["drives"])
    view = drive_views.drive_view

    @router.post("", status_code=201, response_model=drive_views.DriveView)
    def plan(body: drive_bodies.DriveBody, call: OperatorCall) -> Response:
        cmd = drives.PlanDrive(
            drive_id=call.derived_id(),
            site_id=body.site_id,
            terms=body.terms.to_terms(),
            window_start=to_millisecond(body.window_start),
            window_end=to_millisecond(body.window_end),
        )
        return call.respond(drives.plan_drive(cmd, desk=desk, request=call.request(201, view)))

    @router.post("/{drive_id}/announcement", response_model=drive_views.DriveView)
    def announce(
        drive_id: OpaqueId, _body: drive_bodies.AnnouncementBody, call: OperatorCall
    ) -> Response:
        request = call.request(200, view)
        return call.respond(drives.announce_drive(drive_id, desk=desk, request=request))

    @router.post("/{drive_id}/appointment", response_model=drive_views.DriveView)
    def appoint(
        drive_id: OpaqueId, body: drive_bodies.AppointmentBody, call: OperatorCall
    ) -> Response:
        appointed = drives.appoint_collector(
            drive_id, body.collector_id, desk=desk, request=call.request(200, view)
        )
        return call.respond(appointed)

    @router.post("/{drive_id}/cancellation", response_model=drive_views.DriveView)
    def cancel(drive_id: OpaqueId, body: bodies.ReasonBody, call: OperatorCall) -> Response:
        request = call.request(200, view)
        cancelled = drives.cancel_drive(drive_id, body.reason, desk=desk, request=request)
        return call.respond(cancelled)

    return router


def holding_router(desk: DriveDesk) -> APIRouter:
    """Return the named collector's routes: open, close, abort."""
    router = APIRouter(prefix="/v1/drives", tags=["drives"])
    view = drive_views.drive_view

    @router.post("/{drive_id}/opening", response_model=drive_views.DriveView)
    def open_drive(drive_id: OpaqueId, body: drive_bodies.OpeningBody, call: CrewCall) -> Response:
        opened = drives.open_drive(
            drive_id,
            crew_of(call),
            at=to_millisecond(body.opened_at),
            desk=desk,
            request=call.request(200, view),
        )
        return call.respond(opened)

    @router.post("/{drive_id}/closing", response_model=drive_views.DriveView)
    def close_drive(
        drive_id: OpaqueId, _body: drive_bodies.ClosingBody, call: CrewCall
    ) -> Response:
        closing = drives.close_drive(
            drive_id, crew_of(call), desk=desk, request=call.request(200, view)
        )
        return call.respond(closing)

    @router.post("/{drive_id}/abort", response_model=drive_views.DriveView)
    def abort_drive(drive_id: OpaqueId, body: bodies.ReasonBody, call: CrewCall) -> Response:
        aborted = drives.abort_drive(
            drive_id,
            body.reason,
            crew=crew_of(call),
            desk=desk,
            request=call.request(200, view),
        )
        return call.respond(aborted)

    return router
