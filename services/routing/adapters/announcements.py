"""Domain events become contract models here, and nowhere else."""

from datetime import datetime
from functools import singledispatch

from services.routing.domain import plan as domain
from services.routing.domain.drive_load import DriveUnloading
from shared.contracts import route as contract
from shared.contracts.codec import Envelope, encode
from shared.contracts.topic import Payload
from shared.observability.tracing import current

SOURCE = "greenloop/routing"


@singledispatch
def announce(event: object) -> Envelope:
    """Return the envelope of a domain event."""
    raise TypeError(f"no contract for {type(event).__name__}")


@announce.register
def _(event: domain.TourAssigned) -> Envelope:
    plan, tour = event.plan, event.tour
    payload = contract.TourAssigned(
        plan_id=plan.plan_id,
        plan_version=plan.plan_version,
        tour_id=tour.tour_id,
        service_day=plan.service_day,
        vehicle_id=tour.vehicle_id,
        collector_id=tour.collector_id,
        depot_id=tour.depot_id,
        facility_id=tour.facility_id,
        starts_at=tour.starts_at,
        ends_at=tour.ends_at,
        shift_ends_at=tour.shift_ends_at,
        distance_m=tour.distance_m,
        stops=tuple(
            contract.TourStop(
                pickup_id=stop.pickup_id,
                community_code=stop.community_code,
                position=stop.position,
                trip=stop.trip,
                eta=stop.eta,
            )
            for stop in tour.stops
        ),
    )
    return _of_plan(payload, plan.plan_id, subject=tour.tour_id, at=plan.requested_at)


@announce.register
def _(event: domain.StopsRefused) -> Envelope:
    plan = event.plan
    payload = contract.StopsRefused(
        plan_id=plan.plan_id,
        plan_version=plan.plan_version,
        service_day=plan.service_day,
        stops=tuple(
            contract.RefusedStop(
                pickup_id=stop.pickup_id, community_code=stop.community_code, reason=stop.reason
            )
            for stop in event.stops
        ),
    )
    return _of_plan(payload, plan.plan_id, subject=plan.plan_id, at=event.at)


@announce.register
def _(event: domain.Unloading) -> Envelope:
    payload = contract.VehicleUnloaded(
        unloading_id=event.unloading_id,
        plan_id=event.plan_id,
        tour_id=event.tour_id,
        vehicle_id=event.vehicle_id,
        facility_id=event.facility_id,
        pickup_ids=event.pickup_ids,
        weighbridge_g=event.weighbridge_g,
        unloaded_at=event.unloaded_at,
    )
    return _of_plan(payload, event.plan_id, subject=event.tour_id, at=event.unloaded_at)


@announce.register
def _(event: DriveUnloading) -> Envelope:
    payload = contract.DriveUnloaded(
        unloading_id=event.unloading_id,
        drive_id=event.drive_id,
        vehicle_id=event.vehicle_id,
        facility_id=event.facility_id,
        visit_ids=event.visit_ids,
        weighbridge_g=event.weighbridge_g,
        unloaded_at=event.unloaded_at,
    )
    return _of_plan(payload, event.drive_id, subject=event.unloading_id, at=event.unloaded_at)


def _of_plan(payload: Payload, plan_id: str, *, subject: str, at: datetime) -> Envelope:
    return encode(
        payload, key=plan_id, subject=subject, time=at, source=SOURCE, traceparent=current()
    )
