"""The day's problem as PyVRP sees it. Every solution is judged by the domain before it counts.

Stops are optional clients with a prize above any detour, so that what does not fit is refused and
nothing else breaks. Unlicensed vehicles have a profile in which hazardous stops are out of reach.
Vehicles end at their facility; the way home is taken off their shift.
"""

from collections.abc import Sequence

import numpy as np
from pyvrp import Client, Depot, Location, ProblemData, Route, VehicleType
from pyvrp import solve as pyvrp_solve
from pyvrp.stop import MaxRuntime

from services.routing.domain.drive import broken_rules, drive
from services.routing.domain.greedy import plan_greedily
from services.routing.domain.problem import (
    DETOUR_PERCENT,
    EARTH_RADIUS_M,
    SPEED_M_PER_H,
    DayPlan,
    Facility,
    Problem,
    Refusal,
    Spot,
    Stop,
    Tour,
    Vehicle,
    distance_m,
    nearest_facility,
    obvious_refusals,
    travel_s,
)

OUT_OF_REACH = 10_000_000
PRIZE = 1_000_000
RELOADS_MAX = 4
FIXED_COST = 2_000
# One second of a tour weighs as a metre and a half: time on the road is what costs.
DURATION_COST = 1
SCALE_G = 100  # PyVRP counts loads in integers; hundreds of grams keep sums far from overflow


def solve_day(problem: Problem, *, solve_time_s: float, seed: int) -> DayPlan:
    """Return the best plan found within `solve_time_s`; keeps every rule of the domain."""
    hopeless = obvious_refusals(problem)
    stops = [stop for stop in problem.stops if stop.stop_id not in hopeless]
    if not stops:
        return DayPlan((), _refusals(hopeless))
    found = pyvrp_solve(
        _data(problem, stops),
        MaxRuntime(solve_time_s),
        seed=seed,
        collect_stats=False,
        display=False,
    ).best
    tours, done = _tours(problem, stops, found.routes())
    missing = {s.stop_id: "routing.no_time" for s in stops if s.stop_id not in done}
    plan = DayPlan(tuple(tours), _refusals(hopeless | missing))
    if broken_rules(problem, plan):
        raise AssertionError("a tour that was driven breaks a rule")
    by_hand = plan_greedily(problem)
    return plan if len(plan.refused) <= len(by_hand.refused) else by_hand


def _refusals(reasons: dict[str, str]) -> tuple[Refusal, ...]:
    return tuple(Refusal(stop_id, reason) for stop_id, reason in sorted(reasons.items()))


def _data(problem: Problem, stops: Sequence[Stop]) -> ProblemData:
    homes = sorted({vehicle.depot for vehicle in problem.vehicles}, key=_order)
    spots = [*homes, *(each.spot for each in problem.facilities), *(s.spot for s in stops)]
    first_stop = len(homes) + len(problem.facilities)
    distances = _distances(spots)
    durations = np.ceil(distances * 3600 / SPEED_M_PER_H).astype(np.int64)
    hazardous = [first_stop + i for i, stop in enumerate(stops) if stop.hazardous]
    return ProblemData(
        locations=[Location(spot.longitude, spot.latitude) for spot in spots],
        clients=[_client(stop, first_stop + i) for i, stop in enumerate(stops)],
        depots=[
            *(Depot(i) for i in range(len(homes))),
            *(_depot(each, len(homes) + i) for i, each in enumerate(problem.facilities)),
        ],
        vehicle_types=[_type(problem, vehicle, homes) for vehicle in problem.vehicles],
        distance_matrices=[distances, _forbidden(distances, hazardous)],
        duration_matrices=[durations, _forbidden(durations, hazardous)],
    )


def _order(spot: Spot) -> tuple[float, float]:
    return spot.latitude, spot.longitude


def _distances(spots: Sequence[Spot]) -> "np.ndarray[tuple[int, int], np.dtype[np.int64]]":
    """Return the domain's distances for all pairs at once."""
    latitude = np.radians(np.array([spot.latitude for spot in spots]))
    longitude = np.radians(np.array([spot.longitude for spot in spots]))
    half_lat = np.sin((latitude[None, :] - latitude[:, None]) / 2)
    half_lon = np.sin((longitude[None, :] - longitude[:, None]) / 2)
    chord = half_lat**2 + np.cos(latitude)[:, None] * np.cos(latitude)[None, :] * half_lon**2
    metres = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(1.0, chord))) * DETOUR_PERCENT / 100
    rounded: np.ndarray[tuple[int, int], np.dtype[np.int64]] = np.rint(metres).astype(np.int64)
    return rounded


def _forbidden(
    matrix: "np.ndarray[tuple[int, int], np.dtype[np.int64]]", columns: Sequence[int]
) -> "np.ndarray[tuple[int, int], np.dtype[np.int64]]":
    closed = matrix.copy()
    closed[:, list(columns)] = OUT_OF_REACH
    np.fill_diagonal(closed, 0)
    return closed


def _client(stop: Stop, location: int) -> Client:
    return Client(
        location,
        pickup=[-(-stop.mass_g // SCALE_G)],
        service_duration=stop.service_s,
        tw_early=stop.start_s,
        tw_late=stop.end_s - 1,
        prize=PRIZE,
        required=False,
    )


def _depot(facility: Facility, location: int) -> Depot:
    return Depot(
        location,
        tw_early=facility.opens_s,
        tw_late=facility.closes_s,
        service_duration=facility.service_s,
    )


def _type(problem: Problem, vehicle: Vehicle, homes: list[Spot]) -> VehicleType:
    facility = nearest_facility(problem, vehicle.depot)
    unloads_at = len(homes) + problem.facilities.index(facility)
    home_s = travel_s(distance_m(facility.spot, vehicle.depot)) + facility.service_s
    return VehicleType(
        1,
        capacity=[vehicle.capacity_g // SCALE_G],
        start_depot=homes.index(vehicle.depot),
        end_depot=unloads_at,
        fixed_cost=FIXED_COST,
        tw_early=vehicle.start_s,
        tw_late=max(vehicle.start_s, vehicle.end_s - home_s),
        unit_distance_cost=1,
        unit_duration_cost=DURATION_COST,
        profile=0 if vehicle.licensed else 1,
        reload_depots=[unloads_at],
        max_reloads=RELOADS_MAX,
    )


def _tours(
    problem: Problem, stops: Sequence[Stop], routes: Sequence[Route]
) -> tuple[list[Tour], set[str]]:
    """Return what the routes come to when they are driven, and the stops that are then served."""
    tours, done = [], set()
    for route in routes:
        trips: dict[int, list[Stop]] = {}
        for act in route.schedule():
            if act.is_client():
                trips.setdefault(act.trip, []).append(stops[act.idx])
        vehicle = problem.vehicles[route.vehicle_type()]
        tour = _driven(problem, vehicle, [trips[number] for number in sorted(trips)])
        if tour is not None:
            tours.append(tour)
            done |= {visit.stop_id for visit in tour.visits}
    return tours, done


def _driven(problem: Problem, vehicle: Vehicle, trips: list[list[Stop]]) -> Tour | None:
    """Drive a route; one that PyVRP left infeasible loses its last stops until it can be driven."""
    while trips:
        tour = drive(problem, vehicle, trips)
        if tour is not None:
            return tour
        trips[-1].pop()
        trips = [trip for trip in trips if trip]
    return None
