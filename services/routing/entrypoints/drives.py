"""The route by which crews unload what a drive collected."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from services.routing.application.drive_unloading import DriveLoads, unload_drive
from services.routing.application.ports import Sites, Vehicles
from services.routing.domain.drive_load import DriveLoad, DriveUnloading
from shared.contracts.topic import Grams, OpaqueId
from shared.http.body import Body, Instant, View
from shared.http.idempotency import KeyedCall, keyed
from shared.kernel.aggregate import Stored
from shared.kernel.clock import to_millisecond

CrewCall = Annotated[KeyedCall, Depends(keyed("collector", "operator", own=["collector"]))]


@dataclass(frozen=True, slots=True)
class DriveYard:
    """What the route works with."""

    loads: DriveLoads
    vehicles: Vehicles
    sites: Sites


class DriveUnloadingBody(Body):
    """The lots of these visits are put down; `weighbridge_g` is the facility's own scale."""

    vehicle_id: OpaqueId
    facility_id: OpaqueId
    visit_ids: Annotated[list[OpaqueId], Field(min_length=1, max_length=1_000)]
    weighbridge_g: Grams | None = None
    unloaded_at: Instant


class DriveUnloadingView(View):
    """A recorded unloading, the drive's latest."""

    unloading_id: str
    drive_id: str
    facility_id: str
    visits: int


def drives_router(yard: DriveYard) -> APIRouter:
    """Return the route. A collector unloads the own vehicle only."""
    router = APIRouter(prefix="/v1/drives", tags=["tours"])

    @router.post("/{drive_id}/unloadings", status_code=201, response_model=DriveUnloadingView)
    def unload(drive_id: OpaqueId, body: DriveUnloadingBody, call: CrewCall) -> Response:
        unloading = DriveUnloading(
            unloading_id=call.derived_id(),
            drive_id=drive_id,
            vehicle_id=body.vehicle_id,
            facility_id=body.facility_id,
            visit_ids=tuple(dict.fromkeys(body.visit_ids)),
            weighbridge_g=body.weighbridge_g,
            unloaded_at=to_millisecond(body.unloaded_at),
        )
        is_city = call.caller.has("operator")
        recorded = unload_drive(
            unloading,
            collector_id=None if is_city else call.caller.subject,
            loads=yard.loads,
            vehicles=yard.vehicles,
            sites=yard.sites,
            request=call.request(201, _view),
        )
        return call.respond(recorded)

    return router


def _view(stored: Stored[DriveLoad]) -> DriveUnloadingView:
    latest = stored.state.unloadings[-1]
    return DriveUnloadingView(
        unloading_id=latest.unloading_id,
        drive_id=latest.drive_id,
        facility_id=latest.facility_id,
        visits=len(latest.visit_ids),
    )
