"""A day plan: asked for, solved, published as tours. And what was unloaded on a tour."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict, Invalid, NotFound

# One event names so many stops at most: with ids of 64 letters it stays far below 900 KiB.
REFUSED_AN_EVENT = 1_000
SOLVER_TRIES = 3


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
    """A vehicle's day. `shift_ends_at` is None where the plan was made before that was kept."""

    tour_id: str
    vehicle_id: str
    collector_id: str
    depot_id: str
    facility_id: str
    starts_at: datetime
    ends_at: datetime
    distance_m: int
    stops: tuple[PlannedStop, ...]
    shift_ends_at: datetime | None = None


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
    """The plan of one day. A later published plan of the day has a higher `plan_version`.

    `refused` are stops that the solver had no place for, `dropped` those that an earlier plan
    serves and this one does not know.
    """

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
    dropped: tuple[RefusedStop, ...] = ()
    attempts: int = 0

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

    def attempted(self, code: str) -> Decision["Plan"]:
        """Note that the solver ended without an answer; the third time there is no plan."""
        tried = replace(self, attempts=self.attempts + 1)
        return tried.failed(code) if tried.attempts >= SOLVER_TRIES else Decision(tried)

    def publish(self, *, plan_version: int) -> Decision["Plan"]:
        """Make it the day's plan: one event a tour, and those for what is refused."""
        if self.state is not PlanState.SOLVED:
            raise Conflict("routing.not_solved", f"a {self.state} plan is not published")
        published = replace(self, state=PlanState.PUBLISHED, plan_version=plan_version)
        tours = tuple(TourAssigned(published, tour) for tour in published.tours)
        return Decision(published, (*tours, *_refusals(published, self.refused, self.requested_at)))

    def drop(self, stops: Sequence[RefusedStop], *, at: datetime) -> Decision["Plan"]:
        """Report stops that an earlier plan serves and this one does not know, each once."""
        mentioned = self.mentioned()
        new = tuple(stop for stop in stops if stop.pickup_id not in mentioned)
        dropping = replace(self, dropped=(*self.dropped, *new))
        return Decision(dropping, tuple(_refusals(dropping, new, at)))

    def mentioned(self) -> frozenset[str]:
        """Return the pickups of which the plan has told anything."""
        toured = (stop.pickup_id for tour in self.tours for stop in tour.stops)
        return frozenset((*toured, *(s.pickup_id for s in (*self.refused, *self.dropped))))

    def unload(self, unloading: "Unloading") -> Decision["Plan"]:
        """Take the pickups of an unloading; taking them again for the same one is the same.

        Raises `Invalid` (routing.not_of_this_tour) where a pickup is not of the tour's trip,
        `Conflict` (routing.already_unloaded) where another unloading has one of them, and `Invalid`
        (idempotency.body_differs) where the same one had other pickups.
        """
        taken = UnloadedPickups(unloading.unloading_id, unloading.pickup_ids)
        if taken in self.unloaded:
            return Decision(self)
        if any(held.unloading_id == unloading.unloading_id for held in self.unloaded):
            raise Invalid("idempotency.body_differs", "this key was used for other pickups")
        tour = self.tour(unloading.tour_id)
        of_trip = {stop.pickup_id for stop in tour.stops if stop.trip == unloading.trip}
        if not set(unloading.pickup_ids) <= of_trip:
            raise Invalid("routing.not_of_this_tour", "a pickup is not of this tour's trip")
        done = {each for held in self.unloaded for each in held.pickup_ids}
        if done & set(unloading.pickup_ids):
            raise Conflict("routing.already_unloaded", "a pickup was put down before")
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
    """What a published plan could not serve, or part of it; the plan said so at an instant."""

    plan: Plan
    stops: tuple[RefusedStop, ...]
    at: datetime


def _refusals(plan: Plan, stops: Sequence[RefusedStop], at: datetime) -> Iterator[StopsRefused]:
    for begin in range(0, len(stops), REFUSED_AN_EVENT):
        yield StopsRefused(plan, tuple(stops[begin : begin + REFUSED_AN_EVENT]), at)


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
