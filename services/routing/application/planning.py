"""Making a day plan: gather, solve, translate back into instants and pickups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from services.routing.application.ports import Cells, Plans, Search, Solver
from services.routing.domain.fleet import FleetVehicle, Site, clock_s, site_key
from services.routing.domain.plan import Plan, PlannedStop, PlannedTour, RefusedStop
from services.routing.domain.problem import DayPlan, Facility, Problem, Stop, Tour, Vehicle
from services.routing.domain.stop import PickupStop
from shared.kernel.clock import at_local
from shared.kernel.errors import Invalid, Rejected, Unavailable
from shared.kernel.ids import derived_id

# Ringing, carrying, weighing and grading at a door; a figure of the trade, to be learnt per city.
SERVICE_S = 240
STOPS_MAX = 5_000
NO_SOLVER = "routing.solver"


@dataclass(frozen=True, slots=True)
class Office:
    """What planning works with."""

    plans: Plans
    search: Search
    solver: Solver
    cells: Cells


def solve_requested(*, office: Office) -> int:
    """Solve the plans that wait; return how many did. May be repeated from any point.

    A plan on which the solver dies holds up no other: after three times it has failed.
    """
    waiting = office.search.requested_plans()
    for stored in waiting:
        try:
            _solve(stored.state, office=office)
        except Rejected as no:
            office.plans.change(stored.id, partial(Plan.failed, code=no.code))
        except Unavailable as away:
            if away.code != NO_SOLVER:
                raise
            office.plans.change(stored.id, partial(Plan.attempted, code=away.code))
    return len(waiting)


def _solve(plan: Plan, *, office: Office) -> None:
    stops = office.search.open_stops(plan.service_day)
    if len(stops) > STOPS_MAX:
        raise Invalid("routing.too_many_stops", f"a day has at most {STOPS_MAX} stops")
    vehicles, sites = office.search.fleet()
    problem = problem_of(stops, vehicles, sites, day=plan.service_day, cells=office.cells)
    found = office.solver.solve(problem, solve_time_s=plan.solve_time_s, seed=plan.seed)
    known = {stop.pickup_id: stop for stop in stops}
    by_id = {vehicle.vehicle_id: vehicle for vehicle in vehicles}
    tours = tuple(_tour(plan, tour, known, vehicles=by_id) for tour in found.tours)
    refused = _refused(found, known)
    office.plans.change(plan.plan_id, lambda held: held.solved(tours, refused))


def problem_of(
    stops: Sequence[PickupStop],
    vehicles: Sequence[FleetVehicle],
    sites: Mapping[str, Site],
    *,
    day: date,
    cells: Cells,
) -> Problem:
    """Return the day's problem, in seconds since the day's midnight in Shanghai."""
    midnight = at_local(day, time())
    return Problem(
        stops=tuple(_stop(stop, midnight, cells) for stop in stops),
        vehicles=tuple(_vehicle(each, sites) for each in vehicles),
        facilities=tuple(
            Facility(
                site.site_id, site.spot, site.service_s, clock_s(site.opens), clock_s(site.closes)
            )
            for _, site in sorted(sites.items())
            if site.kind == "facility"
        ),
    )


def _stop(stop: PickupStop, midnight: datetime, cells: Cells) -> Stop:
    if stop.window_start is None or stop.window_end is None:
        raise AssertionError("an open stop has a window")
    return Stop(
        stop_id=stop.pickup_id,
        spot=cells.centre(stop.cell),
        mass_g=stop.mass_g,
        hazardous=stop.hazardous,
        start_s=int((stop.window_start - midnight).total_seconds()),
        end_s=int((stop.window_end - midnight).total_seconds()),
        service_s=SERVICE_S,
    )


def _vehicle(vehicle: FleetVehicle, sites: Mapping[str, Site]) -> Vehicle:
    depot = sites.get(site_key("depot", vehicle.depot_id))
    if depot is None:
        raise Invalid("routing.no_depot", "a vehicle's depot is not registered")
    return Vehicle(
        vehicle_id=vehicle.vehicle_id,
        depot=depot.spot,
        capacity_g=vehicle.capacity_g,
        licensed=vehicle.licensed,
        start_s=clock_s(vehicle.shift_start),
        end_s=clock_s(vehicle.shift_end),
    )


def _tour(
    plan: Plan,
    tour: Tour,
    known: Mapping[str, PickupStop],
    *,
    vehicles: Mapping[str, FleetVehicle],
) -> PlannedTour:
    midnight = at_local(plan.service_day, time())
    vehicle = vehicles[tour.vehicle_id]
    return PlannedTour(
        tour_id=derived_id("tour", plan.plan_id, tour.vehicle_id),
        vehicle_id=tour.vehicle_id,
        collector_id=vehicle.collector_id,
        depot_id=vehicle.depot_id,
        facility_id=tour.facility_id,
        starts_at=midnight + timedelta(seconds=tour.start_s),
        ends_at=midnight + timedelta(seconds=tour.end_s),
        distance_m=tour.distance_m,
        stops=tuple(
            PlannedStop(
                pickup_id=visit.stop_id,
                community_code=known[visit.stop_id].community_code,
                cell=known[visit.stop_id].cell,
                position=position,
                trip=visit.trip,
                eta=midnight + timedelta(seconds=visit.eta_s),
            )
            for position, visit in enumerate(tour.visits, start=1)
        ),
        shift_ends_at=midnight + timedelta(seconds=clock_s(vehicle.shift_end)),
    )


def _refused(found: DayPlan, known: Mapping[str, PickupStop]) -> tuple[RefusedStop, ...]:
    return tuple(
        RefusedStop(each.stop_id, known[each.stop_id].community_code, each.reason)
        for each in found.refused
    )
