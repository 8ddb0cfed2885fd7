"""Whatever crashes, repeats and sweeps come in whatever order: no place is sold twice or lost."""

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from services.collection.application import places
from services.collection.domain.states import State
from shared.kernel.errors import Rejected
from tests.unit.collection.builders import AFTERNOON, AGAIN, MORNING, Crash, House

CAPACITY = 2
LABELS = [
    f"slot.{step}.{side}" for step in ("hold", "decide", "free") for side in ("before", "after")
]
PICKUPS = st.sampled_from(["p-0", "p-1", "p-2"])
SLOTS = st.sampled_from([MORNING, AFTERNOON])
CRASH = st.none() | st.sampled_from(LABELS)
STEPS = st.one_of(
    st.tuples(st.just("book"), PICKUPS, SLOTS, CRASH),
    st.tuples(st.just("amend"), PICKUPS, SLOTS, CRASH),
    st.tuples(st.just("cancel"), PICKUPS, SLOTS, CRASH),
    st.tuples(st.just("sweep"), PICKUPS, SLOTS, CRASH),
    st.tuples(st.just("free"), PICKUPS, SLOTS, CRASH),
)


def act(house, number, step):
    what, pickup_id, slot, house.crash_at = step
    with suppress(Crash, Rejected):
        if what == "book":
            house.book(pickup_id, slot=slot)
        elif what == "amend":
            house.amend(pickup_id, slot=slot, scope=f"amend {number}")
        elif what == "cancel":
            house.cancel(pickup_id)
        elif what == "sweep":
            house.lease_clock.advance(AGAIN)
            places.sweep_holds(desk=house.desk)
        else:
            places.free_given_up(desk=house.desk)


@settings(max_examples=400, deadline=None)
@given(st.lists(STEPS, max_size=14))
def test_no_place_is_sold_twice_or_lost(steps):
    house = House(capacity=CAPACITY)

    for number, step in enumerate(steps):
        act(house, number, step)
        for slot in (MORNING, AFTERNOON):
            held = house.holds(slot)
            assert len(held) <= CAPACITY
            assert set(house.used(slot.slot_id)) <= set(held)
    house.heal()

    for slot in (MORNING, AFTERNOON):
        assert house.holds(slot) == house.used(slot.slot_id)
    open_ones = [each for each in house.search.all() if each.state is State.BOOKED]
    assert len(open_ones) == len(house.holds(MORNING) + house.holds(AFTERNOON))


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS, max_size=14))
def test_a_pickup_is_announced_once_for_each_decision(steps):
    house = House(capacity=CAPACITY)

    for number, step in enumerate(steps):
        act(house, number, step)

    booked = [each for each in house.search.all() if each.booking_version >= 1]
    announced = [each.headers["ce_type"] for each in house.pickups.announced]
    cancelled = [each for each in booked if each.state is State.CANCELLED]
    assert announced.count("recycling.pickup.booked.v1") == len(booked)
    assert announced.count("recycling.pickup.cancelled.v1") == len(cancelled)
    assert announced.count("recycling.pickup.amended.v1") == sum(
        each.booking_version - 1 for each in booked
    )
