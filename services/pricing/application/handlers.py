"""Publishing prices, settling weigh-ins, paying."""

from contextlib import suppress

from services.pricing.application.ports import (
    Areas,
    PriceBook,
    PriceLists,
    Settlements,
    SettlementSearch,
)
from services.pricing.domain.price_book import Area, PriceList, check_list
from services.pricing.domain.settlement import Settlement, WeighIn, pay, settle, settle_waiting
from shared.kernel.aggregate import Decision, Request, Stored
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict

PAGE = 200


def publish_list(
    prices: PriceList,
    *,
    lists: PriceLists,
    areas: Areas,
    request: Request[PriceList],
) -> Stored[PriceList]:
    """Publish a list; `Conflict` (price_list.overlap) where another of its area is valid then.

    The area's document decides first, then the list is written; a repeat goes on from there.
    """
    check_list(prices)
    with suppress(Conflict):  # the area is known already
        areas.create(prices.area_code, Decision(Area(prices.area_code)))
    areas.change(prices.area_code, lambda area: Decision(area.reserve(prices)))
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
    """Settle what waits for a price and has one now; return how many still wait."""
    waiting, after_id = 0, ""
    while found := search.unpriced(after_id=after_id, limit=PAGE):
        after_id = found[-1].id
        for stored in found:
            if _settles(stored.state, book=book, clock=clock) is None:
                waiting += 1
                continue
            settlements.change(
                stored.id, lambda held: _settles(held, book=book, clock=clock) or Decision(held)
            )
    return waiting


def _settles(held: Settlement, *, book: PriceBook, clock: Clock) -> Decision[Settlement] | None:
    if not held.waiting:
        return None
    first = held.waiting[0]
    prices = book.for_community(first.community_code, first.weighed_at)
    settled = settle_waiting(held, prices, now=clock.now())
    return Decision(*settled) if settled is not None else None


def pay_settlement(
    weigh_in_id: str, *, settlements: Settlements, clock: Clock, request: Request[Settlement]
) -> Stored[Settlement]:
    """Pay what is pending of one settlement."""
    now = clock.now()
    return settlements.change(
        weigh_in_id, lambda held: Decision(*pay(held, now=now)), request=request
    )
