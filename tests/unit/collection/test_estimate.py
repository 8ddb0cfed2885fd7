"""Estimates: pricing's lists and rules, a range over the grades, and why there is no amount."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collection.domain.booking import Item
from services.collection.domain.estimate import PriceLine, PriceList, choose, estimate
from services.collection.entrypoints.bodies import ItemBody
from services.collection.entrypoints.price_reactions import price_effects
from services.pricing.domain import price_book
from shared.contracts import price as contract
from shared.kernel.errors import Invalid
from shared.messaging.in_memory import InMemoryAggregates
from shared.messaging.reactions import Reaction, sequence_mark
from shared.reference.materials import materials
from shared.reference.piece_masses import piece_mass
from tests.unit.collection.builders import AFTERNOON, COMMUNITY, NOW, House
from tests.unit.collection.test_announcements import event

DAY = date(2026, 11, 26)
GRADES = ("A", "B", "C")
CARDBOARD = Item("cardboard", 4_500, hazardous=False)


def prices(*lines, area="3501", begin=NOW - timedelta(days=9), end=None, list_id="l-1"):
    held = tuple(PriceLine(*each) for each in lines)
    return PriceList(list_id, area, begin, end, held)


def test_the_range_goes_over_the_grades():
    held = prices(("cardboard", "A", 121), ("cardboard", "B", 90), ("cardboard", "C", 55))

    told = estimate([CARDBOARD], held, at=NOW)

    assert (told.low_fen, told.high_fen, told.price_list_id) == (248, 544, "l-1")
    assert told.lines[0].grades == GRADES


def test_a_fee_is_a_negative_range():
    told = estimate([CARDBOARD], prices(("cardboard", "A", -10), ("cardboard", "C", -30)), at=NOW)

    assert (told.low_fen, told.high_fen) == (-135, -45)


def test_without_a_list_there_is_no_amount_and_a_reason():
    told = estimate([CARDBOARD], None, at=NOW)

    assert (told.low_fen, told.high_fen, told.reason) == (None, None, "price.no_list")


def test_one_item_without_a_price_leaves_no_sum():
    glass = Item("glass", 1_000, hazardous=False)

    told = estimate([CARDBOARD, glass], prices(("cardboard", "A", 100)), at=NOW)

    assert (told.low_fen, told.reason, told.price_list_id) == (None, "price.incomplete", "l-1")
    assert [line.reason for line in told.lines] == [None, "price.no_line"]
    assert told.lines[0].low_fen == 450


AREAS = st.sampled_from(["35", "3501", "350102", COMMUNITY, "3502", "11"])
INSTANTS = st.integers(-50, 50).map(lambda hours: NOW + timedelta(hours=hours))
LISTS = st.lists(
    st.tuples(AREAS, INSTANTS, st.none() | INSTANTS, st.integers(-300, 900)), max_size=6
)


@given(LISTS, INSTANTS, st.integers(0, 49_000_000))
def test_pricing_would_settle_within_the_estimate(lists, at, mass_g):
    ours, theirs = [], []
    for number, (area, begin, end, price) in enumerate(lists):
        lines = [("cardboard", grade, price + 7 * n) for n, grade in enumerate(GRADES)]
        ours.append(prices(*lines, area=area, begin=begin, end=end, list_id=str(number)))
        held = tuple(price_book.PriceLine(*each) for each in lines)
        theirs.append(price_book.PriceList(str(number), area, begin, end, held))

    chosen, wanted = choose(ours, COMMUNITY, at), price_book.choose(theirs, COMMUNITY, at)
    told = estimate([Item("cardboard", mass_g, hazardous=False)], chosen, at=at)

    assert told.price_list_id == (wanted.price_list_id if wanted else None)
    amounts = [
        price_book.amount_fen(
            mass_g,
            price_fen_per_kg=wanted.price_fen_per_kg("cardboard", grade),
            contamination_bp=0,
        )
        for grade in (GRADES if wanted else ())
    ]
    assert (told.low_fen, told.high_fen) == (
        (min(amounts), max(amounts)) if amounts else (None, None)
    )


def published(list_id="l-1", price=100, valid_from=NOW):
    line = contract.PriceLine(material="cardboard", grade="A", price_fen_per_kg=price)
    return contract.PriceListPublished(
        price_list_id=list_id, area_code="3501", valid_from=valid_from, lines=(line,)
    )


def test_a_published_list_is_kept_whole_and_once():
    lists = InMemoryAggregates(kind="price_list", state_type=PriceList, announce=None)
    reaction = Reaction("collection", price_effects(lists))

    for sequence in (1, 1, 2):
        reaction.apply([event(published(price=sequence), sequence)], sequence_mark("c", 1))

    stored = lists.get("l-1")
    assert stored.version == 2
    assert stored.state == prices(("cardboard", "A", 2), begin=NOW)


class OneList:
    def __init__(self, held):
        self.held = held

    def for_community(self, community_code, at):
        return choose([self.held], community_code, at)


def test_a_booking_carries_its_estimate_through_amendments():
    house = House()
    held = prices(("cardboard", "A", 100), ("cardboard", "C", 50))
    object.__setattr__(house.desk, "prices", OneList(held))

    booked = house.book().state.booking.estimate
    moved = house.amend(slot=AFTERNOON).state
    changed = house.amend(items=(CARDBOARD,), scope="more").state

    assert (booked.low_fen, booked.high_fen) == (200, 400)
    assert moved.booking.estimate.priced_at == moved.booking.window_start
    assert (changed.booking.estimate.high_fen, changed.earlier[0].estimate) == (450, booked)


def test_what_is_counted_weighs_what_its_pieces_usually_do():
    item = ItemBody(material="lead-acid-batteries", pieces=2, condition="intact").to_item(DAY)

    assert (item.estimated_mass_g, item.nominal, item.hazardous) == (24_000, True, True)
    weighed = ItemBody(material="glass", pieces=2, estimated_mass_g=900).to_item(DAY)
    assert (weighed.estimated_mass_g, weighed.nominal) == (900, False)


def test_pieces_that_would_weigh_too_much_are_refused():
    with pytest.raises(Invalid) as refused:
        ItemBody(material="large-appliances", pieces=10_000).to_item(DAY)

    assert refused.value.code == "mass.impossible"


def test_an_item_has_an_amount():
    with pytest.raises(ValueError, match="estimated_mass_g, pieces or both"):
        ItemBody(material="glass")


@pytest.mark.parametrize("code", materials())
def test_every_material_has_a_usual_piece_with_a_source(code):
    row = piece_mass(code, on=DAY)

    assert row.mass_g > 0
    assert row.source


def test_a_piece_has_no_mass_before_the_table_begins():
    with pytest.raises(Invalid) as refused:
        piece_mass("glass", on=datetime(2010, 1, 1, tzinfo=UTC).date())

    assert refused.value.code == "materials.no_piece_mass"
