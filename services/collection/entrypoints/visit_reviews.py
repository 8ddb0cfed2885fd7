"""The routes after the scale at a drive: a household disputes, two persons correct, one reviews."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.collection.application import reviewing_visits
from services.collection.application.drive_desk import DriveDesk
from services.collection.domain.tickets import NUMBER_MAX
from services.collection.domain.visiting import visit_id_of
from services.collection.entrypoints import bodies, visit_views
from services.collection.entrypoints.drive_access import CrewCall, HouseholdCall
from services.collection.entrypoints.drives import crew_of
from services.collection.entrypoints.http import OperatorCall, is_staff
from services.collection.entrypoints.reviewing import ReviewCode, Revision
from shared.contracts.topic import OpaqueId
from shared.http.body import WHOLE

Ticket = Annotated[int, Path(ge=1, le=NUMBER_MAX), WHOLE]


def corrections_router(desk: DriveDesk) -> APIRouter:
    """Return the routes by which two persons correct a visit."""
    router = APIRouter(prefix="/v1/drives", tags=["visits"])
    view = visit_views.visit_view

    @router.post("/{drive_id}/visits/{ticket}/corrections", response_model=visit_views.VisitView)
    def propose(
        drive_id: OpaqueId, ticket: Ticket, body: bodies.CorrectionBody, call: CrewCall
    ) -> Response:
        visit_id = visit_id_of(drive_id, ticket)
        revision = body.supersedes + 1
        day = reviewing_visits.weighed_day(drive_id, ticket, desk=desk)
        cmd = reviewing_visits.ProposeCorrection(
            drive_id=drive_id,
            ticket=ticket,
            supersedes=body.supersedes,
            lots=bodies.lots_of(body.lots, pickup_id=visit_id, revision=revision, day=day),
            reason=body.reason,
        )
        proposed = reviewing_visits.propose_correction(
            cmd, crew=crew_of(call), desk=desk, request=call.request(200, view)
        )
        return call.respond(proposed)

    @router.post(
        "/{drive_id}/visits/{ticket}/corrections/{supersedes}/approval",
        response_model=visit_views.VisitView,
    )
    def approve(
        drive_id: OpaqueId,
        ticket: Ticket,
        supersedes: Revision,
        *,
        body: bodies.ApprovalBody,
        call: OperatorCall,
    ) -> Response:
        cmd = reviewing_visits.Approve(
            drive_id, ticket, supersedes, call.caller.subject, body.seen()
        )
        request = call.request(200, view)
        return call.respond(reviewing_visits.approve_correction(cmd, desk=desk, request=request))

    return router


def visit_reviews_router(desk: DriveDesk) -> APIRouter:
    """Return the routes by which a household disputes, and staff close reviews."""
    router = APIRouter(prefix="/v1/drives", tags=["visits"])
    view = visit_views.visit_view

    @router.post("/{drive_id}/visits/{ticket}/disputes", response_model=visit_views.VisitView)
    def dispute(
        drive_id: OpaqueId, ticket: Ticket, body: bodies.ReasonBody, call: HouseholdCall
    ) -> Response:
        cmd = reviewing_visits.Dispute(
            drive_id, ticket, body.reason, call.caller.subject, is_staff(call.caller)
        )
        request = call.request(200, view)
        return call.respond(reviewing_visits.dispute_visit(cmd, desk=desk, request=request))

    @router.post(
        "/{drive_id}/visits/{ticket}/reviews/{code}/resolution",
        response_model=visit_views.VisitView,
    )
    def resolve(
        drive_id: OpaqueId,
        ticket: Ticket,
        code: ReviewCode,
        *,
        body: bodies.ReasonBody,
        call: OperatorCall,
    ) -> Response:
        cmd = reviewing_visits.Resolve(drive_id, ticket, code, body.reason)
        request = call.request(200, view)
        return call.respond(reviewing_visits.resolve_review(cmd, desk=desk, request=request))

    return router
