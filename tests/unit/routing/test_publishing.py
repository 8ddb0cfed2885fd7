"""Publishing a day's plans: versions, and the stops that a later plan says nothing of."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.routing.application.comparing import NOT_IN_PLAN
from services.routing.domain.day import PlanDay
from services.routing.domain.plan import REFUSED_AN_EVENT, Plan, PlanState
from services.routing.domain.problem import DayPlan
from services.routing.domain.stop import StopState
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict, Unavailable
from tests.unit.routing.fakes import DAY, Office, published


@pytest.fixture
def office():
    return Office()


def test_a_later_plan_of_a_day_has_a_higher_version(office):
    for name in ("one", "two"):
        office.solved(name, "p-1")

    versions = [office.publish(name).state.plan_version for name in ("one", "two")]

    assert versions == [1, 2]


def test_a_repeated_publication_is_the_first_one(office):
    office.solved("one", "p-1")
    office.solved("two", "p-1")
    first = office.publish("one")
    office.publish("two")

    again = office.publish("one")

    assert again.answer == first.answer
    assert again.state.plan_version == 1
    assert len(office.plans.announced) == 2


def test_a_publication_that_died_after_its_version_was_given_gets_the_same_one(office):
    office.solved("one", "p-1")
    office.solved("two", "p-1")
    office.publish("two")
    died = office.days.get(DAY.isoformat()).state.publishing("one")

    assert died.publishing("one") == died
    assert office.publish("one").state.plan_version == died.version_of("one") == 2


def test_refuses_to_publish_what_is_not_solved_and_gives_it_no_version(office):
    office.requested("one")
    office.solved("two", "p-1")

    with pytest.raises(Conflict) as refused:
        office.publish("one")

    assert refused.value.code == "routing.not_solved"
    assert office.publish("two").state.plan_version == 1


def test_a_stop_that_a_later_plan_drops_is_refused_by_it(office):
    office.book("kept", "dropped")
    office.solved("one", "kept", "dropped")
    office.solved("two", "kept")
    office.publish("one")
    office.publish("two")

    office.compare()

    assert office.refusals() == [(2, "dropped", NOT_IN_PLAN)]


def test_a_stop_is_reported_once_however_often_plans_are_compared(office):
    office.book("dropped")
    office.solved("one", "dropped")
    office.solved("two")
    for name in ("one", "two"):
        office.publish(name)
        office.compare()

    assert office.compare() == 0
    assert office.refusals() == [(2, "dropped", NOT_IN_PLAN)]


def test_a_plan_that_is_published_late_under_its_old_version_is_compared_too(office):
    """The version was given before the process died; the client comes back after the next plan."""
    office.book("dropped")
    office.solved("one", "dropped")
    office.solved("two")
    office.days.create(DAY.isoformat(), _day_with("one"))
    office.publish("two")
    office.compare()

    office.publish("one")
    office.compare()

    assert office.refusals() == [(2, "dropped", NOT_IN_PLAN)]
    assert not office.days.get(DAY.isoformat()).state.due


def test_what_the_later_plan_refuses_itself_is_not_reported_again(office):
    office.book("late")
    office.solved("one", "late")
    office.solved("two", refused=["late"])
    for name in ("one", "two"):
        office.publish(name)

    office.compare()

    assert office.refusals() == [(2, "late", "routing.no_time")]


@pytest.mark.parametrize("state", [StopState.DONE, StopState.CANCELLED])
def test_a_stop_that_needs_no_visit_is_not_reported(office, state):
    office.book("over", state=state)
    office.solved("one", "over")
    office.solved("two")
    for name in ("one", "two"):
        office.publish(name)

    office.compare()

    assert office.refusals() == []


def test_a_stop_that_moved_to_another_day_is_not_reported(office):
    office.book("moved", day=DAY.replace(day=26))
    office.solved("one", "moved")
    office.solved("two")
    for name in ("one", "two"):
        office.publish(name)

    office.compare()

    assert office.refusals() == []


def test_many_refused_stops_are_told_by_several_events(office):
    names = [f"p-{n}" for n in range(2 * REFUSED_AN_EVENT + 1)]
    office.solved("one", refused=names)

    office.publish("one")

    events = [e for e in published(office.plans.announced) if "stops-refused" in e.TYPE]
    assert [len(event.stops) for event in events] == [REFUSED_AN_EVENT, REFUSED_AN_EVENT, 1]
    assert [pickup for _, pickup, _ in office.refusals()] == names


PICKUPS = ("a", "b", "c", "d")
served = st.sets(st.sampled_from(PICKUPS))


@given(
    st.lists(served, min_size=1, max_size=5),
    st.lists(st.integers(0, 4) | st.just("compare"), max_size=12),
)
@settings(max_examples=200, deadline=None)
def test_each_open_stop_ends_in_the_newest_plan_or_refused_by_it(plans, steps):
    office = Office()
    office.book(*PICKUPS)
    for number, names in enumerate(plans):
        office.solved(f"plan-{number}", *sorted(names))
    planned = set()
    for step in [*steps, 0]:
        if step == "compare":
            office.compare()
        elif step < len(plans):
            office.publish(f"plan-{step}")
            planned |= plans[step]

    office.compare()

    newest, *_ = office.search.plans_of_day(DAY)
    held = {stop.pickup_id for tour in newest.tours for stop in tour.stops}
    told = {p for version, p, _ in office.refusals() if version == newest.plan_version}
    assert held | told == planned
    assert not held & told


class DyingSolver:
    def __init__(self, *poison):
        self.poison = poison
        self.calls = 0

    def solve(self, problem, *, solve_time_s, seed):
        self.calls += 1
        if self.calls in self.poison:
            raise Unavailable("routing.solver", "it ended")
        return DayPlan((), ())


def test_a_plan_on_which_the_solver_dies_fails_at_the_third_time_and_holds_up_no_other(office):
    office.requested("poison")
    office.requested("sound")

    for _ in range(3):
        office.solve(DyingSolver(1))

    assert office.plans.get("sound").state.state is PlanState.SOLVED
    poison = office.plans.get("poison").state
    assert (poison.state, poison.failure) == (PlanState.FAILED, "routing.solver")


def test_a_database_that_is_away_is_no_fault_of_the_plan(office):
    office.requested("one")

    class Away:
        def solve(self, problem, *, solve_time_s, seed):
            raise Unavailable("storage.unavailable", "away")

    with pytest.raises(Unavailable):
        office.solve(Away())

    assert office.plans.get("one").state.attempts == 0


def _day_with(plan_id):
    return Decision(PlanDay(DAY).publishing(plan_id))


def test_a_plan_that_is_over_takes_no_solution():
    plan = Plan("one", DAY, 1, 1, PlanState.FAILED, requested_at=None)

    assert plan.solved((), ()).state == plan
