"""Pricing's API: price lists, settlements, accounts, payouts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from services.pricing.adapters.mongo_prices import MongoPriceBook
from services.pricing.adapters.mongo_settlements import MongoSettlementSearch
from services.pricing.application import handlers
from services.pricing.application.ports import Areas, PriceLists, Settlements
from services.pricing.domain.price_book import PriceLine, PriceList
from services.pricing.domain.settlement import Settlement
from shared.contracts.lots import Grade
from shared.contracts.topic import MaterialCode, OpaqueId
from shared.http.auth import Anybody, Operator, Watcher
from shared.http.body import Body, Instant, View
from shared.http.idempotency import KeyedCall, keyed
from shared.kernel.aggregate import Stored
from shared.kernel.clock import Clock, to_millisecond
from shared.kernel.errors import NotFound
from shared.reference.materials import material

OperatorCall = Annotated[KeyedCall, Depends(keyed("operator"))]
AreaCode = Annotated[str, Field(pattern="^[0-9]{2,12}$")]


@dataclass(frozen=True, slots=True)
class Office:
    """What the API works with."""

    lists: PriceLists
    areas: Areas
    book: MongoPriceBook
    settlements: Settlements
    search: MongoSettlementSearch
    clock: Clock
    books: Callable[[], dict[str, Any]]


class LineBody(Body):
    """A price in fen for a kilogram; negative is a fee."""

    material: MaterialCode
    grade: Grade
    price_fen_per_kg: int = Field(strict=True, ge=-10_000_000, le=10_000_000)

    def to_line(self) -> PriceLine:
        """Return the line; an unknown material is `Invalid` (materials.unknown)."""
        return PriceLine(material(self.material).code, self.grade, self.price_fen_per_kg)


class PriceListBody(Body):
    """A whole list for an area, a prefix of the division code."""

    area_code: AreaCode
    valid_from: Instant
    valid_to: Instant | None = None
    lines: list[LineBody] = Field(min_length=1, max_length=500)


class LineView(View):
    """A price."""

    material: str
    grade: str
    price_fen_per_kg: int


class PriceListView(View):
    """A published list."""

    price_list_id: str
    area_code: str
    valid_from: datetime
    valid_to: datetime | None
    lines: list[LineView]


class SettledLineView(LineView):
    """A priced lot."""

    lot_id: str
    mass_g: int
    amount_fen: int


class SettlementView(View):
    """What a weigh-in is worth, what is paid and what is pending.

    `pickup_id` is a pickup's id (`source` door) or a drive visit's (`source` drive).
    """

    pickup_id: str
    source: str
    account_id: str
    revision: int
    amount_fen: int
    paid_fen: int
    pending_fen: int
    reversed_fen: int
    price_list_id: str | None
    is_priced: bool
    lines: list[SettledLineView]


class AccountView(View):
    """The account of a household, an organisation or a community."""

    account_id: str
    settled_fen: int
    paid_fen: int
    pending_fen: int


class PaymentBody(Body):
    """Pay all that is pending."""


def prices_router(office: Office) -> APIRouter:
    """Return the routes of the price book."""
    router = APIRouter(prefix="/v1/price-lists", tags=["prices"])

    @router.post("", status_code=201, response_model=PriceListView)
    def publish(body: PriceListBody, call: OperatorCall) -> Response:
        prices = PriceList(
            price_list_id=call.derived_id(),
            area_code=body.area_code,
            valid_from=to_millisecond(body.valid_from),
            valid_to=to_millisecond(body.valid_to) if body.valid_to else None,
            lines=tuple(line.to_line() for line in body.lines),
        )
        published = handlers.publish_list(
            prices,
            lists=office.lists,
            areas=office.areas,
            request=call.request(201, _list_view),
        )
        return call.respond(published)

    @router.get("")
    def current(
        area_code: AreaCode, _caller: Anybody, at: Annotated[Instant | None, Query()] = None
    ) -> PriceListView:
        found = office.book.at(area_code, at or office.clock.now())
        if found is None:
            raise NotFound("price_list.not_found", "no list holds there and then")
        return PriceListView.model_validate(found, from_attributes=True)

    return router


def settlements_router(office: Office) -> APIRouter:
    """Return the routes of settlements, accounts and the service's books."""
    router = APIRouter(prefix="/v1", tags=["settlements"])

    @router.get("/settlements/{weigh_in_id}")
    def get_settlement(weigh_in_id: OpaqueId, _caller: Operator) -> SettlementView:
        return _view(office.settlements.get(weigh_in_id))

    @router.post("/settlements/{weigh_in_id}/payments", response_model=SettlementView)
    def pay(weigh_in_id: OpaqueId, _body: PaymentBody, call: OperatorCall) -> Response:
        paid = handlers.pay_settlement(
            weigh_in_id,
            settlements=office.settlements,
            clock=office.clock,
            request=call.request(200, _view),
        )
        return call.respond(paid)

    @router.get("/accounts/{account_id}")
    def account(account_id: OpaqueId, _caller: Operator) -> AccountView:
        return AccountView(account_id=account_id, **office.search.account(account_id))

    @router.get("/reconciliation")
    def reconciliation(_caller: Watcher) -> dict[str, Any]:
        return office.books()

    return router


def _list_view(stored: Stored[PriceList]) -> PriceListView:
    return PriceListView.model_validate(stored.state, from_attributes=True)


def _view(stored: Stored[Settlement]) -> SettlementView:
    held = stored.state
    return SettlementView(
        pickup_id=held.weigh_in_id,
        source=held.source,
        account_id=held.account_id,
        revision=held.revision,
        amount_fen=held.amount_fen,
        paid_fen=held.paid_fen,
        pending_fen=held.pending_fen,
        reversed_fen=held.reversed_fen,
        price_list_id=held.price_list_id,
        is_priced=not held.waiting,
        lines=[SettledLineView.model_validate(line, from_attributes=True) for line in held.lines],
    )
