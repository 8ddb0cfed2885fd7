"""Every solver keeps the domain's rules: the plain one and the real one, on the same problems."""

import random

import pytest

from services.routing.adapters.pyvrp_solver import solve_day
from services.routing.domain.drive import broken_rules, drive
from services.routing.domain.greedy import plan_greedily
from services.routing.domain.problem import (
    DayPlan,
    Facility,
    Problem,
    Spot,
    Stop,
    Tour,
    Vehicle,
    Visit,
)

HOUR = 3600
DEPOT = Spot(26.07, 119.30)


def pyvrp(problem):
    return solve_day(problem, solve_time_s=0.5, seed=1)


@pytest.fixture(params=[plan_greedily, pyvrp], ids=["greedy", "pyvrp"])
def solve(request):
    return request.param


def stop(name, *, mass_g=5_000, hazardous=False, window=(8, 12), spot=None):
    start, end = window
    return Stop(name, spot or Spot(26.08, 119.31), mass_g, hazardous, start * HOUR, end * HOUR, 240)


def vehicle(name="v", *, capacity_g=500_000, licensed=False, shift=(7, 20)):
    return Vehicle(name, DEPOT, capacity_g, licensed, shift[0] * HOUR, shift[1] * HOUR)


def problem(stops, *vehicles):
    yard = Facility("f", Spot(26.10, 119.30), 900, 6 * HOUR, 23 * HOUR)
    return Problem(tuple(stops), vehicles or (vehicle(),), (yard,))


def city(count, seed):
    dice = random.Random(seed)
    return [
        stop(
            str(n),
            mass_g=dice.randint(500, 60_000),
            hazardous=dice.random() < 0.1,
            window=dice.choice([(8, 12), (13, 17), (17, 20)]),
            spot=Spot(26.07 + dice.gauss(0, 0.03), 119.30 + dice.gauss(0, 0.03)),
        )
        for n in range(count)
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_keeps_every_rule_on_a_city(solve, seed):
    fleet = [vehicle(f"v{n}", licensed=n == 0) for n in range(4)]
    day = problem(city(40, seed), *fleet)

    plan = solve(day)

    assert broken_rules(day, plan) == []
    assert len(plan.tours) > 0


def test_refuses_a_hazardous_stop_without_a_licensed_vehicle(solve):
    plan = solve(problem([stop("acid", hazardous=True), stop("paper")]))

    assert [(r.stop_id, r.reason) for r in plan.refused] == [
        ("acid", "routing.no_licensed_vehicle")
    ]
    assert [visit.stop_id for tour in plan.tours for visit in tour.visits] == ["paper"]


def test_refuses_what_no_vehicle_can_carry(solve):
    plan = solve(problem([stop("heavy", mass_g=600_000)]))

    assert plan.refused[0].reason == "routing.over_capacity"


def test_unloads_between_trips(solve):
    plan = solve(problem([stop(str(n), mass_g=300_000) for n in range(3)]))

    assert {visit.trip for tour in plan.tours for visit in tour.visits} == {1, 2, 3}
    assert plan.refused == ()


def test_refuses_all_without_a_vehicle_or_facility():
    empty = Problem((stop("a"),), (), ())

    assert plan_greedily(empty).refused[0].reason == "routing.no_vehicle"
    assert pyvrp(empty).refused[0].reason == "routing.no_vehicle"


def test_a_day_without_stops_has_no_tours(solve):
    assert solve(problem([])) == DayPlan((), ())


def test_the_judge_sees_a_stop_that_is_visited_twice_or_never():
    day = problem([stop("a"), stop("b")])
    tour = drive(day, day.vehicles[0], [[day.stops[0]]])
    twice = Tour(**{**fields(tour), "visits": (*tour.visits, Visit("a", 1, 0))})

    broken = broken_rules(day, DayPlan((twice,), ()))

    assert "a is planned 2 times" in broken
    assert "b is planned 0 times" in broken


def test_a_late_or_overloaded_tour_cannot_be_driven():
    early = stop("early", window=(7, 7))
    heavy = [stop("x", mass_g=300_000), stop("y", mass_g=300_000)]
    day = problem([early, *heavy])

    assert drive(day, vehicle(), [[early]]) is None
    assert drive(day, vehicle(), [heavy]) is None
    assert drive(day, vehicle(shift=(7, 8)), [[heavy[0]]]) is None


def fields(tour):
    return {name: getattr(tour, name) for name in Tour.__slots__}
