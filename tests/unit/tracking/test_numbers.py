"""Manifest numbers: their form, and that each of a block ends in exactly one way."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tracking.domain.numbers import (
    SERIAL_MAX,
    SERVER,
    Block,
    Lease,
    Owner,
    Series,
    Use,
    parse_number,
    series_of,
)
from shared.kernel.errors import Conflict, Invalid, Rejected

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
UNTIL = AT + timedelta(minutes=2)
FUZHOU = Series(2026, "3501")


def block(size=4, *, first=1, holder=SERVER):
    return Block(Lease("lease-1", Owner("outlet", FUZHOU), holder, size), first, size, AT)


def test_a_number_is_year_province_city_and_serial():
    assert FUZHOU.number(42) == "20263501000042"
    assert parse_number("20263501000042") == (FUZHOU, 42)


@pytest.mark.parametrize(
    "text", ["", "2026350100004", "2026350100000x", "20263501000000", "٢" * 14]
)
def test_refuses_what_is_no_number(text):
    with pytest.raises(Invalid) as refused:
        parse_number(text)
    assert refused.value.code == "numbers.malformed"


def test_past_the_last_serial_a_number_is_refused():
    assert FUZHOU.number(SERIAL_MAX) == "20263501999999"

    with pytest.raises(Conflict) as refused:
        FUZHOU.number(SERIAL_MAX + 1)
    assert refused.value.code == "numbers.exhausted"


@pytest.mark.parametrize("city", ["", "350", "35010", "0501", "35x1"])
def test_refuses_a_city_that_is_none(city):
    with pytest.raises(Invalid):
        Series(2026, city)


def test_the_year_is_the_legal_one():
    assert series_of("3501", datetime(2026, 12, 31, 15, 59, tzinfo=UTC)).year == 2026
    assert series_of("3501", datetime(2026, 12, 31, 16, 0, tzinfo=UTC)).year == 2027


@pytest.mark.parametrize("size", [0, 501, -1])
def test_refuses_a_block_of_an_impossible_size(size):
    with pytest.raises(Invalid):
        block(size)


def hold(block, number, hold_id):
    """Hold the way that the block's holder does: the server in order, a device what it printed."""
    if block.lease.holder == SERVER:
        return block.hold_next(hold_id, until=UNTIL)
    return block.hold(number, hold_id, until=UNTIL)


def test_the_server_gives_its_numbers_in_order_and_then_no_more():
    held = block(2).hold_next("c-1:1", until=UNTIL).hold_next("c-2:1", until=UNTIL)

    assert [entry.number[-1] for entry in held.entries] == ["1", "2"]
    with pytest.raises(Conflict) as refused:
        held.hold_next("c-3:1", until=UNTIL)
    assert refused.value.code == "numbers.block_full"


def test_nobody_picks_a_number_of_the_servers():
    for act in (
        lambda: block().hold("20263501000001", "c-1:1", until=UNTIL),
        lambda: block().void("20263501000001", reason="spoiled"),
    ):
        with pytest.raises(Invalid) as refused:
            act()
        assert refused.value.code == "numbers.not_leased"


def test_a_held_number_is_another_decisions_no_more():
    held = block(holder="tablet").hold("20263501000002", "c-1:1", until=UNTIL)

    assert held.hold("20263501000002", "c-1:1", until=UNTIL) == held
    with pytest.raises(Conflict) as refused:
        held.hold("20263501000002", "c-2:1", until=UNTIL)
    assert refused.value.code == "numbers.taken"


def test_a_number_of_no_block_of_ours_is_refused():
    with pytest.raises(Invalid) as refused:
        block(holder="tablet").hold("20263501000009", "c-1:1", until=UNTIL)
    assert refused.value.code == "numbers.not_leased"


def test_a_server_number_that_was_given_up_is_void_and_an_offline_one_free_again():
    number = "20263501000001"
    server = hold(block(), number, "c-1:1")
    device = hold(block(holder="tablet"), number, "c-1:1")

    assert server.give_up(number, "c-1:1", reason="unused").entry(number).use is Use.VOID
    assert device.give_up(number, "c-1:1", reason="unused").entry(number) is None


def test_a_used_number_of_a_cancelled_manifest_is_void_whoever_held_the_block():
    number = "20263501000001"
    for holder in (SERVER, "tablet"):
        used = hold(block(holder=holder), number, "c-1:1").use(number, "c-1:1")
        void = used.give_up(number, "c-1:1", reason="cancelled")
        assert (void.entry(number).use, void.entry(number).reason) == (Use.VOID, "cancelled")


def test_a_returned_number_is_not_used_after_all():
    returned = block(holder="tablet").close("not-needed")

    for act in (
        lambda: returned.hold("20263501000001", "c-1:1", until=UNTIL),
        lambda: returned.void("20263501000001", reason="spoiled"),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "numbers.returned"
    assert returned.counts() == {"held": 0, "used": 0, "void": 0, "returned": 4, "free": 0}


NUMBERS = st.sampled_from([FUZHOU.number(serial) for serial in range(1, 7)])
HOLDS = st.sampled_from(["c-1:1", "c-1:2", "c-2:1"])
ACTS = st.one_of(
    st.tuples(st.just("hold"), NUMBERS, HOLDS),
    st.tuples(st.just("use"), NUMBERS, HOLDS),
    st.tuples(st.just("give_up"), NUMBERS, HOLDS),
    st.tuples(st.just("void"), NUMBERS, HOLDS),
    st.tuples(st.just("close"), NUMBERS, HOLDS),
)


def done(held, act):
    name, number, hold_id = act
    try:
        if name == "hold":
            return hold(held, number, hold_id)
        if name == "use":
            return held.use(number, hold_id)
        if name == "give_up":
            return held.give_up(number, hold_id, reason="unused")
        if name == "void":
            return held.void(number, reason="spoiled")
        return held.close("over")
    except Rejected:
        return held


@given(st.lists(ACTS, max_size=30), st.sampled_from([SERVER, "tablet"]))
def test_every_number_has_one_fate_and_final_ones_keep_it(acts, holder):
    held = block(holder=holder)
    for act in acts:
        before, held = held, done(held, act)

        assert sum(held.counts().values()) == held.size
        numbers = [entry.number for entry in held.entries]
        assert len(set(numbers)) == len(numbers)
        assert set(numbers) | set(held.free) <= set(held.numbers)
        void = {e.number for e in before.entries if e.use is Use.VOID}
        assert void <= {e.number for e in held.entries if e.use is Use.VOID}
        used = {(e.number, e.hold_id) for e in before.entries if e.use is Use.USED}
        kept = {(e.number, e.hold_id) for e in held.entries if e.use in (Use.USED, Use.VOID)}
        assert used <= kept
