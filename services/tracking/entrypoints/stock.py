"""The routes of what people do with materials at places, and of what lies there at a time."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from services.tracking.adapters.mongo_stock import MongoStockSearch
from services.tracking.application import stockkeeping
from services.tracking.domain import stock as acts
from services.tracking.domain.stock import StockMovement
from services.tracking.entrypoints import stock_bodies as bodies
from services.tracking.entrypoints.newest_first import before, behind
from services.tracking.entrypoints.stock_bodies import (
    StockMovementView,
    act_of,
    stock_movement_view,
)
from shared.contracts.topic import OpaqueId
from shared.http.auth import Watcher
from shared.http.body import Flag, Instant, View
from shared.http.idempotency import KeyedCall, keyed
from shared.http.paging import Cursor, Limit, Page, link_next
from shared.kernel.clock import to_millisecond
from shared.posting.balances import Balances

GRAMS = "g"  # the rows of crates, in pieces, lie beside
OperatorCall = Annotated[KeyedCall, Depends(keyed("operator"))]


@dataclass(frozen=True, slots=True)
class Warehouse:
    """What these routes work with."""

    yard: stockkeeping.Yard
    search: MongoStockSearch
    balances: Balances


class StockView(View):
    """Grams of one material on one account."""

    account: str
    material: str
    mass_g: int


class StocksView(View):
    """What lies on accounts; `at` is the instant asked about, absent for the present."""

    at: datetime | None = None
    items: list[StockView]


def stock_router(warehouse: Warehouse) -> APIRouter:
    """Return the routes that record movements."""
    router = APIRouter(prefix="/v1/places", tags=["stock"])
    yard = warehouse.yard

    def recorded(movement: StockMovement, call: KeyedCall) -> Response:
        request = call.request(201, stock_movement_view)
        return call.respond(stockkeeping.record(movement, yard=yard, request=request))

    @router.post("/{place_id}/moves", status_code=201, response_model=StockMovementView)
    def move(place_id: OpaqueId, body: bodies.MoveBody, call: OperatorCall) -> Response:
        act = act_of(place_id, body, call, now=yard.clock.now())
        amounts = bodies.amounts_of(body.lines)
        return recorded(acts.move(act, amounts, to_place_id=body.to_place_id), call)

    @router.post("/{place_id}/sortings", status_code=201, response_model=StockMovementView)
    def sort(place_id: OpaqueId, body: bodies.SortingBody, call: OperatorCall) -> Response:
        act = act_of(place_id, body, call, now=yard.clock.now())
        inputs, outputs = bodies.amounts_of(body.inputs), bodies.amounts_of(body.outputs)
        sorting = acts.sort(act, inputs=inputs, outputs=outputs, residue_g=body.residue_g)
        return recorded(sorting, call)

    @router.post("/{place_id}/deliveries", status_code=201, response_model=StockMovementView)
    def deliver(place_id: OpaqueId, body: bodies.DeliveryBody, call: OperatorCall) -> Response:
        act = act_of(place_id, body, call, now=yard.clock.now())
        sold = replace(act, note=body.delivery_note, counterparty=body.buyer_id)
        return recorded(acts.deliver(sold, bodies.amounts_of(body.lines)), call)

    @router.post("/{place_id}/differences", status_code=201, response_model=StockMovementView)
    def differ(place_id: OpaqueId, body: bodies.DifferencesBody, call: OperatorCall) -> Response:
        act = act_of(place_id, body, call, now=yard.clock.now())
        differences = [bodies.amount_of(each.material, each.mass_g) for each in body.lines]
        return recorded(acts.differ(act, differences), call)

    @router.post("/{place_id}/stock-takings", status_code=201, response_model=StockMovementView)
    def take_stock(
        place_id: OpaqueId, body: bodies.StockTakingBody, call: OperatorCall
    ) -> Response:
        act = act_of(place_id, body, call, now=yard.clock.now())
        counted = [bodies.amount_of(each.material, each.mass_g) for each in body.lines]
        request = call.request(201, stock_movement_view)
        return call.respond(stockkeeping.take_stock(act, counted, yard=yard, request=request))

    return router


def stock_movements_router(warehouse: Warehouse) -> APIRouter:
    """Return the routes that show movements, undo them, and tell what lies where."""
    router = APIRouter(prefix="/v1", tags=["stock"])
    yard = warehouse.yard

    @router.post("/stock-movements/{movement_id}/reversal", response_model=StockMovementView)
    def reverse(movement_id: OpaqueId, body: bodies.ReversalBody, call: OperatorCall) -> Response:
        request = call.request(200, stock_movement_view)
        reversed_ = stockkeeping.reverse(
            movement_id, reason=body.reason, yard=yard, request=request
        )
        return call.respond(reversed_)

    @router.get("/stock-movements/{movement_id}")
    def get_movement(movement_id: OpaqueId, _caller: Watcher) -> StockMovementView:
        return stock_movement_view(yard.movements.get(movement_id))

    @router.get("/places/{place_id}/stock-movements")
    def list_movements(
        place_id: OpaqueId,
        request: Request,
        response: Response,
        _caller: Watcher,
        *,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[StockMovementView]:
        place = before(cursor) if cursor else None
        found = warehouse.search.of_place(place_id, before=place, limit=limit + 1)
        last = found[limit - 1] if len(found) > limit else None
        following = behind(last.state.act.happened_at, last.id) if last else None
        link_next(request, response, following)
        return Page(items=[stock_movement_view(each) for each in found[:limit]], next=following)

    return router


def balances_router(warehouse: Warehouse) -> APIRouter:
    """Return the route that tells what lies where, now or at a time."""
    router = APIRouter(prefix="/v1", tags=["stock"])

    @router.get("/stock")
    def stock(
        _caller: Watcher,
        account: Annotated[str, Query(min_length=1, max_length=128)],
        *,
        is_prefix: Flag = False,
        at: Annotated[Instant | None, Query()] = None,
    ) -> StocksView:
        if at is None:
            found = warehouse.balances.now(account, is_prefix=is_prefix)
        else:
            found = warehouse.balances.at(to_millisecond(at), account, is_prefix=is_prefix)
        items = [
            StockView(account=each.account, material=each.kind, mass_g=each.amount)
            for each in found
            if each.measure == GRAMS
        ]
        return StocksView(at=at, items=items)

    return router
