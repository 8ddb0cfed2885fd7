"""recycling.route.events.v1: who goes where and when, and where the load was put down."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.topic import (
    Code,
    CommunityCode,
    Grams,
    Instant,
    OpaqueId,
    Payload,
    Topic,
)


class TourStop(Payload):
    """One visit of a tour, in driving order. `trip` counts the runs between unloadings, from 1."""

    pickup_id: OpaqueId
    community_code: CommunityCode
    position: int = Field(ge=1)
    trip: int = Field(ge=1)
    eta: Instant


class TourAssigned(Payload):
    """A vehicle's whole day. A later `plan_version` of the same `service_day` supersedes it.

    `ends_at` is when the plan has the vehicle home, `shift_ends_at` until when its crew works.
    """

    TYPE: ClassVar[str] = "recycling.route.tour-assigned.v1"
    plan_id: OpaqueId
    plan_version: int = Field(ge=1)
    tour_id: OpaqueId
    service_day: date
    vehicle_id: OpaqueId
    collector_id: OpaqueId
    depot_id: OpaqueId
    facility_id: OpaqueId
    starts_at: Instant
    ends_at: Instant
    shift_ends_at: Instant | None = None
    distance_m: int = Field(ge=0)
    stops: Annotated[tuple[TourStop, ...], Field(max_length=2000)]


class RefusedStop(Payload):
    """A pickup that no tour can take, and the rule that says so."""

    pickup_id: OpaqueId
    community_code: CommunityCode
    reason: Code = Field(
        description="routing.no_licensed_vehicle, routing.no_time, …; routing.not_in_plan where an "
        "earlier plan of the day serves it and this one does not know it"
    )


class StopsRefused(Payload):
    """Pickups that the plan has no place for. They stay open and may be planned again.

    Where there are many, several events name them, each pickup once. `stops-refused` with
    `routing.not_in_plan` may come some seconds after the plan's tours.
    """

    TYPE: ClassVar[str] = "recycling.route.stops-refused.v1"
    plan_id: OpaqueId
    plan_version: int = Field(ge=1)
    service_day: date
    stops: Annotated[tuple[RefusedStop, ...], Field(min_length=1, max_length=2000)]


class VehicleUnloaded(Payload):
    """A vehicle put its load down: the lots of these pickups are now at the facility.

    `weighbridge_g` is the facility's own scale; it may differ from the sum of the lots.
    """

    TYPE: ClassVar[str] = "recycling.route.vehicle-unloaded.v1"
    unloading_id: OpaqueId
    plan_id: OpaqueId
    tour_id: OpaqueId
    vehicle_id: OpaqueId
    facility_id: OpaqueId
    pickup_ids: Annotated[tuple[OpaqueId, ...], Field(max_length=2000)]
    weighbridge_g: Grams | None = None
    unloaded_at: Instant


class DriveUnloaded(Payload):
    """A vehicle put down what a drive collected: the lots of these visits are now at the facility.

    Keyed by the drive: it has no plan. `weighbridge_g` as in an unloading of a tour.
    """

    TYPE: ClassVar[str] = "recycling.route.drive-unloaded.v1"
    unloading_id: OpaqueId
    drive_id: OpaqueId
    vehicle_id: OpaqueId
    facility_id: OpaqueId
    visit_ids: Annotated[tuple[OpaqueId, ...], Field(min_length=1, max_length=2000)]
    weighbridge_g: Grams | None = None
    unloaded_at: Instant


TOPIC = Topic(
    name="recycling.route.events.v1",
    purpose="Day plans as tours, refused stops, and unloadings at facilities.",
    key="plan id; of a drive's unloadings the drive's id",
    ordering="all events of one plan, or drive, are in order",
    producer="routing",
    consumers=("collection", "tracking"),
    partitions=6,
    payloads=(TourAssigned, StopsRefused, VehicleUnloaded, DriveUnloaded),
)
