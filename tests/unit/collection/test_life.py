"""A pickup's life as a table: random orders of acts and events never leave it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collection.domain import judging
from services.collection.domain import pickup as pickups_of
from services.collection.domain.booking import Booking, PlanRef
from services.collection.domain.pools import Place, household_pool
from services.collection.domain.records import Proposal
from services.collection.domain.states import COLLECTED, TERM, TRANSITIONS, Act, State, after
from services.collection.domain.weighing import judged
from shared.kernel.errors import Conflict
from tests.unit.collection.builders import (
    IN_THE_WINDOW,
    ITEMS,
    MORNING,
    NOW,
    SCALE,
    place,
    weigh_in,
)

LATER = IN_THE_WINDOW + timedelta(hours=1)
TERMS = {"open", "collected", "cancelled", "missed", "failed"}
FACTS = (Act.ASSIGN, Act.REFUSE)
FINAL = (*COLLECTED, State.FAILED, State.MISSED, State.CANCELLED)
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
    )


WAYS = {
    State.BOOKED: (),
    State.ASSIGNED: (Act.ASSIGN,),
    State.EN_ROUTE: (Act.SET_OUT,),
    State.AT_DOOR: (Act.ARRIVE,),
    State.WEIGHED: (Act.WEIGH,),
    State.STANDS: (Act.WEIGH, Act.CONFIRM),
    State.DISPUTED: (Act.WEIGH, Act.DISPUTE),
    State.UPHELD: (Act.WEIGH, Act.DISPUTE, Act.UPHOLD),
    State.CORRECTED: (Act.WEIGH, Act.CORRECT),
    State.FAILED: (Act.FAIL,),
    State.MISSED: (Act.REPORT_MISSED,),
    State.CANCELLED: (Act.CANCEL,),
}


def fresh(state):
    """A pickup that came to `state` by the shortest way."""
    if state is State.LAPSED:
        return pickups_of.lapse("p-1", now=NOW).state
    pickup = pickups_of.book("p-1", booking(), places=PLACES, now=NOW).state
    for act in WAYS[state]:
        pickup = do(pickup, act).state
    return pickup


def do(pickup, act):
    """Do an act; None where an event changes nothing."""
    visit = {"collector_id": "c", "at": LATER}
    return {
        Act.BOOK: lambda: pickups_of.book_again(pickup, booking(), places=PLACES, now=NOW),
        Act.AMEND: lambda: pickup.amend(pickup.booking, now=NOW),
        Act.ASSIGN: lambda: pickup.assign(place(plan_version=9), at=NOW),
        Act.REFUSE: lambda: pickup.refuse("routing.no_time", plan=plan(9), at=NOW),
        Act.SET_OUT: lambda: pickup.approach(Act.SET_OUT, **visit),
        Act.ARRIVE: lambda: pickup.approach(Act.ARRIVE, **visit),
        Act.CANCEL: lambda: pickup.cancel(by="resident", reason="none", now=NOW),
        Act.FAIL: lambda: pickup.log("no_access", collector_id="c", happened_at=LATER),
        Act.REPORT_MISSED: lambda: pickup.report_missed(now=LATER),
        Act.WEIGH: lambda: judging.weigh(pickup, told(), now=LATER),
        Act.CONFIRM: lambda: judging.confirm(pickup, by="resident", now=LATER),
        Act.DISPUTE: lambda: judging.dispute(pickup, "too-heavy", now=LATER),
        Act.UPHOLD: lambda: judging.uphold(pickup, "scale-right", now=LATER),
        Act.CORRECT: lambda: correct(pickup),
    }[act]()


def told():
    return judged(weigh_in(), SCALE, now=LATER)


def correct(pickup):
    """Two persons correct what is recorded."""
    supersedes = pickup.weighing.revision if pickup.weighing else 1
    proposal = Proposal(supersedes, weigh_in().lots, "misread", "city-1", LATER)
    proposed = judging.propose(pickup, proposal).state
    return judging.approve(proposed, supersedes=supersedes, approver="city-2", now=LATER)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("act", [each for each in Act if each is not Act.LAPSE])
def test_an_act_follows_the_table_or_is_refused(state, act):
    pickup, following = fresh(state), after(state, act)

    if act is Act.WEIGH and pickup.weighing is not None:
        assert do(pickup, act).state == pickup  # the same submission twice is one
    elif following is not None:
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
        if decision is None or decision.state == pickup:
            continue
        assert (pickup.state, act) in TRANSITIONS
        pickup, reported = decision.state, reported + len(decision.events)
        assert TERM[pickup.state] in TERMS
        assert (pickup.weighing is not None) == (pickup.state in COLLECTED)
    assert reported >= pickup.booking_version


@pytest.mark.parametrize("state", [*COLLECTED, State.FAILED, State.MISSED])
def test_an_ended_pickup_leaves_its_households_share_and_stays_in_its_slot(state):
    pickup = fresh(state)

    assert (pickup.places, pickup.to_free) == (PLACES[:1], PLACES[1:])


def test_a_cancelled_pickup_gives_up_both_places():
    pickup = fresh(State.CANCELLED)

    assert (pickup.places, pickup.to_free) == ((), PLACES)


def test_every_state_but_the_draft_is_one_term():
    assert set(TERM) == set(State) - {State.LAPSED}
    assert set(TERM.values()) == TERMS


def test_a_pickup_leaves_its_term_only_for_the_scale_or_a_claim_that_nobody_came():
    changed = {
        (state, act, to)
        for (state, act), to in TRANSITIONS.items()
        if state in FINAL and TERM[to] != TERM[state]
    }

    assert {(act, to) for _, act, to in changed} == {
        (Act.WEIGH, State.WEIGHED),
        (Act.REPORT_MISSED, State.MISSED),
    }


def plan(version, service_day=MORNING.service_day):
    return PlanRef(service_day, version)


def test_an_older_plan_does_not_replace_a_newer_one():
    pickup = fresh(State.BOOKED).assign(place(plan_version=2), at=NOW).state

    assert pickup.assign(place(plan_version=1), at=NOW) is None
    assert pickup.refuse("routing.no_time", plan=plan(1), at=NOW) is None
    assert pickup.assign(place(plan_version=3), at=NOW).state.tour.tour_id == "tour-3"


def test_a_plan_of_a_day_that_was_moved_away_from_is_nothing():
    other_day = place(service_day=MORNING.service_day - timedelta(days=1))

    assert fresh(State.BOOKED).assign(other_day, at=NOW) is None


def test_a_late_refusal_of_another_day_is_nothing():
    yesterday = plan(9, MORNING.service_day - timedelta(days=1))

    assert fresh(State.BOOKED).refuse("routing.no_time", plan=yesterday, at=NOW) is None


@pytest.mark.parametrize("late", [1, 2])
def test_what_a_later_plan_refused_no_earlier_one_takes_or_refuses(late):
    refused = fresh(State.BOOKED).refuse("routing.no_time", plan=plan(3), at=NOW).state
    amended = refused.amend(replace(refused.booking, cell="-"), now=LATER).state

    for pickup in (refused, amended):
        assert pickup.assign(place(plan_version=late), at=NOW) is None
        assert pickup.refuse("routing.no_time", plan=plan(late), at=NOW) is None
        assert pickup.assign(place(plan_version=4), at=NOW).state.tour.plan_version == 4


def test_a_refused_stop_stays_open_and_says_why():
    why = "routing.no_licensed_vehicle"
    pickup = fresh(State.ASSIGNED).refuse(why, plan=plan(9), at=NOW).state

    assert (pickup.state, pickup.tour) == (State.BOOKED, None)
    assert pickup.refusal == why


def test_an_older_settlement_does_not_replace_a_newer_one():
    pickup = fresh(State.WEIGHED).settle(500, revision=2, at=LATER).state

    assert pickup.settle(400, revision=1, at=LATER) is None
    assert (pickup.settled_fen, pickup.settled_revision) == (500, 2)
