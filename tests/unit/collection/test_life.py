"""A pickup's life as a table: random orders of acts and events never leave it."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collection.domain import pickup as pickups_of
from services.collection.domain.pickup import Booking
from services.collection.domain.pools import Place, household_pool
from services.collection.domain.states import TERM, TRANSITIONS, Act, State, after
from shared.kernel.errors import Conflict
from tests.unit.collection.builders import IN_THE_WINDOW, ITEMS, MORNING, NOW, place, weigh_in

TERMS = {"open", "collected", "cancelled", "missed", "failed"}
FACTS = (Act.ASSIGN, Act.REFUSE)
FINAL = (State.WEIGHED, State.FAILED, State.MISSED, State.CANCELLED)
PLACES = (Place(MORNING.slot_id, "p-1"), Place(household_pool("home"), "p-1"))


def booking():
    start, end = MORNING.window
    return Booking(
        household_id="home",
        community_code=MORNING.community_code,
        cell="8941a6d2d6fffff",
        slot_id=MORNING.slot_id,
        service_day=MORNING.service_day,
        band=MORNING.band,
        window_start=start,
        window_end=end,
        items=ITEMS,
        owner="resident-1",
    )


def fresh(state):
    """A pickup that came to `state` by the shortest way."""
    if state is State.LAPSED:
        return pickups_of.lapse("p-1", now=NOW).state
    ways = {
        State.ASSIGNED: Act.ASSIGN,
        State.WEIGHED: Act.WEIGH,
        State.FAILED: Act.FAIL,
        State.MISSED: Act.REPORT_MISSED,
        State.CANCELLED: Act.CANCEL,
    }
    booked = pickups_of.book("p-1", booking(), places=PLACES, now=NOW).state
    return booked if state is State.BOOKED else do(booked, ways[state]).state


def do(pickup, act):
    """Do an act; None where an event changes nothing."""
    later = IN_THE_WINDOW + timedelta(hours=1)
    revision = pickup.weighing.revision if pickup.weighing else 1
    return {
        Act.BOOK: lambda: pickups_of.book_again(pickup, booking(), places=PLACES, now=NOW),
        Act.AMEND: lambda: pickup.amend(pickup.booking, now=NOW),
        Act.ASSIGN: lambda: pickup.assign(place(plan_version=9)),
        Act.REFUSE: lambda: pickup.refuse("routing.no_time", plan_version=9),
        Act.CANCEL: lambda: pickup.cancel(by="resident", reason="none", now=NOW),
        Act.FAIL: lambda: pickup.fail("no_access", collector_id="c", happened_at=later),
        Act.REPORT_MISSED: lambda: pickup.report_missed(now=later),
        Act.WEIGH: lambda: pickup.weigh(weigh_in(), now=later),
        Act.CORRECT: lambda: pickup.correct(
            weigh_in().lots, supersedes=revision, reason="misread", now=later
        ),
        Act.LAPSE: lambda: pickups_of.lapse("p-1", now=NOW),
    }[act]()


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("act", [each for each in Act if each is not Act.LAPSE])
def test_an_act_follows_the_table_or_is_refused(state, act):
    pickup, following = fresh(state), after(state, act)

    if following is not None:
        assert do(pickup, act).state.state is following
    elif act in FACTS:
        assert do(pickup, act) is None
    else:
        with pytest.raises(Conflict):
            do(pickup, act)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([each for each in Act if each is not Act.LAPSE]), max_size=20))
def test_any_order_of_acts_stays_in_one_term_and_reports_each_step_once(acts):
    pickup, reported = fresh(State.BOOKED), 1

    for act in acts:
        try:
            decision = do(pickup, act)
        except Conflict:
            continue
        if decision is None:
            continue
        assert (pickup.state, act) in TRANSITIONS
        pickup, reported = decision.state, reported + len(decision.events)
        assert TERM[pickup.state] in TERMS
        assert (pickup.weighing is not None) == (pickup.state is State.WEIGHED)
    assert reported >= pickup.booking_version


@pytest.mark.parametrize("state", [State.WEIGHED, State.FAILED, State.MISSED])
def test_an_ended_pickup_leaves_its_households_share_and_stays_in_its_slot(state):
    pickup = fresh(state)

    assert (pickup.places, pickup.to_free) == (PLACES[:1], PLACES[1:])


def test_a_cancelled_pickup_gives_up_both_places():
    pickup = fresh(State.CANCELLED)

    assert (pickup.places, pickup.to_free) == ((), PLACES)


def test_every_state_but_the_draft_is_one_term():
    assert set(TERM) == set(State) - {State.LAPSED}
    assert set(TERM.values()) == TERMS


def test_nothing_leads_out_of_a_final_state_but_the_scale():
    ways = {(state, act) for state, act in TRANSITIONS if state in FINAL}

    assert {act for _, act in ways} == {Act.WEIGH, Act.CORRECT}


def test_an_older_plan_does_not_replace_a_newer_one():
    pickup = fresh(State.BOOKED).assign(place(plan_version=2)).state

    assert pickup.assign(place(plan_version=1)) is None
    assert pickup.refuse("routing.no_time", plan_version=1) is None
    assert pickup.assign(place(plan_version=3)).state.tour.tour_id == "tour-3"


def test_a_plan_of_a_day_that_was_moved_away_from_is_nothing():
    other_day = place(service_day=MORNING.service_day - timedelta(days=1))

    assert fresh(State.BOOKED).assign(other_day) is None


def test_a_refused_stop_stays_open_and_says_why():
    pickup = fresh(State.ASSIGNED).refuse("routing.no_licensed_vehicle", plan_version=9).state

    assert (pickup.state, pickup.tour) == (State.BOOKED, None)
    assert pickup.refusal == "routing.no_licensed_vehicle"


def test_an_older_settlement_does_not_replace_a_newer_one():
    pickup = fresh(State.WEIGHED).settle(500, revision=2).state

    assert pickup.settle(400, revision=1) is None
    assert (pickup.settled_fen, pickup.settled_revision) == (500, 2)
