"""What routing's API takes and gives."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.routing.domain.fleet import FleetVehicle, Site
from services.routing.domain.plan import Plan, PlannedTour
from services.routing.domain.problem import Spot
from shared.contracts.topic import OpaqueId
from shared.http.body import Body, Day, Instant, View
from shared.kernel.aggregate import Stored

ClockTime = Annotated[str, StringConstraints(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class SiteBody(Body):
    """A depot or facility at a point (WGS84 degrees), open between two clock times."""

    id: OpaqueId
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    service_s: int = Field(default=0, strict=True, ge=0, le=4 * 3600)
    opens: ClockTime = "06:00"
    closes: ClockTime = "22:00"

    def to_site(self, kind: str) -> Site:
        """Return the site."""
        spot = Spot(round(self.latitude, 6), round(self.longitude, 6))
        return Site(self.id, kind, spot, self.service_s, self.opens, self.closes)


class VehicleBody(Body):
    """A vehicle with its shift (Shanghai) and its licences."""

    vehicle_id: OpaqueId
    depot_id: OpaqueId
    capacity_g: int = Field(strict=True, ge=1, le=49_000_000)
    licences: list[Literal["hazardous"]] = Field(default_factory=list, max_length=8)
    collector_id: OpaqueId
    shift_start: ClockTime = "07:00"
    shift_end: ClockTime = "19:00"

    def to_vehicle(self) -> FleetVehicle:
        """Return the vehicle."""
        return FleetVehicle(
            vehicle_id=self.vehicle_id,
            depot_id=self.depot_id,
            capacity_g=self.capacity_g,
            licences=tuple(sorted(set(self.licences))),
            collector_id=self.collector_id,
            shift_start=self.shift_start,
            shift_end=self.shift_end,
        )


class PlanBody(Body):
    """A plan of one day; the same seed and problem give the same plan on the same machine."""

    service_day: Day
    solve_time_s: int = Field(default=10, strict=True, ge=1, le=120)
    seed: int = Field(default=1, strict=True, ge=0, le=2**31 - 1)


class PublicationBody(Body):
    """Publish the plan as it was solved."""


class UnloadingBody(Body):
    """A trip's load was put down at the tour's facility."""

    trip: int = Field(strict=True, ge=1, le=100)
    pickup_ids: list[OpaqueId] = Field(min_length=1, max_length=1_000)
    weighbridge_g: int | None = Field(default=None, strict=True, ge=0, le=49_000_000)
    unloaded_at: Instant


class SiteView(View):
    """A registered depot or facility."""

    site_id: str
    kind: str


class VehicleView(View):
    """A registered vehicle."""

    vehicle_id: str
    depot_id: str
    capacity_g: int
    licences: list[str]
    collector_id: str
    shift_start: str
    shift_end: str


class PlanView(View):
    """How far a plan is, and its figures."""

    plan_id: str
    service_day: date
    state: str
    plan_version: int
    tours: int
    stops: int
    refused: int
    dropped: int
    distance_m: int
    failure: str | None = None


class StopView(View):
    """A visit: where (the cell's centre) and when."""

    pickup_id: str
    community_code: str
    cell: str
    position: int
    trip: int
    eta: datetime


class TourView(View):
    """A tour; `stops` only where one tour is asked for."""

    tour_id: str
    plan_id: str
    vehicle_id: str
    collector_id: str
    facility_id: str
    starts_at: datetime
    ends_at: datetime
    distance_m: int
    stop_count: int
    stops: list[StopView] | None = None


class ToursView(View):
    """The tours of a day."""

    items: list[TourView]


class UnloadingView(View):
    """A recorded unloading."""

    unloading_id: str
    tour_id: str
    facility_id: str
    trip: int
    pickups: int


def plan_view(stored: Stored[Plan]) -> PlanView:
    """Return the view of a plan."""
    plan = stored.state
    return PlanView(
        plan_id=plan.plan_id,
        service_day=plan.service_day,
        state=plan.state.value,
        plan_version=plan.plan_version,
        tours=len(plan.tours),
        stops=sum(len(tour.stops) for tour in plan.tours),
        refused=len(plan.refused),
        dropped=len(plan.dropped),
        distance_m=sum(tour.distance_m for tour in plan.tours),
        failure=plan.failure,
    )


def tour_view(plan: Plan, tour: PlannedTour, *, with_stops: bool) -> TourView:
    """Return the view of a tour."""
    stops = [StopView.model_validate(stop, from_attributes=True) for stop in tour.stops]
    return TourView(
        tour_id=tour.tour_id,
        plan_id=plan.plan_id,
        vehicle_id=tour.vehicle_id,
        collector_id=tour.collector_id,
        facility_id=tour.facility_id,
        starts_at=tour.starts_at,
        ends_at=tour.ends_at,
        distance_m=tour.distance_m,
        stop_count=len(tour.stops),
        stops=stops if with_stops else None,
    )
