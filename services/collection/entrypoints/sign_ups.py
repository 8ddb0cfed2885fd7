"""The routes by which residents sign up for drives, and withdraw."""

from fastapi import APIRouter, Response

from services.collection.application import signing_up
from services.collection.application.drive_desk import DriveDesk
from services.collection.entrypoints import visit_bodies, visit_views
from services.collection.entrypoints.drive_access import HouseholdCall
from services.collection.entrypoints.http import is_staff
from shared.contracts.topic import OpaqueId
from shared.http.idempotency import KeyedCall


def sign_ups_router(desk: DriveDesk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1/drives", tags=["sign-ups"])
    view = visit_views.sign_up_view

    @router.post("/{drive_id}/sign-ups", status_code=201, response_model=visit_views.SignUpView)
    def sign_up(drive_id: OpaqueId, body: visit_bodies.SignUpBody, call: HouseholdCall) -> Response:
        request = call.request(201, view)
        cmd = _asked(drive_id, body, call)
        return call.respond(signing_up.sign_up(cmd, desk=desk, request=request))

    @router.post("/{drive_id}/withdrawals", response_model=visit_views.SignUpView)
    def withdraw(
        drive_id: OpaqueId, body: visit_bodies.SignUpBody, call: HouseholdCall
    ) -> Response:
        request = call.request(200, view)
        cmd = _asked(drive_id, body, call)
        return call.respond(signing_up.withdraw(cmd, desk=desk, request=request))

    return router


def _asked(drive_id: str, body: visit_bodies.SignUpBody, call: KeyedCall) -> signing_up.AskPlace:
    return signing_up.AskPlace(
        drive_id, body.household_id, call.caller.subject, is_staff(call.caller)
    )
