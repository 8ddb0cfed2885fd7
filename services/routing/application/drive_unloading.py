"""Unloading what a drive collected."""

from contextlib import suppress
from functools import partial
from typing import Protocol

from services.routing.application.ports import Sites, Vehicles
from services.routing.domain.drive_load import DriveLoad, DriveUnloading
from services.routing.domain.fleet import site_key
from shared.kernel.aggregate import Aggregates, Decision, Request, Stored
from shared.kernel.errors import Conflict, NotFound


class DriveLoads(Aggregates[DriveLoad], Protocol):
    """Loads by their drive."""


def unload_drive(
    unloading: DriveUnloading,
    *,
    collector_id: str | None,
    loads: DriveLoads,
    vehicles: Vehicles,
    sites: Sites,
    request: Request[DriveLoad],
) -> Stored[DriveLoad]:
    """Record that a drive's lots were put down; `collector_id` None is the city.

    `NotFound` (vehicle.not_found, site.not_found), `Invalid` (routing.not_of_this_drive),
    `Conflict` (routing.already_unloaded).
    """
    vehicle = vehicles.get(unloading.vehicle_id).state
    if collector_id not in (None, vehicle.collector_id):
        raise NotFound("vehicle.not_found", "there is no such vehicle")
    sites.get(site_key("facility", unloading.facility_id))
    with suppress(Conflict):  # the drive was unloaded before
        loads.create(unloading.drive_id, Decision(DriveLoad(unloading.drive_id)))
    put_down = partial(DriveLoad.unload, unloading=unloading)
    return loads.change(unloading.drive_id, put_down, request=request)
