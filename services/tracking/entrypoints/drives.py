"""The API of drives' totals: what a drive said, beside what its visits posted."""

from datetime import datetime

from fastapi import APIRouter

from services.tracking.adapters.mongo_drives import MongoDrives
from services.tracking.domain.amounts import Amounts
from services.tracking.entrypoints.container_views import AmountView
from shared.contracts.topic import OpaqueId
from shared.http.auth import Watcher
from shared.http.body import View
from shared.kernel.errors import NotFound


class DriveComparisonView(View):
    """A drive's totals and the ledger, by material. `difference` is told less posted, if any.

    Totals are compared and never posted. They follow what is told late: look again before acting.
    """

    drive_id: str
    revision: int
    told_at: datetime
    told: list[AmountView]
    posted: list[AmountView]
    difference: list[AmountView]


def drives_router(drives: MongoDrives) -> APIRouter:
    """Return the route that compares a drive's totals with the ledger."""
    routes = APIRouter(prefix="/v1/drives", tags=["stock"])

    @routes.get("/{drive_id}/comparison")
    def compare(drive_id: OpaqueId, caller: Watcher) -> DriveComparisonView:
        told = drives.told.get(drive_id).state
        if not told.community_code.startswith(caller.area_code or ""):
            raise NotFound("drive.not_found", "there is no such thing")
        posted = drives.posted(drive_id)
        return DriveComparisonView(
            drive_id=drive_id,
            revision=told.revision,
            told_at=told.told_at,
            told=_amounts(told.collected),
            posted=_amounts(posted),
            difference=_amounts(told.difference(posted)),
        )

    return routes


def _amounts(amounts: Amounts) -> list[AmountView]:
    return [AmountView.model_validate(each, from_attributes=True) for each in amounts]
