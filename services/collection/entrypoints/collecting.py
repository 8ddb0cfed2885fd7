"""The routes by which collectors tell what happened: on the way, at the door, on the scale."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.collection.application import collecting
from services.collection.application.desk import Desk
from services.collection.domain.states import Act
from services.collection.domain.weighing import Weighing
from services.collection.entrypoints import bodies, views
from shared.http.idempotency import KeyedCall, keyed
from shared.kernel.clock import legal_day, to_millisecond

CollectorCall = Annotated[KeyedCall, Depends(keyed("collector"))]
ACTS = {"en_route": Act.SET_OUT, "at_door": Act.ARRIVE}


def collecting_router(desk: Desk) -> APIRouter:
    """Return the collectors' routes."""
    router = APIRouter(prefix="/v1/pickups", tags=["collecting"])

    @router.post("/{pickup_id}/approach", response_model=views.PickupView)
    def approach(pickup_id: str, body: bodies.ApproachBody, call: CollectorCall) -> Response:
        cmd = collecting.Approach(
            pickup_id, ACTS[body.progress], call.caller.subject, to_millisecond(body.happened_at)
        )
        request = call.request(200, views.pickup_view)
        return call.respond(collecting.approach(cmd, desk=desk, request=request))

    @router.post("/{pickup_id}/weigh-ins", response_model=views.PickupView)
    def weigh(pickup_id: str, body: bodies.WeighInBody, call: CollectorCall) -> Response:
        weighing = _weighing(body, pickup_id=pickup_id, collector_id=call.caller.subject)
        request = call.request(200, views.pickup_view)
        permits = bodies.permits_of(body.lots)
        weighed = collecting.weigh_pickup(
            pickup_id, weighing, permits=permits, desk=desk, request=request
        )
        return call.respond(weighed)

    @router.post("/{pickup_id}/outcomes", response_model=views.PickupView)
    def log_outcome(pickup_id: str, body: bodies.OutcomeBody, call: CollectorCall) -> Response:
        cmd = collecting.LogOutcome(
            pickup_id, body.outcome, call.caller.subject, to_millisecond(body.happened_at)
        )
        request = call.request(200, views.pickup_view)
        return call.respond(collecting.log_outcome(cmd, desk=desk, request=request))

    return router


def _weighing(body: bodies.WeighInBody, *, pickup_id: str, collector_id: str) -> Weighing:
    weighed_at = to_millisecond(body.weighed_at)
    day = legal_day(weighed_at)
    return Weighing(
        revision=1,
        vehicle_id=body.vehicle_id,
        collector_id=collector_id,
        scale_id=body.scale_id,
        gross_g=body.gross_g,
        tare_g=body.tare_g,
        lots=bodies.lots_of(body.lots, pickup_id=pickup_id, revision=1, day=day),
        weighed_at=weighed_at,
    )
