"""Driving a tour in thought: the times it takes, and every rule that a plan must keep.

The solver proposes an order; this says when each stop is reached, and is the judge of any solver.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.routing.domain.problem import (
    DayPlan,
    Facility,
    Problem,
    Spot,
    Stop,
    Tour,
    Vehicle,
    Visit,
    distance_m,
    nearest_facility,
    travel_s,
)

Trips = Sequence[Sequence[Stop]]


@dataclass(slots=True)
class _Drive:
    """A vehicle on its way."""

    at: Spot
    time_s: int
    distance_m: int = 0

    def go(self, spot: Spot) -> None:
        metres = distance_m(self.at, spot)
        self.distance_m += metres
        self.time_s += travel_s(metres)
        self.at = spot


def drive(problem: Problem, vehicle: Vehicle, trips: Trips) -> Tour | None:
    """Return the tour of a vehicle over `trips`, or None where a window or the shift breaks.

    The vehicle leaves its depot at its shift's start at the earliest, waits where it is early,
    unloads after each trip at the facility nearest to its depot, and is home by its shift's end.
    """
    facility = nearest_facility(problem, vehicle.depot)
    way = _Drive(vehicle.depot, vehicle.start_s)
    visits: list[Visit] = []
    for number, stops in enumerate(trips, start=1):
        if sum(stop.mass_g for stop in stops) > vehicle.capacity_g:
            return None
        for stop in stops:
            if stop.hazardous and not vehicle.licensed:
                return None
            way.go(stop.spot)
            begin_s = max(way.time_s, stop.start_s)
            if begin_s >= stop.end_s:
                return None
            visits.append(Visit(stop.stop_id, number, begin_s))
            way.time_s = begin_s + stop.service_s
        if not _unload(way, facility):
            return None
    way.go(vehicle.depot)
    if way.time_s > vehicle.end_s or not visits:
        return None
    return Tour(
        vehicle_id=vehicle.vehicle_id,
        facility_id=facility.facility_id,
        start_s=vehicle.start_s,
        end_s=way.time_s,
        distance_m=way.distance_m,
        visits=tuple(visits),
    )


def _unload(way: _Drive, facility: Facility) -> bool:
    way.go(facility.spot)
    way.time_s = max(way.time_s, facility.opens_s)
    if way.time_s > facility.closes_s:
        return False
    way.time_s += facility.service_s
    return True


def trips_of(tour: Tour, stops: dict[str, Stop]) -> list[list[Stop]]:
    """Return a tour's stops, trip by trip."""
    trips: list[list[Stop]] = []
    for visit in tour.visits:
        while len(trips) < visit.trip:
            trips.append([])
        trips[visit.trip - 1].append(stops[visit.stop_id])
    return [trip for trip in trips if trip]


def broken_rules(problem: Problem, plan: DayPlan) -> list[str]:
    """Return a line for each rule that a plan breaks: the judge of every solver."""
    stops = {stop.stop_id: stop for stop in problem.stops}
    vehicles = {vehicle.vehicle_id: vehicle for vehicle in problem.vehicles}
    broken = list(_not_once(plan, stops))
    used = [tour.vehicle_id for tour in plan.tours]
    broken += [f"{name} drives twice" for name in set(used) if used.count(name) > 1]
    for tour in plan.tours:
        driven = drive(problem, vehicles[tour.vehicle_id], trips_of(tour, stops))
        if driven is None:
            broken.append(f"{tour.vehicle_id} breaks a window, its load, licence or shift")
        elif driven.visits != tour.visits:
            broken.append(f"{tour.vehicle_id} says other times than it drives")
    return broken


def _not_once(plan: DayPlan, stops: Iterable[str]) -> Iterator[str]:
    planned = [visit.stop_id for tour in plan.tours for visit in tour.visits]
    planned += [refusal.stop_id for refusal in plan.refused]
    counts = dict.fromkeys(stops, 0)
    for stop_id in planned:
        counts[stop_id] = counts.get(stop_id, 0) + 1
    return (f"{stop_id} is planned {n} times" for stop_id, n in counts.items() if n != 1)
