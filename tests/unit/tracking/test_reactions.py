"""Whatever the order of topics, of events and of repeats, every gram ends in the same place."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.container import LotContained, LotQuarantined
from shared.kernel.ledger import totals
from tests.unit.tracking.builders import (
    COMMUNITY,
    FACILITY,
    LEAD,
    LITHIUM,
    VEHICLE,
    container,
    history,
    in_order,
    lot,
    unloading,
)
from tests.unit.tracking.yard import Yard

CONTAINERS = [container("GL-1", LEAD), container("GL-2", LITHIUM)]
FITTING = {("GL-1", LEAD), ("GL-2", LITHIUM)}
HAZARDOUS = (LEAD, LITHIUM)
LOTS = st.lists(
    st.builds(
        lot,
        st.sampled_from(["lot-1", "lot-2", "lot-3"]),
        st.integers(0, 90_000),
        material=st.sampled_from(["cardboard", "glass", *HAZARDOUS]),
        tag=st.sampled_from([None, "GL-1", "GL-2", "GL-LOST"]),
    ),
    max_size=5,
).map(tuple)


@st.composite
def schedules(draw):
    """Events of a pickup in any order, each at least once, in batches that may be repeated."""
    events = history(*draw(st.lists(LOTS, min_size=1, max_size=4)))
    payloads = [*events, unloading()] if draw(st.booleans()) else list(events)
    numbers = list(range(len(payloads)))
    repeats = draw(st.lists(st.sampled_from(numbers), max_size=4))
    order = draw(st.permutations(numbers + repeats))
    log = in_order(*(payloads[each] for each in order))
    # A reader that died begins again at an earlier place: every batch may reach back.
    batches, end = [], 0
    while end < len(log):
        start = draw(st.integers(0, end))
        end = draw(st.integers(end + 1, len(log)))
        batches.append(log[start:end])
    return events, len(payloads) > len(events), batches


def latest_lots(events):
    return events[0].lots if len(events) == 1 else events[-1].lots_after


def kind_of(each):
    """Where the brief says that a lot lies: open, in its container, or set apart."""
    if each.material not in HAZARDOUS:
        return "open"
    return each.container_tag if (each.container_tag, each.material) in FITTING else "quarantine"


def sums_by_kind(lots):
    sums = Counter()
    for each in lots:
        sums[kind_of(each), each.material] += each.mass_g
    return {key: mass_g for key, mass_g in sums.items() if mass_g}


def held_by_kind(balances_g, holder):
    """The grams that a vehicle or a place holds, by kind and material."""
    held = Counter()
    for (account, material), mass_g in balances_g.items():
        if holder not in account:
            continue
        kind = "quarantine" if "quarantine" in account else "open"
        if "/container/" in account:
            kind = account.rpartition("/")[2]
        held[kind, material] += mass_g
    return dict(held)


def played(batches):
    yard = Yard(*CONTAINERS)
    for batch in batches:
        yard.react(*batch)
    return yard


@given(schedules())
@settings(max_examples=200, deadline=None)
def test_any_order_and_repeats_end_with_the_lots_of_the_last_revision(schedule):
    events, unloaded, batches = schedule

    balances_g = played(batches).balances_g()

    expected = sums_by_kind(latest_lots(events))
    here, elsewhere = (FACILITY, VEHICLE) if unloaded else (VEHICLE, FACILITY)
    given_g = Counter()
    for (_, material), mass_g in expected.items():
        given_g[material] += mass_g
    assert held_by_kind(balances_g, here) == expected
    assert held_by_kind(balances_g, elsewhere) == {}
    assert {m: -g for (a, m), g in balances_g.items() if a == f"household/{COMMUNITY}"} == given_g


@given(schedules())
@settings(max_examples=100, deadline=None)
def test_every_entry_and_so_every_moment_balances(schedule):
    _, _, batches = schedule
    yard = Yard(*CONTAINERS)

    for batch in batches:
        yard.react(*batch)
        entries = yard.journal.entries
        sums = totals(posting for entry in entries for posting in entry.postings)
        assert not any(sums.values())
        assert len({entry.id for entry in entries}) == len(entries)


@given(schedules())
@settings(max_examples=150, deadline=None)
def test_what_is_announced_adds_up_to_what_is_contained_and_set_apart(schedule):
    events, _, batches = schedule

    announced = Counter()
    for event in played(batches).told(LotContained, LotQuarantined):
        kind = event.container_id if isinstance(event, LotContained) else "quarantine"
        announced[kind, event.material] += event.mass_delta_g

    expected = {k: g for k, g in sums_by_kind(latest_lots(events)).items() if k[0] != "open"}
    assert {key: mass_g for key, mass_g in announced.items() if mass_g} == expected
