"""The routes by which operators run a city: communities' rules, slots' places, scales."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.collection.application import collecting, opening
from services.collection.application.desk import Desk
from services.collection.domain.slots import Resizing
from services.collection.entrypoints import city_bodies, city_views, views
from services.collection.entrypoints.http import OperatorCall
from shared.contracts.topic import CommunityCode, OpaqueId
from shared.http.auth import Anybody, Operator

SlotId = Annotated[str, Path(max_length=64)]


def city_router(desk: Desk) -> APIRouter:
    """Return the operators' routes."""
    router = APIRouter(prefix="/v1", tags=["city"])

    @router.post("/communities/{community_code}/rules", response_model=city_views.RulesView)
    def set_rules(
        community_code: CommunityCode, body: city_bodies.RulesBody, call: OperatorCall
    ) -> Response:
        rules = body.to_rules(community_code)
        request = call.request(200, city_views.stored_rules_view)
        return call.respond(opening.set_rules(rules, desk=desk, request=request))

    @router.get("/communities/{community_code}/rules")
    def get_rules(community_code: CommunityCode, _caller: Anybody) -> city_views.RulesView:
        return city_views.rules_view(desk.rules.of(community_code))

    @router.post("/slots/{slot_id}/capacity")
    def resize(
        slot_id: SlotId, body: city_bodies.SlotCapacityBody, call: OperatorCall
    ) -> views.SlotView:
        asked = Resizing(body.capacity, call.scope, call.body_sha256)
        return views.slot_view(desk.slots.resize(slot_id, asked))

    @router.post("/scales", status_code=201, response_model=city_views.ScaleView)
    def register_scale(body: city_bodies.ScaleBody, call: OperatorCall) -> Response:
        request = call.request(201, city_views.scale_view)
        scale = body.to_scale()
        return call.respond(collecting.register_scale(scale, desk=desk, request=request))

    @router.post("/scales/{scale_id}/calibrations", response_model=city_views.ScaleView)
    def add_calibration(
        scale_id: OpaqueId, body: city_bodies.CalibrationBody, call: OperatorCall
    ) -> Response:
        request = call.request(200, city_views.scale_view)
        calibration = body.to_calibration()
        added = collecting.add_calibration(scale_id, calibration, desk=desk, request=request)
        return call.respond(added)

    @router.get("/scales/{scale_id}")
    def get_scale(scale_id: OpaqueId, _caller: Operator) -> city_views.ScaleView:
        return city_views.scale_view(desk.scales.get(scale_id))

    return router
