"""A day plan: asked for, solved, published as tours. And what was unloaded on a tour."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict, Invalid, NotFound


class PlanState(StrEnum):
    """How far a plan is."""

    REQUESTED = "requested"
    SOLVED = "solved"
    PUBLISHED = "published"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """A visit of a tour."""

    pickup_id: str
    community_code: str
    cell: str
    position: int
    trip: int
    eta: datetime


@dataclass(frozen=True, slots=True)
class PlannedTour:
    """A vehicle's day."""

    tour_id: str
    vehicle_id: str
    collector_id: str
    depot_id: str
    facility_id: str
    starts_at: datetime
    ends_at: datetime
    distance_m: int
    stops: tuple[PlannedStop, ...]


@dataclass(frozen=True, slots=True)
class RefusedStop:
    """A pickup that the plan could not serve."""

    pickup_id: str
    community_code: str
    reason: str


@dataclass(frozen=True, slots=True)
class UnloadedPickups:
    """Which pickups an unloading put down: each is put down once."""

    unloading_id: str
    pickup_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of one day. A later published plan of the day has a higher `plan_version`."""

    plan_id: str
    service_day: date
    solve_time_s: int
    seed: int
    state: PlanState
    requested_at: datetime
    plan_version: int = 0
    tours: tuple[PlannedTour, ...] = ()
    refused: tuple[RefusedStop, ...] = ()
    failure: str | None = None
    unloaded: tuple[UnloadedPickups, ...] = ()

    def solved(
        self, tours: tuple[PlannedTour, ...], refused: tuple[RefusedStop, ...]
    ) -> Decision["Plan"]:
        """Take the solver's result; one that came twice changes nothing."""
        if self.state is not PlanState.REQUESTED:
            return Decision(self)
        return Decision(replace(self, state=PlanState.SOLVED, tours=tours, refused=refused))

    def failed(self, code: str) -> Decision["Plan"]:
        """Note that there is no plan, and why."""
        if self.state is not PlanState.REQUESTED:
            return Decision(self)
        return Decision(replace(self, state=PlanState.FAILED, failure=code))

    def publish(self, *, plan_version: int) -> Decision["Plan"]:
        """Make it the day's plan: one event a tour, and one for what is refused."""
        if self.state is not PlanState.SOLVED:
            raise Conflict("routing.not_solved", f"a {self.state} plan is not published")
        published = replace(self, state=PlanState.PUBLISHED, plan_version=plan_version)
        events: list[object] = [TourAssigned(published, tour) for tour in published.tours]
        if published.refused:
            events.append(StopsRefused(published))
        return Decision(published, tuple(events))

    def unload(self, unloading: "Unloading") -> Decision["Plan"]:
        """Take the pickups of an unloading; taking them again for the same one is the same.

        Raises `Invalid` (routing.not_of_this_tour) where a pickup is not of the tour's trip, and
        `Conflict` (routing.already_unloaded) where another unloading has one of them.
        """
        if any(held.unloading_id == unloading.unloading_id for held in self.unloaded):
            return Decision(self)
        tour = self.tour(unloading.tour_id)
        of_trip = {stop.pickup_id for stop in tour.stops if stop.trip == unloading.trip}
        if not set(unloading.pickup_ids) <= of_trip:
            raise Invalid("routing.not_of_this_tour", "a pickup is not of this tour's trip")
        done = {each for held in self.unloaded for each in held.pickup_ids}
        if done & set(unloading.pickup_ids):
            raise Conflict("routing.already_unloaded", "a pickup was put down before")
        taken = UnloadedPickups(unloading.unloading_id, unloading.pickup_ids)
        return Decision(replace(self, unloaded=(*self.unloaded, taken)))

    def tour(self, tour_id: str) -> PlannedTour:
        """Return one tour, or raise `NotFound` (tour.not_found)."""
        for tour in self.tours:
            if tour.tour_id == tour_id:
                return tour
        raise NotFound("tour.not_found", "there is no such tour")


@dataclass(frozen=True, slots=True)
class TourAssigned:
    """A tour of a published plan."""

    plan: Plan
    tour: PlannedTour


@dataclass(frozen=True, slots=True)
class StopsRefused:
    """What a published plan could not serve."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class Unloading:
    """A load that was put down at the tour's facility."""

    unloading_id: str
    plan_id: str
    tour_id: str
    vehicle_id: str
    facility_id: str
    trip: int
    pickup_ids: tuple[str, ...]
    weighbridge_g: int | None
    unloaded_at: datetime
