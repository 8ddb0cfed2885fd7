"""The routes of QR cards: a resident shows one, a collector at a drive learns the household."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.collection.application import cards
from services.collection.application.desk import Desk
from services.collection.entrypoints import people_bodies as bodies
from services.collection.entrypoints import people_views as views
from services.collection.entrypoints.coding import coded
from services.collection.entrypoints.collecting import CollectorCall
from services.collection.entrypoints.people import Own, OwnCall

Draw = Callable[[str], bytes]


def cards_router(desk: Desk, draw: Draw) -> APIRouter:
    """Return the routes. `draw` makes an SVG of a token."""
    router = APIRouter(prefix="/v1", tags=["cards"])

    @router.post("/card", response_model=views.CodedCardView)
    def issue(body: bodies.CardBody, call: OwnCall) -> Response:
        request = call.request(200, views.card_view)
        stored, token = cards.issue_card(
            body.household_id, call.caller.subject, desk=desk, request=request
        )
        return call.respond(coded(stored, token=token))

    @router.get("/card.svg", response_class=Response, responses={200: {"content": SVG}})
    def show(household_id: Annotated[str, Query(max_length=64)], caller: Own) -> Response:
        token = cards.present_card(household_id, caller.subject, desk=desk)
        return Response(draw(token), media_type="image/svg+xml")

    @router.post("/card-scans")
    def scan(body: bodies.CardScanBody, _call: CollectorCall) -> views.RecognisedView:
        recognised = desk.cards.recognise(body.token, at=desk.clock.now())
        return views.RecognisedView.model_validate(recognised)

    return router


SVG = {"image/svg+xml": {"schema": {"type": "string"}}}
