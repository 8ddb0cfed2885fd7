"""Publishing prices, settling weigh-ins, paying."""

from services.pricing.application.ports import (
    PriceBook,
    PriceLists,
    Settlements,
    SettlementSearch,
)
from services.pricing.domain.price_book import PriceList, check_list
from services.pricing.domain.settlement import Settlement, WeighIn, pay, settle
from shared.kernel.aggregate import Decision, Request, Stored
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict

RETRIED_A_ROUND = 200


def publish_list(
    prices: PriceList,
    *,
    lists: PriceLists,
    book: PriceBook,
    request: Request[PriceList],
) -> Stored[PriceList]:
    """Publish a list; `Conflict` (price_list.overlap) where another of its area is valid then."""
    check_list(prices)
    if any(prices.overlaps(other) for other in book.of_area(prices.area_code)):
        raise Conflict("price_list.overlap", "another list of this area is valid at that time")
    return lists.create(prices.price_list_id, Decision(prices, (prices,)), request=request)


def on_weigh_in(
    held: Settlement | None, weigh_in: WeighIn, *, book: PriceBook, clock: Clock
) -> Decision[Settlement] | None:
    """Settle a revision of a weigh-in, in whatever order revisions come."""
    prices = book.for_community(weigh_in.community_code, weigh_in.weighed_at)
    settled = settle(held, weigh_in, prices, now=clock.now())
    return Decision(*settled) if settled is not None else None


def settle_unpriced(
    *, settlements: Settlements, search: SettlementSearch, book: PriceBook, clock: Clock
) -> int:
    """Settle what waits for a price and has one now; return how many waited."""
    waiting = search.unpriced(limit=RETRIED_A_ROUND)
    for stored in waiting:

        def decide(held: Settlement) -> Decision[Settlement]:
            if held.unpriced is None:
                return Decision(held)
            return on_weigh_in(held, held.unpriced, book=book, clock=clock) or Decision(held)

        if stored.state.unpriced and _has_price(stored.state.unpriced, book):
            settlements.change(stored.id, decide)
    return len(waiting)


def _has_price(weigh_in: WeighIn, book: PriceBook) -> bool:
    return book.for_community(weigh_in.community_code, weigh_in.weighed_at) is not None


def pay_settlement(
    pickup_id: str, *, settlements: Settlements, clock: Clock, request: Request[Settlement]
) -> Stored[Settlement]:
    """Pay what is pending of one settlement."""
    now = clock.now()
    return settlements.change(
        pickup_id, lambda held: Decision(*pay(held, now=now)), request=request
    )
