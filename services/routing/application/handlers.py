"""Commands on fleet and plans, and events about pickups."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from services.routing.application.ports import Days, Plans, Sites, Unloadings, Vehicles
from services.routing.domain.day import PlanDay
from services.routing.domain.fleet import (
    CAPACITY_G_MAX,
    FleetVehicle,
    Site,
    check_opening,
    site_key,
)
from services.routing.domain.plan import Plan, PlanState, Unloading
from services.routing.domain.stop import PickupStop, StopState
from shared.kernel.aggregate import Decision, Request, Stored
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict, Invalid

SOLVE_TIME_S_MAX = 120


def register_site(site: Site, *, sites: Sites, request: Request[Site]) -> Stored[Site]:
    """Register a depot or facility; its id is used once."""
    check_opening(site.opens, site.closes)
    return sites.create(site.key, Decision(site), request=request)


def register_vehicle(
    vehicle: FleetVehicle, *, vehicles: Vehicles, sites: Sites, request: Request[FleetVehicle]
) -> Stored[FleetVehicle]:
    """Register a vehicle at a registered depot; its id is used once."""
    check_opening(vehicle.shift_start, vehicle.shift_end)
    if not 0 < vehicle.capacity_g <= CAPACITY_G_MAX:
        raise Invalid("routing.capacity", "a vehicle carries 1 g to 49 t")
    sites.get(site_key("depot", vehicle.depot_id))  # NotFound where it is not registered
    return vehicles.create(vehicle.vehicle_id, Decision(vehicle), request=request)


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """A plan of one day is wanted."""

    plan_id: str
    service_day: date
    solve_time_s: int
    seed: int


def request_plan(
    cmd: RequestPlan, *, plans: Plans, clock: Clock, request: Request[Plan]
) -> Stored[Plan]:
    """Ask for a plan; the worker's planner solves it."""
    if not 1 <= cmd.solve_time_s <= SOLVE_TIME_S_MAX:
        raise Invalid("routing.solve_time", f"a plan is solved in 1 to {SOLVE_TIME_S_MAX} s")
    plan = Plan(
        cmd.plan_id,
        cmd.service_day,
        cmd.solve_time_s,
        cmd.seed,
        PlanState.REQUESTED,
        requested_at=clock.now(),
    )
    return plans.create(cmd.plan_id, Decision(plan), request=request)


def publish_plan(plan_id: str, *, plans: Plans, days: Days, request: Request[Plan]) -> Stored[Plan]:
    """Publish; its version is above those of the day's plans so far.

    The day's document decides the version first, so that two publications never have the same.
    """
    plan = plans.get(plan_id).state
    version = _version(plan, days=days) if plan.state is PlanState.SOLVED else 0
    return plans.change(plan_id, lambda held: held.publish(plan_version=version), request=request)


def _version(plan: Plan, *, days: Days) -> int:
    name = plan.service_day.isoformat()
    with suppress(Conflict):  # the day is known already
        days.create(name, Decision(PlanDay(plan.service_day)))
    day = days.change(name, lambda held: Decision(held.publishing(plan.plan_id))).state
    return day.version_of(plan.plan_id)


def record_unloading(
    unloading: Unloading,
    *,
    plans: Plans,
    unloadings: Unloadings,
    request: Request[Unloading],
) -> Stored[Unloading]:
    """Record that a trip's load was put down: the plan decides first, then it is reported."""
    plans.change(unloading.plan_id, lambda plan: plan.unload(unloading))
    return unloadings.create(
        unloading.unloading_id, Decision(unloading, (unloading,)), request=request
    )


def on_booked(held: PickupStop | None, booked: PickupStop) -> Decision[PickupStop] | None:
    """Take a booking or its newer version."""
    taken = booked if held is None else held.booked(booked)
    return Decision(taken) if taken is not None else None


def on_over(
    state: StopState,
) -> Callable[[PickupStop | None, PickupStop], Decision[PickupStop] | None]:
    """Return what notes that no visit is needed, also for a pickup whose booking is awaited."""

    def over(held: PickupStop | None, unknown: PickupStop) -> Decision[PickupStop] | None:
        taken = (held or unknown).over(state)
        return Decision(taken) if taken is not None else None

    return over
