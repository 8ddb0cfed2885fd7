"""Publishing lists, settling what waited, paying: each once for one key."""

import pytest

from services.pricing.adapters.announcements import announce
from services.pricing.application.handlers import pay_settlement, publish_list
from services.pricing.domain.price_book import Area, PriceList
from shared.contracts.price import PriceListPublished
from shared.contracts.settlement import SettlementPaid
from shared.kernel.errors import Conflict, Invalid, NotFound
from shared.messaging.in_memory import InMemoryAggregates
from tests.unit.pricing.builders import (
    PICKUP,
    Desk,
    arrived,
    history,
    lot,
    prices,
    published,
    request,
)


class Shelf:
    def __init__(self):
        self.lists = InMemoryAggregates(kind="price_list", state_type=PriceList, announce=announce)
        self.areas = InMemoryAggregates(kind="area", state_type=Area, announce=announce)

    def publish(self, given, *, scope, body="body-1"):
        return publish_list(given, lists=self.lists, areas=self.areas, request=request(scope, body))


def settled_desk(mass_g=10_000):
    desk = Desk(prices())
    (weighed,) = history((lot("lot-1", mass_g),))
    desk.react(arrived(weighed, 1))
    return desk


def pay(desk, scope):
    return pay_settlement(
        PICKUP, settlements=desk.settlements, clock=desk.clock, request=request(scope)
    )


def test_a_published_list_is_announced_whole():
    shelf = Shelf()

    shelf.publish(prices(cardboard=120, glass=-50), scope="a")

    (event,) = published(shelf.lists.announced)
    assert isinstance(event, PriceListPublished)
    assert {line.material: line.price_fen_per_kg for line in event.lines} == {
        "cardboard": 120,
        "glass": -50,
    }


def test_refuses_a_list_that_overlaps_another_of_its_area():
    shelf = Shelf()
    shelf.publish(prices("list-1"), scope="a")

    with pytest.raises(Conflict) as refused:
        shelf.publish(prices("list-2", begins=5), scope="b")

    assert refused.value.code == "price_list.overlap"
    assert len(shelf.lists.announced) == 1


def test_takes_a_list_of_a_smaller_area_and_one_that_follows():
    shelf = Shelf()
    shelf.publish(prices("list-1", ends=5), scope="a")

    shelf.publish(prices("list-2", begins=5), scope="b")
    shelf.publish(prices("list-3", "350102"), scope="c")

    assert len(shelf.lists.announced) == 3


def test_a_repeated_publication_is_the_first_one():
    shelf = Shelf()
    first = shelf.publish(prices(), scope="a")

    again = shelf.publish(prices(), scope="a")

    assert again.answer == first.answer
    assert len(shelf.lists.announced) == 1


def test_refuses_a_key_that_was_used_for_another_list():
    shelf = Shelf()
    shelf.publish(prices(), scope="a")

    with pytest.raises(Invalid) as refused:
        shelf.publish(prices(), scope="a", body="body-2")

    assert refused.value.code == "idempotency.body_differs"


def test_a_repeated_payout_pays_once():
    desk = settled_desk()
    first = pay(desk, "a")

    again = pay(desk, "a")

    assert again.answer == first.answer
    assert desk.settlement.paid_fen == 1_200
    paid = [e for e in published(desk.settlements.announced) if isinstance(e, SettlementPaid)]
    assert [event.amount_fen for event in paid] == [1_200]


def test_a_second_payout_under_another_key_is_refused():
    desk = settled_desk()
    pay(desk, "a")

    with pytest.raises(Conflict):
        pay(desk, "b")

    assert desk.settlement.paid_fen == 1_200


def test_refuses_to_pay_an_unknown_pickup():
    with pytest.raises(NotFound):
        pay(Desk(prices()), "a")


def test_what_waits_stays_while_no_list_holds():
    desk = Desk()
    (weighed,) = history((lot("lot-1", 10_000),))
    desk.react(arrived(weighed, 1))
    before = desk.settlements.get(PICKUP)

    waited = desk.settle_unpriced()

    assert waited == 1
    assert desk.settlements.get(PICKUP) == before
    assert desk.settlements.announced == []


def test_what_waited_is_settled_once():
    desk = Desk()
    (weighed,) = history((lot("lot-1", 10_000),))
    desk.react(arrived(weighed, 1))
    desk.book.lists.append(prices())

    desk.settle_unpriced()
    desk.settle_unpriced()

    assert desk.settlement.amount_fen == 1_200
    assert len(desk.settlements.announced) == 1


def test_prices_are_those_of_the_weighing_and_not_of_its_settlement():
    desk = Desk()
    (weighed,) = history((lot("lot-1", 10_000),))
    desk.react(arrived(weighed, 1))
    desk.book.lists += [prices("then", ends=1), prices("now", begins=1, cardboard=999)]

    desk.settle_unpriced()

    assert (desk.settlement.price_list_id, desk.settlement.amount_fen) == ("then", 1_200)
