"""What people do at places is one balanced entry, kept whatever the books say."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tracking.adapters.exemptions import TableExemptions
from services.tracking.application.stock_legs import needs_manifest
from services.tracking.application.stockkeeping import Yard, record, reverse, take_stock
from services.tracking.domain import stock
from services.tracking.domain.stock import Act, Amount, StockMovement
from shared.kernel.clock import ManualClock
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.ledger import Unit, balances
from shared.messaging.in_memory import InMemoryAggregates
from tests.unit.collection.builders import plain_request
from tests.unit.tracking.builders import LEAD, LITHIUM

NOW = datetime(2026, 11, 26, 2, 30, tzinfo=UTC)
ACT = Act("m-1", "hub", NOW, NOW, "operator-1", "usual")
MIXED, PET = Amount("mixed-plastics", 100), Amount("pet-bottles", 70)
SALE = replace(ACT, note="note-7", counterparty="mill-1")


def held(movement):
    """Grams by (account, material)."""
    found = balances(movement.entries)
    return {(account, unit.kind): amount for (account, unit), amount in found.items() if amount}


class FakeStock:
    def __init__(self, **grams):
        self.grams = Counter({name.replace("_", "-"): mass_g for name, mass_g in grams.items()})

    def held(self, place_id, *, at):
        return self.grams


def yard(**grams):
    movements = InMemoryAggregates(
        kind="stock_movement", state_type=StockMovement, announce=lambda event: event
    )
    return Yard(movements, FakeStock(**grams), ManualClock(NOW))


def test_a_move_goes_from_place_to_place():
    moved = stock.move(ACT, [PET], to_place_id="port")

    assert held(moved) == {("place/hub", "pet-bottles"): -70, ("place/port", "pet-bottles"): 70}


def test_a_sale_leaves_to_its_buyer():
    assert held(stock.deliver(SALE, [PET])) == {
        ("place/hub", "pet-bottles"): -70,
        ("delivered/mill-1", "pet-bottles"): 70,
    }


def test_sorting_makes_materials_of_others_and_loses_no_gram():
    sorted_ = stock.sort(ACT, inputs=[MIXED], outputs=[PET], residue_g=30)

    assert held(sorted_) == {
        ("place/hub", "mixed-plastics"): -100,
        ("processing/hub", "mixed-plastics"): 100,
        ("processing/hub", "pet-bottles"): -70,
        ("place/hub", "pet-bottles"): 70,
        ("processing/hub", "residue"): -30,
        ("place/hub", "residue"): 30,
    }


@given(
    st.lists(st.integers(1, 10**9), min_size=1, max_size=6),
    st.lists(st.integers(1, 10**9), min_size=1, max_size=6),
    st.integers(0, 10**9),
)
def test_sorting_balances_over_all_materials_or_is_refused(inputs, outputs, residue_g):
    into = [Amount(f"in-{n}", mass_g) for n, mass_g in enumerate(inputs)]
    out_of = [Amount(f"out-{n}", mass_g) for n, mass_g in enumerate(outputs)]

    if sum(inputs) == sum(outputs) + residue_g:
        sorted_ = stock.sort(ACT, inputs=into, outputs=out_of, residue_g=residue_g)
        here = [g for (account, _), g in held(sorted_).items() if account == "processing/hub"]
        assert sum(here) == 0
    else:
        with pytest.raises(Invalid):
            stock.sort(ACT, inputs=into, outputs=out_of, residue_g=residue_g)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: stock.move(ACT, [PET], to_place_id="hub"),
        lambda: stock.move(ACT, [], to_place_id="port"),
        lambda: stock.move(ACT, [PET, PET], to_place_id="port"),
        lambda: stock.move(ACT, [Amount("glass", 0)], to_place_id="port"),
        lambda: stock.deliver(ACT, [PET]),
        lambda: stock.differ(ACT, [Amount("glass", 0)]),
        lambda: stock.count(ACT, [Amount("glass", -1)], held=Counter()),
        lambda: stock.sort(ACT, inputs=[MIXED], outputs=[], residue_g=0),
    ],
)
def test_refuses_what_cannot_be(wrong):
    with pytest.raises(Invalid):
        wrong()


def test_nothing_is_recorded_that_is_still_to_come():
    on_time = replace(ACT, happened_at=ACT.recorded_at + stock.CLOCK_SKEW)
    too_early = replace(on_time, happened_at=on_time.happened_at + timedelta(milliseconds=1))
    books = yard(pet_bottles=70)

    for told in (
        lambda: record(stock.differ(too_early, [PET]), yard=books, request=plain_request("count")),
        lambda: take_stock(too_early, [PET], yard=books, request=plain_request("count")),
    ):
        with pytest.raises(Invalid) as no:
            told()
        assert no.value.code == "stock.future"
    kept = record(stock.differ(on_time, [PET]), yard=books, request=plain_request("count"))
    assert kept.state.act == on_time


@pytest.mark.parametrize(("book_g", "flags"), [(70, ()), (69, (stock.OVER_BOOK,))])
def test_more_than_the_books_hold_is_recorded_and_flagged(book_g, flags):
    moved = stock.move(ACT, [PET], to_place_id="port")

    recorded = record(moved, yard=yard(pet_bottles=book_g), request=plain_request("move"))

    assert recorded.state.flags == flags
    assert recorded.state.entries == moved.entries


def test_hazardous_waste_that_left_without_a_manifest_is_flagged():
    sold = stock.deliver(SALE, [Amount("lead-acid-batteries", 70, hazardous=True)])

    assert sold.flags == (stock.WITHOUT_MANIFEST,)


@pytest.mark.parametrize(
    ("material", "place_id", "flags"),
    [
        (LEAD, "central", (stock.WITHOUT_MANIFEST,)),
        (LEAD, "hub", ()),  # the way to the central store may still be the exempt collection
        (LITHIUM, "central", ()),  # no entry in the catalogue, so no manifest
        ("pet-bottles", "central", ()),
    ],
)
def test_what_leaves_a_central_store_without_its_manifest_is_flagged(material, place_id, flags):
    law = partial(needs_manifest, stores={"central"}.intersection, exemptions=TableExemptions())
    books = replace(yard(**{material: 70}), needs_manifest=law)
    moved = stock.move(replace(ACT, place_id=place_id), [Amount(material, 70)], to_place_id="port")

    assert record(moved, yard=books, request=plain_request("move")).state.flags == flags


@pytest.mark.parametrize(("counted_g", "found_g"), [(120, 20), (100, 0), (0, -100)])
def test_stock_taking_posts_the_difference_to_the_books(counted_g, found_g):
    taken = take_stock(
        ACT, [Amount("glass", counted_g)], yard=yard(glass=100), request=plain_request("count")
    )

    expected = {("place/hub", "glass"): found_g, ("difference/hub", "glass"): -found_g}
    assert held(taken.state) == ({} if found_g == 0 else expected)


def test_a_movement_is_reversed_once_by_an_entry_of_its_own():
    desk = yard(pet_bottles=70)
    record(stock.deliver(SALE, [PET]), yard=desk, request=plain_request("sell"))

    undone = reverse("m-1", reason="mistake", yard=desk, request=plain_request("undo"))

    assert held(undone.state) == {}
    assert len(undone.state.entries) == 2
    with pytest.raises(Conflict):
        reverse("m-1", reason="mistake", yard=desk, request=plain_request("again"))


def test_a_stock_taking_without_a_difference_has_nothing_to_reverse():
    desk = yard(glass=100)
    take_stock(ACT, [Amount("glass", 100)], yard=desk, request=plain_request("count"))

    with pytest.raises(Conflict):
        reverse("m-1", reason="mistake", yard=desk, request=plain_request("undo"))


def test_entries_carry_the_time_at_which_it_happened():
    moved = stock.move(ACT, [PET], to_place_id="port")

    assert moved.entries[0].at == NOW
    assert moved.entries[0].postings[0].unit == Unit("g", "pet-bottles")
