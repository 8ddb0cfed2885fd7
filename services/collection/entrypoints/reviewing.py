"""The routes after the scale: a household confirms or disputes, two persons correct."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from services.collection.application import reviewing
from services.collection.application.desk import Desk
from services.collection.entrypoints import bodies, views
from services.collection.entrypoints.http import OperatorCall, ResidentCall, is_staff
from shared.http.body import WHOLE
from shared.http.idempotency import KeyedCall, keyed

CrewCall = Annotated[KeyedCall, Depends(keyed("collector", "operator"))]
Revision = Annotated[int, Path(ge=1, le=bodies.REVISION_MAX), WHOLE]
ReviewCode = Annotated[str, Path(pattern=r"^[a-z_.]{1,40}$")]


def own_router(desk: Desk) -> APIRouter:
    """Return the routes by which a household answers to the scale."""
    router = APIRouter(prefix="/v1/pickups", tags=["reviewing"])

    @router.post("/{pickup_id}/confirmation", response_model=views.PickupView)
    def confirm(pickup_id: str, _body: bodies.ConfirmationBody, call: ResidentCall) -> Response:
        request = call.request(200, views.pickup_view)
        own = _own(pickup_id, call)
        return call.respond(reviewing.confirm_weighing(own, desk=desk, request=request))

    @router.post("/{pickup_id}/disputes", response_model=views.PickupView)
    def dispute(pickup_id: str, body: bodies.ReasonBody, call: ResidentCall) -> Response:
        request = call.request(200, views.pickup_view)
        own = _own(pickup_id, call)
        disputed = reviewing.dispute_weighing(own, body.reason, desk=desk, request=request)
        return call.respond(disputed)

    return router


def reviewing_router(desk: Desk) -> APIRouter:
    """Return the routes by which staff review: uphold, propose, approve, resolve."""
    router = APIRouter(prefix="/v1/pickups", tags=["reviewing"])

    @router.post("/{pickup_id}/upholding", response_model=views.PickupView)
    def uphold(pickup_id: str, body: bodies.ReasonBody, call: OperatorCall) -> Response:
        request = call.request(200, views.pickup_view)
        upheld = reviewing.uphold_weighing(pickup_id, body.reason, desk=desk, request=request)
        return call.respond(upheld)

    @router.post("/{pickup_id}/corrections", response_model=views.PickupView)
    def propose(pickup_id: str, body: bodies.CorrectionBody, call: CrewCall) -> Response:
        revision = body.supersedes + 1
        day = reviewing.weighed_day(pickup_id, desk=desk)
        lots = bodies.lots_of(body.lots, pickup_id=pickup_id, revision=revision, day=day)
        cmd = reviewing.ProposeCorrection(
            pickup_id, body.supersedes, lots, body.reason, call.caller.subject
        )
        request = call.request(200, views.pickup_view)
        return call.respond(reviewing.propose_correction(cmd, desk=desk, request=request))

    @router.post("/{pickup_id}/corrections/{supersedes}/approval", response_model=views.PickupView)
    def approve(
        pickup_id: str, supersedes: Revision, body: bodies.ApprovalBody, call: OperatorCall
    ) -> Response:
        cmd = reviewing.ApproveCorrection(pickup_id, supersedes, call.caller.subject, body.seen())
        request = call.request(200, views.pickup_view)
        return call.respond(reviewing.approve_correction(cmd, desk=desk, request=request))

    @router.post("/{pickup_id}/reviews/{code}/resolution", response_model=views.PickupView)
    def resolve(
        pickup_id: str, code: ReviewCode, body: bodies.ReasonBody, call: OperatorCall
    ) -> Response:
        request = call.request(200, views.pickup_view)
        resolved = reviewing.resolve_review(
            pickup_id, code, resolution=body.reason, desk=desk, request=request
        )
        return call.respond(resolved)

    return router


def _own(pickup_id: str, call: KeyedCall) -> reviewing.Own:
    return reviewing.Own(pickup_id, call.caller.subject, is_staff(call.caller))
