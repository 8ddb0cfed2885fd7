"""The kernel's promises: ids, money, mass, ledger, legal days."""

import uuid
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.clock import FileClock, end_of_legal_day, legal_day, write_clock_file
from shared.kernel.errors import Invalid
from shared.kernel.ids import derived_id, new_id
from shared.kernel.ledger import FEN, Entry, Posting, Unit, balances, reversal, transfer
from shared.kernel.mass import grams
from shared.kernel.money import price_of, round_half_even


def test_new_ids_are_version_7_and_strictly_increasing():
    ids = [new_id() for _ in range(2000)]

    assert ids == sorted(set(ids))
    assert {uuid.UUID(each).version for each in ids} == {7}


def test_derived_ids_are_version_8_and_tell_their_parts_apart():
    assert derived_id("ab", "c") == derived_id("ab", "c")
    assert derived_id("ab", "c") != derived_id("a", "bc")
    assert uuid.UUID(derived_id("x")).version == 8


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6))
def test_rounds_half_to_even_as_decimals_do(numerator, denominator):
    assert round_half_even(numerator, denominator) == round(Fraction(numerator, denominator))


@pytest.mark.parametrize(
    ("mass_g", "price", "fen"), [(500, 1, 0), (1500, 1, 2), (999, 140, 140), (1000, -30, -30)]
)
def test_prices_grams_by_the_kilogram(mass_g, price, fen):
    assert price_of(mass_g, price_fen_per_kg=price) == fen


@pytest.mark.parametrize("value", [-1, 49_000_001, 1.5, True, float("nan"), "7"])
def test_refuses_an_impossible_mass(value):
    with pytest.raises(Invalid):
        grams(value)


def test_refuses_an_entry_that_does_not_balance_in_each_unit():
    paper, metal = Unit("g", "paper"), Unit("g", "metal")

    with pytest.raises(Invalid):
        Entry("e", (Posting("a", 5, paper), Posting("b", -5, metal)), "mixed up")


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=8))
def test_a_reversal_undoes_an_entry_to_the_last_unit(amounts):
    postings = tuple(p for a in amounts for p in transfer("x", f"y{a}", amount=a, unit=FEN))
    entry = Entry("e", postings, "bought")

    undone = reversal(entry, entry_id="r", reason="corrected")

    assert set(balances([entry, undone]).values()) <= {0}
    assert undone.reverses == "e"


def test_a_legal_day_is_shanghais():
    assert legal_day(datetime(2026, 11, 24, 16, tzinfo=UTC)) == date(2026, 11, 25)
    assert end_of_legal_day(date(2026, 11, 24)) == datetime(2026, 11, 24, 16, tzinfo=UTC)


def test_the_file_clock_goes_on_from_where_it_was_set(tmp_path):
    file = tmp_path / "clock.json"
    base = datetime(2030, 1, 1, tzinfo=UTC)

    write_clock_file(file, base=base, rate=1.0)

    assert timedelta() <= FileClock(file).now() - base < timedelta(minutes=1)


def test_whoever_asks_after_the_file_clock_was_set_gets_the_new_time(tmp_path):
    clock = FileClock(tmp_path / "clock.json")
    bases = [datetime(year, 1, 1, tzinfo=UTC) for year in range(2031, 2041)]
    told = [clock.now()]

    for base in bases:
        write_clock_file(tmp_path / "clock.json", base=base, rate=1.0)
        told.append(clock.now())
    (tmp_path / "clock.json").unlink()

    assert [each.year for each in told[1:]] == [base.year for base in bases]
    assert clock.now() < bases[0]


def test_without_a_file_the_file_clock_is_real_time(tmp_path):
    off = FileClock(tmp_path / "none.json").now() - datetime.now(UTC)

    assert abs(off) < timedelta(minutes=1)
