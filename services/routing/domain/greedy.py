"""A plain plan by hand: nearest next stop. The twin of the real solver, and its safety net."""

from heapq import nsmallest

from services.routing.domain.drive import drive
from services.routing.domain.problem import (
    DayPlan,
    Problem,
    Refusal,
    Spot,
    Stop,
    Tour,
    Vehicle,
    distance_m,
    obvious_refusals,
    travel_s,
)

CANDIDATES = 6


def plan_greedily(problem: Problem) -> DayPlan:
    """Return a plan that keeps every rule; licensed vehicles choose first."""
    refused = obvious_refusals(problem)
    open_stops = [stop for stop in problem.stops if stop.stop_id not in refused]
    tours = []
    for vehicle in sorted(problem.vehicles, key=lambda v: (not v.licensed, v.vehicle_id)):
        if not open_stops or not problem.facilities:
            break
        tour = _tour(problem, vehicle, open_stops)
        if tour is not None:
            tours.append(tour)
            done = {visit.stop_id for visit in tour.visits}
            open_stops = [stop for stop in open_stops if stop.stop_id not in done]
    refused |= {stop.stop_id: "routing.no_time" for stop in open_stops}
    return DayPlan(tuple(tours), tuple(Refusal(*each) for each in sorted(refused.items())))


def _tour(problem: Problem, vehicle: Vehicle, open_stops: list[Stop]) -> Tour | None:
    trips: list[list[Stop]] = [[]]
    best: Tour | None = None
    left = [stop for stop in open_stops if vehicle.licensed or not stop.hazardous]
    while left:
        last = trips[-1][-1].spot if trips[-1] else vehicle.depot
        now_s = best.visits[-1].eta_s if best else vehicle.start_s
        nearest = _nearest(left, last, now_s=now_s)
        extended = _extended(problem, vehicle, trips, nearest)
        if extended is None:
            return best
        best, trips, added = extended
        left.remove(added)
    return best


def _nearest(left: list[Stop], at: Spot, *, now_s: int) -> list[Stop]:
    """Return the stops to be reached first, hazardous ones before others."""

    def rank(stop: Stop) -> tuple[bool, int, str]:
        return not stop.hazardous, _reach_s(at, now_s, stop), stop.stop_id

    return nsmallest(CANDIDATES, left, key=rank)


def _reach_s(last: Spot, now_s: int, stop: Stop) -> int:
    """Return when service at a stop could begin: waiting is as bad as driving."""
    metres = distance_m(last, stop.spot)
    return max(now_s + travel_s(metres), stop.start_s)


def _extended(
    problem: Problem, vehicle: Vehicle, trips: list[list[Stop]], candidates: list[Stop]
) -> tuple[Tour, list[list[Stop]], Stop] | None:
    """Return the tour with the first candidate that fits, on this trip or on a new one."""
    for stop in candidates:
        for tried in ([*trips[:-1], [*trips[-1], stop]], [*trips, [stop]]):
            tour = drive(problem, vehicle, [trip for trip in tried if trip])
            if tour is not None:
                return tour, [list(trip) for trip in tried if trip], stop
    return None
