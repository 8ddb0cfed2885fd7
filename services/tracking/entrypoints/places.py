"""Places, as an operator says of them: division, operating party, designated central store."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import StringConstraints

from services.tracking.application.placing import (
    DesignateCentralStore,
    Map,
    NameOperatingParty,
    SayDivision,
    designate_central_store,
    name_operating_party,
    say_division,
)
from services.tracking.domain.place import Place
from shared.contracts.topic import OpaqueId
from shared.http.auth import Operator
from shared.http.body import Body, View
from shared.http.idempotency import KeyedCall, keyed
from shared.kernel.aggregate import Stored

OperatorCall = Annotated[KeyedCall, Depends(keyed("operator"))]
DivisionCode = Annotated[str, StringConstraints(pattern=r"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$")]


class DivisionBody(Body):
    """The division of a place: province, prefecture, county, street or community."""

    division_code: DivisionCode


class OperatingPartyBody(Body):
    """The party that operates a place: what lies there is its waste."""

    party_id: OpaqueId


class CentralStoreBody(Body):
    """Whether a place is a designated central store: what leaves it is exempt no more."""

    is_central_store: bool


class PlaceView(View):
    """A place, its division ("" where nobody said it), its operating party, and its flag."""

    place_id: str
    division_code: str
    operating_party_id: str | None
    is_central_store: bool


def places_router(map_: Map) -> APIRouter:
    """Return the routes of places."""
    routes = APIRouter(prefix="/v1/places", tags=["registers"])

    @routes.post("/{place_id}/division", response_model=PlaceView)
    def say(place_id: OpaqueId, body: DivisionBody, call: OperatorCall) -> Response:
        cmd = SayDivision(place_id, body.division_code, by=call.caller.subject)
        return call.respond(say_division(cmd, map_=map_, request=call.request(200, _view)))

    @routes.post("/{place_id}/operating-party", response_model=PlaceView)
    def name(place_id: OpaqueId, body: OperatingPartyBody, call: OperatorCall) -> Response:
        cmd = NameOperatingParty(place_id, body.party_id, by=call.caller.subject)
        return call.respond(name_operating_party(cmd, map_=map_, request=call.request(200, _view)))

    @routes.post("/{place_id}/central-store", response_model=PlaceView)
    def designate(place_id: OpaqueId, body: CentralStoreBody, call: OperatorCall) -> Response:
        cmd = DesignateCentralStore(place_id, body.is_central_store, by=call.caller.subject)
        request = call.request(200, _view)
        return call.respond(designate_central_store(cmd, map_=map_, request=request))

    @routes.get("/{place_id}/division")
    def get_division(place_id: OpaqueId, _caller: Operator, response: Response) -> PlaceView:
        return _shown(place_id, response)

    @routes.get("/{place_id}")
    def get_place(place_id: OpaqueId, _caller: Operator, response: Response) -> PlaceView:
        return _shown(place_id, response)

    def _shown(place_id: str, response: Response) -> PlaceView:
        stored = map_.places.get(place_id)
        response.headers["ETag"] = f'"{stored.version}"'
        return _view(stored)

    return routes


def _view(stored: Stored[Place]) -> PlaceView:
    return PlaceView.model_validate(stored.state)
