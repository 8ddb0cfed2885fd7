"""One day's planning problem and its solution, in seconds of the day and metres. Pure.

Distances are straight lines times a detour, until a road engine replaces them. 1.35 is within the
1.2 to 1.4 that studies of cities report; 22 km/h is an urban collection vehicle between stops.
"""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_M = 6_371_009
DETOUR_PERCENT = 135
SPEED_M_PER_H = 22_000
DAY_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Spot:
    """A point, WGS84 degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Stop:
    """A pickup to visit within [start_s, end_s); `hazardous` asks for a licensed vehicle."""

    stop_id: str
    spot: Spot
    mass_g: int
    hazardous: bool
    start_s: int
    end_s: int
    service_s: int


@dataclass(frozen=True, slots=True)
class Facility:
    """Where loads are put down, between `opens_s` and `closes_s`."""

    facility_id: str
    spot: Spot
    service_s: int
    opens_s: int
    closes_s: int


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle with its shift; it begins and ends at its depot."""

    vehicle_id: str
    depot: Spot
    capacity_g: int
    licensed: bool
    start_s: int
    end_s: int


@dataclass(frozen=True, slots=True)
class Problem:
    """All of one day."""

    stops: tuple[Stop, ...]
    vehicles: tuple[Vehicle, ...]
    facilities: tuple[Facility, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """A stop in a tour; `eta_s` is when service begins, `trip` counts unloadings, from 1."""

    stop_id: str
    trip: int
    eta_s: int


@dataclass(frozen=True, slots=True)
class Tour:
    """A vehicle's day. It unloads at `facility_id` after each trip, then goes home."""

    vehicle_id: str
    facility_id: str
    start_s: int
    end_s: int
    distance_m: int
    visits: tuple[Visit, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A stop that no tour takes, and why."""

    stop_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class DayPlan:
    """The solution: each stop once, in a tour or refused."""

    tours: tuple[Tour, ...]
    refused: tuple[Refusal, ...]


def distance_m(start: Spot, end: Spot) -> int:
    """Return the driving distance: the great circle (haversine) times the detour, in metres."""
    lat1, lat2 = radians(start.latitude), radians(end.latitude)
    half_lat = sin((lat2 - lat1) / 2)
    half_lon = sin(radians(end.longitude - start.longitude) / 2)
    chord = half_lat**2 + cos(lat1) * cos(lat2) * half_lon**2
    return round(2 * EARTH_RADIUS_M * asin(sqrt(min(1.0, chord))) * DETOUR_PERCENT / 100)


def travel_s(metres: int) -> int:
    """Return how long a distance takes, in whole seconds, rounded up."""
    return -(-metres * 3600 // SPEED_M_PER_H)


def nearest_facility(problem: Problem, spot: Spot) -> Facility:
    """Return the facility that is nearest to a point, by distance, then id."""
    return min(problem.facilities, key=lambda each: (distance_m(spot, each.spot), each.facility_id))


def obvious_refusals(problem: Problem) -> dict[str, str]:
    """Return the stops that no vehicle can ever take, with the rule that says so."""
    if not problem.facilities or not problem.vehicles:
        return {stop.stop_id: "routing.no_vehicle" for stop in problem.stops}
    licensed = [vehicle for vehicle in problem.vehicles if vehicle.licensed]
    refused = {}
    for stop in problem.stops:
        able = licensed if stop.hazardous else list(problem.vehicles)
        if not able:
            refused[stop.stop_id] = "routing.no_licensed_vehicle"
        elif stop.mass_g > max(vehicle.capacity_g for vehicle in able):
            refused[stop.stop_id] = "routing.over_capacity"
        elif stop.end_s <= stop.start_s:
            refused[stop.stop_id] = "routing.no_time"
    return refused
