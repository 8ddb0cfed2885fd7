"""The steps of a pickup's life: numbered without gaps, the last 64 kept, some to be told."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from services.collection.domain.life import CITY, Aside, last_number
from services.collection.domain.records import (
    REVIEWS_MAX,
    STEPS_MAX,
    with_resolved,
    with_review,
)
from services.collection.domain.states import Act, State
from shared.kernel.errors import Conflict
from tests.unit.collection.builders import NOW, House, place, weigh_in
from tests.unit.collection.test_announcements import assigned, react
from tests.unit.collection.test_life import LATER, do, fresh

ACTS = st.lists(
    st.sampled_from([each for each in Act if each not in (Act.BOOK, Act.LAPSE)]), max_size=30
)


@given(ACTS)
def test_whatever_happens_numbers_are_dense_and_the_last_state_is_the_present_one(acts):
    pickup = fresh(State.BOOKED)
    for act in acts:
        try:
            done = do(pickup, act)
        except Conflict:
            continue
        pickup = done.state if done else pickup

    numbers = [step.number for step in pickup.history]
    assert numbers == list(range(1, len(numbers) + 1))
    assert pickup.history[-1].state == pickup.state


def test_numbers_go_on_where_the_oldest_steps_are_gone():
    pickup = fresh(State.BOOKED)
    for version in range(1, STEPS_MAX + 10):
        pickup = pickup.assign(place(version), at=NOW).state

    assert len(pickup.history) == STEPS_MAX
    assert (pickup.history[0].number, last_number(pickup.history)) == (11, STEPS_MAX + 10)


def test_what_happens_beside_the_states_is_a_step_too():
    house = House()
    house.book()
    house.fail("extra_item")
    house.weigh(weigh_in())
    house.pickups.change("p-1", lambda held: held.settle(900, revision=1, at=LATER))

    held = house.pickups.get("p-1").state
    told = [(step.act, step.about, step.state) for step in held.history[1:]]
    assert told == [
        (Aside.REMARK, "extra_item", State.BOOKED),
        (Act.WEIGH, None, State.WEIGHED),
        (Aside.SETTLE, None, State.WEIGHED),
    ]
    assert held.untold == (2, 3)


def test_a_cancellation_is_told_where_it_was_not_the_households_own():
    own, citys = (fresh(State.BOOKED).cancel(by=by, reason="x", now=NOW).state for by in BY)

    assert (own.untold, citys.untold) == ((), (2,))


BY = ("resident", CITY)


def test_a_pickup_is_rebooked_once():
    missed = fresh(State.MISSED)

    once = missed.rebooked("p-2", at=LATER).state

    assert once.rebooked("p-2", at=LATER).state == once
    assert replace(once, untold=(), history=missed.history, rebooked_as=None) == missed


def test_each_stop_knows_whom_its_collector_is_two_stops_away_from():
    house = House(capacity=9)
    ids = [f"p-{number}" for number in range(1, 5)]
    for pickup_id in ids:
        house.book(pickup_id)

    react(house, assigned(*ids))

    warned = [house.pickups.get(each).state.tour.warns for each in ids]
    assert warned == ["p-3", "p-4", None, None]


def test_of_many_reviews_the_oldest_that_are_resolved_go_and_no_open_one_does():
    reviews = ()
    for number in range(3 * REVIEWS_MAX):
        reviews = with_review(reviews, f"code-{number}", at=NOW)
        if number % 4:
            reviews = with_resolved(reviews, f"code-{number}", resolution="seen", now=NOW)

    open_ones = [each.code for each in reviews if each.resolved_at is None]
    assert len(reviews) == REVIEWS_MAX
    assert open_ones == [f"code-{number}" for number in range(0, 3 * REVIEWS_MAX, 4)]
