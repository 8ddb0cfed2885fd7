"""Whatever the order and the repeats of a pickup's events, the ledger ends the same."""

from dataclasses import replace
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from services.pricing.application.handlers import pay_settlement
from shared.contracts.settlement import SettlementReversed, SettlementSettled
from shared.kernel.errors import Conflict
from shared.kernel.ledger import FEN, balances, totals
from tests.unit.pricing.builders import (
    HOUSEHOLD,
    PICKUP,
    Desk,
    arrived,
    history,
    lot,
    prices,
    published,
    request,
    worth_fen,
)

FEN_PER_KG = {"cardboard": 137, "glass": -45, "copper-scrap": 4_801}
LISTS = [prices(**FEN_PER_KG)]
LOTS = st.lists(
    st.builds(
        lot,
        st.sampled_from(["lot-1", "lot-2", "lot-3"]),
        st.integers(0, 90_000),
        material=st.sampled_from(sorted(FEN_PER_KG)),
        contamination_bp=st.integers(0, 10_000),
    ),
    max_size=4,
).map(tuple)
LOTS_BESIDE_THE_LIST = st.just((lot("lot-9", 5_000, material="unlisted"),))


@st.composite
def schedules(draw):
    """Events of a pickup in any order, each at least once, in batches that may be repeated."""
    events = history(*draw(st.lists(LOTS, min_size=1, max_size=4)))
    numbers = list(range(len(events)))
    repeats = draw(st.lists(st.sampled_from(numbers), max_size=4))
    order = draw(st.permutations(numbers + repeats))
    log = [arrived(events[each], place) for place, each in enumerate(order, start=1)]
    # A reader that died begins again at an earlier place: every batch may reach back.
    batches, end = [], 0
    while end < len(log):
        start = draw(st.integers(0, end))
        end = draw(st.integers(end + 1, len(log)))
        batches.append(log[start:end])
    return events, batches


def latest_lots(events):
    last = events[-1]
    return last.lots if len(events) == 1 else last.lots_after


@given(schedules())
@settings(max_examples=150, deadline=None)
def test_any_order_and_repeats_end_in_the_worth_of_the_last_revision(schedule):
    events, batches = schedule
    desk = Desk(*LISTS)

    for batch in batches:
        desk.react(*batch)

    held = desk.settlement
    expected = worth_fen(latest_lots(events), FEN_PER_KG)
    assert (held.revision, held.amount_fen) == (len(events), expected)
    assert balances(held.entries)[f"payable/{HOUSEHOLD}", FEN] == -expected
    assert held.waiting == ()


@given(schedules())
@settings(max_examples=150, deadline=None)
def test_what_is_announced_adds_up_to_what_is_settled(schedule):
    _, batches = schedule
    desk = Desk(*LISTS)

    for batch in batches:
        desk.react(*batch)

    sums = desk.announced_sums()
    assert sums[SettlementSettled] - sums[SettlementReversed] == desk.settlement.amount_fen
    assert sums[SettlementReversed] == desk.settlement.reversed_fen


@given(schedules(), st.data())
@settings(max_examples=100, deadline=None)
def test_settled_is_paid_and_pending_whenever_payouts_come(schedule, data):
    _, batches = schedule
    desk = Desk(*LISTS)

    for number, batch in enumerate(batches):
        desk.react(*batch)
        if data.draw(st.booleans()):
            _try_to_pay(desk, f"payout-{number}")
        held = desk.settlement
        owed_fen = -balances(held.entries).get((held.payable, FEN), 0)
        postings = [posting for entry in held.entries for posting in entry.postings]
        assert owed_fen == held.pending_fen == held.amount_fen - held.paid_fen
        assert totals(postings).get(FEN, 0) == 0


@given(schedules())
@settings(max_examples=100, deadline=None)
def test_what_came_before_its_prices_is_settled_when_they_come(schedule):
    events, batches = schedule
    desk = Desk()
    for batch in batches:
        desk.react(*batch)

    desk.book.lists.extend(LISTS)
    desk.settle_unpriced()

    assert desk.settlement.amount_fen == worth_fen(latest_lots(events), FEN_PER_KG)
    assert desk.settlement.waiting == ()


def books(held):
    """Everything of a settlement that people and the ledger's sums see."""
    entries = {entry.id: (entry.postings, entry.reason, entry.reverses) for entry in held.entries}
    shown = (held.revision, held.amount_fen, held.reversed_fen, held.paid_fen, held.price_list_id)
    return shown, held.lines, held.waiting, entries


REVISIONS = st.lists(LOTS | LOTS_BESIDE_THE_LIST, min_size=1, max_size=4).map(
    lambda revisions: [arrived(event, n) for n, event in enumerate(history(*revisions), start=1)]
)


@given(REVISIONS)
@settings(max_examples=40, deadline=None)
def test_every_order_of_the_revisions_ends_in_the_same_books(events):
    def ended(order):
        desk = Desk(*LISTS)
        for place, event in enumerate(order, start=1):
            desk.react(replace(event, sequence=place))
        return books(desk.settlement), desk.announced_sums()

    expected = ended(events)

    assert all(ended(order) == expected for order in permutations(events))


@given(REVISIONS)
@settings(max_examples=20, deadline=None)
def test_the_books_are_the_same_whenever_the_prices_come(events):
    def ended(order, priced_after):
        desk = Desk()
        for place, event in enumerate(order, start=1):
            if place > priced_after:
                desk.book.lists[:] = LISTS
                desk.settle_unpriced()
            desk.react(replace(event, sequence=place))
        desk.book.lists[:] = LISTS
        desk.settle_unpriced()
        return books(desk.settlement), desk.announced_sums()

    expected = ended(events, 0)

    for order in permutations(events):
        assert all(ended(order, place) == expected for place in range(len(events) + 1))


def test_a_correction_that_comes_first_decides():
    weighed, corrected = history((lot("lot-1", 10_000),), (lot("lot-1", 9_000),))
    desk = Desk(prices())

    desk.react(arrived(corrected, 1), arrived(weighed, 2))

    assert (desk.settlement.revision, desk.settlement.amount_fen) == (2, 1_080)
    assert desk.settlement.reversed_fen == 1_200


def test_a_repeat_writes_nothing():
    (weighed,) = history((lot("lot-1", 10_000),))
    desk = Desk(prices())
    desk.react(arrived(weighed, 1))
    before = desk.settlements.get(PICKUP)

    desk.react(arrived(weighed, 1))
    desk.react(arrived(weighed, 2))

    assert desk.settlements.get(PICKUP) == before


def test_an_event_keyed_by_the_account_names_pickup_and_community():
    (weighed,) = history((lot("lot-1", 10_000),))
    desk = Desk(prices())

    desk.react(arrived(weighed, 1))

    (envelope,) = desk.settlements.announced
    (event,) = published([envelope])
    assert envelope.key == event.account_id == HOUSEHOLD
    assert (event.pickup_id, event.price_list_id, event.revision) == (PICKUP, "list-1", 1)
    assert [line.amount_fen for line in event.lines] == [1_200]


def _try_to_pay(desk, key):
    try:
        pay_settlement(PICKUP, settlements=desk.settlements, clock=desk.clock, request=request(key))
    except Conflict:
        assert desk.settlement.pending_fen <= 0
