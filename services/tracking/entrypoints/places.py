"""Where places are: an operator says in which division each lies, so that its authority sees it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import StringConstraints

from services.tracking.application.placing import SayDivision, say_division
from services.tracking.domain.place import Place
from shared.contracts.topic import OpaqueId
from shared.http.auth import Operator
from shared.http.body import Body, View
from shared.http.idempotency import KeyedCall, keyed
from shared.kernel.aggregate import Aggregates, Stored
from shared.kernel.clock import Clock

OperatorCall = Annotated[KeyedCall, Depends(keyed("operator"))]
DivisionCode = Annotated[str, StringConstraints(pattern=r"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$")]


class DivisionBody(Body):
    """The division of a place: province, prefecture, county, street or community."""

    division_code: DivisionCode


class PlaceView(View):
    """A place and its division."""

    place_id: str
    division_code: str


def places_router(places: Aggregates[Place], clock: Clock) -> APIRouter:
    """Return the routes of places' divisions."""
    routes = APIRouter(prefix="/v1/places", tags=["registers"])

    @routes.post("/{place_id}/division", response_model=PlaceView)
    def say(place_id: OpaqueId, body: DivisionBody, call: OperatorCall) -> Response:
        cmd = SayDivision(place_id, body.division_code, by=call.caller.subject)
        request = call.request(200, _view)
        return call.respond(say_division(cmd, places=places, clock=clock, request=request))

    @routes.get("/{place_id}/division")
    def get_division(place_id: OpaqueId, _caller: Operator, response: Response) -> PlaceView:
        stored = places.get(place_id)
        response.headers["ETag"] = f'"{stored.version}"'
        return _view(stored)

    return routes


def _view(stored: Stored[Place]) -> PlaceView:
    return PlaceView.model_validate(stored.state)
