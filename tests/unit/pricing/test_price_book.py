"""Which list holds, and what a lot is worth by it."""

from datetime import timedelta

import pytest

from services.pricing.domain.price_book import (
    Area,
    PriceLine,
    PriceList,
    amount_fen,
    check_list,
    choose,
)
from shared.kernel.errors import Conflict, Invalid
from tests.unit.pricing.builders import COMMUNITY, WEIGHED_AT, prices

ONE_MS = timedelta(milliseconds=1)


def test_the_smallest_area_wins():
    lists = [prices("city", "3501"), prices("street", "350102001"), prices("county", "350102")]

    assert choose(lists, COMMUNITY, WEIGHED_AT).price_list_id == "street"


def test_a_larger_area_holds_where_the_smaller_is_not_valid_yet():
    lists = [prices("city", "3501"), prices("street", "350102001", begins=1)]

    assert choose(lists, COMMUNITY, WEIGHED_AT).price_list_id == "city"


def test_a_list_of_another_area_does_not_hold():
    assert choose([prices(area="3502")], COMMUNITY, WEIGHED_AT) is None


def test_the_first_instant_belongs_to_a_list_and_the_last_to_the_next():
    ended, follows = prices("old", begins=-30, ends=0), prices("new", begins=0)

    assert choose([ended, follows], COMMUNITY, WEIGHED_AT).price_list_id == "new"
    assert choose([ended, follows], COMMUNITY, WEIGHED_AT - ONE_MS).price_list_id == "old"


@pytest.mark.parametrize(
    ("other", "overlapping"),
    [
        (prices("b", begins=0, ends=10), True),
        (prices("b", begins=5, ends=15), True),
        (prices("b", begins=-5, ends=1), True),
        (prices("b", begins=2, ends=3), True),
        (prices("b", begins=-5), True),
        (prices("b", begins=10, ends=20), False),
        (prices("b", begins=-10, ends=0), False),
        (prices("b", begins=10), False),
    ],
)
def test_lists_of_one_area_overlap_where_they_share_an_instant(other, overlapping):
    held = prices("a", begins=0, ends=10)

    assert overlap(held, other) is overlapping
    assert overlap(other, held) is overlapping


def test_two_lists_without_an_end_overlap():
    assert overlap(prices("a", begins=0), prices("b", begins=90))


def test_taking_the_same_list_again_is_no_overlap():
    calendar = Area("3501").reserve(prices("a", begins=0))

    assert calendar.reserve(prices("a", begins=0)) == calendar


def overlap(one, other):
    """Say whether an area's calendar that has `one` refuses `other`."""
    try:
        Area(one.area_code).reserve(one).reserve(other)
    except Conflict:
        return True
    return False


@pytest.mark.parametrize(
    ("mass_g", "price", "contamination_bp", "fen"),
    [
        (1_000, 120, 0, 120),
        (500, 1, 0, 0),  # 0.5 fen: to even
        (1_500, 1, 0, 2),  # 1.5 fen: to even
        (2_500, 1, 0, 2),  # 2.5 fen: to even
        (10_000, 100, 2_500, 750),
        (1_000, 1, 5_000, 0),  # 0.5 fen after contamination: to even
        (1_000, 3, 5_000, 2),  # 1.5 fen after contamination: to even
        (1_000, 100, 10_000, 0),
        (0, 120, 0, 0),
        (2_000, -50, 0, -100),
        (2_000, -50, 9_000, -100),  # a dirty lot never pays a smaller fee
    ],
)
def test_a_lot_is_worth_mass_times_price_less_its_contamination(
    mass_g, price, contamination_bp, fen
):
    worth = amount_fen(mass_g, price_fen_per_kg=price, contamination_bp=contamination_bp)

    assert worth == fen


def test_refuses_a_list_that_ends_before_it_begins():
    with pytest.raises(Invalid) as refused:
        check_list(prices(begins=1, ends=1))

    assert refused.value.code == "price_list.validity"


def test_refuses_two_prices_for_one_material_and_grade():
    twice = (PriceLine("cardboard", "A", 1), PriceLine("cardboard", "A", 2))

    with pytest.raises(Invalid) as refused:
        check_list(PriceList("list-1", "3501", WEIGHED_AT, None, twice))

    assert refused.value.code == "price_list.repeated"


def test_refuses_a_list_without_lines():
    with pytest.raises(Invalid) as refused:
        check_list(PriceList("list-1", "3501", WEIGHED_AT, None, ()))

    assert refused.value.code == "price_list.lines"


def test_a_list_that_took_its_time_takes_no_other():
    area = Area("3501").reserve(prices())

    with pytest.raises(Invalid) as refused:
        area.reserve(prices(ends=5))

    assert refused.value.code == "idempotency.body_differs"
    assert area.reserve(prices()) == area
