"""What routing's handlers need from the outside."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from services.routing.domain.day import PlanDay
from services.routing.domain.fleet import FleetVehicle, Site
from services.routing.domain.plan import Plan, Unloading
from services.routing.domain.problem import DayPlan, Problem, Spot
from services.routing.domain.stop import PickupStop
from shared.kernel.aggregate import Aggregates, Stored

Plans = Aggregates[Plan]
Days = Aggregates[PlanDay]
Unloadings = Aggregates[Unloading]
Sites = Aggregates[Site]
Vehicles = Aggregates[FleetVehicle]


class Solver(Protocol):
    """Makes a plan of a problem; blocks for about `solve_time_s`.

    Every solution keeps the rules of domain.drive; stops that do not fit are refused with a
    reason. Raises `Unavailable` (routing.solver) where it ends without an answer.
    """

    def solve(self, problem: Problem, *, solve_time_s: int, seed: int) -> DayPlan:
        """Return the plan."""


class Search(Protocol):
    """Reads that no single id answers."""

    def open_stops(self, service_day: date) -> Sequence[PickupStop]:
        """Return the pickups that need a visit on a day."""

    def fleet(self) -> tuple[Sequence[FleetVehicle], Mapping[str, Site]]:
        """Return all vehicles, and all depots and facilities by id."""

    def requested_plans(self) -> Sequence[Stored[Plan]]:
        """Return plans that wait for the solver, oldest first."""

    def due_days(self) -> Sequence[Stored[PlanDay]]:
        """Return days whose plans are to be compared, a bounded number."""

    def published_ids(self, service_day: date) -> Sequence[str]:
        """Return the ids of a day's published plans."""

    def plans_of_day(self, service_day: date) -> Sequence[Plan]:
        """Return a day's published plans, the newest first."""

    def plan_of_tour(self, tour_id: str) -> Plan:
        """Return the published plan with this tour, or raise `NotFound` (tour.not_found)."""


class Cells(Protocol):
    """H3 cells as points."""

    def centre(self, cell: str) -> Spot:
        """Return the centre of a cell; `Invalid` (routing.cell) where it is none."""
