"""Volumes' API: hours, legal days, and the live tile of today."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from services.volumes.adapters.mongo_live import MongoLive
from services.volumes.application import handlers
from services.volumes.application.ports import Volume, Volumes
from shared.http.access import ROLES
from shared.http.auth import Caller, Watcher, role
from shared.http.body import Day, Instant, View
from shared.kernel.clock import Clock, legal_day
from shared.kernel.errors import Forbidden

Reader = Annotated[Caller, Depends(role(*ROLES, area=["regulator"]))]
LiveReader = Annotated[Caller, Depends(role("operator", "regulator", area=["regulator"]))]
AreaCode = Annotated[str, Field(pattern="^[0-9]{2,12}$")]


@dataclass(frozen=True, slots=True)
class Office:
    """What the API works with."""

    volumes: Volumes
    live: MongoLive
    clock: Clock
    books: Callable[[], dict[str, Any]]


class VolumeView(View):
    """Grams and lots of one material and grade, from `start` on for an hour or a legal day."""

    community_code: str
    start: datetime
    material: str
    grade: str
    mass_g: int
    lots: int


class VolumesView(View):
    """All volumes of the question, by community and time."""

    items: list[VolumeView]


class LiveView(View):
    """Today's grams by community; a moment old, reconciled every ten seconds."""

    day: date
    at: datetime | None
    mass_g: dict[str, int]


def router(office: Office) -> APIRouter:
    """Return volumes' routes. An area is a prefix of the division code, 2 to 12 digits."""
    routes = APIRouter(prefix="/v1", tags=["volumes"])

    @routes.get("/volumes/hourly")
    def hourly(
        area_code: AreaCode,
        start: Annotated[Instant, Query(alias="from")],
        end: Annotated[Instant, Query(alias="to")],
        caller: Reader,
    ) -> VolumesView:
        _check_area(caller, area_code)
        found = handlers.volumes_by_hour(area_code, start=start, end=end, volumes=office.volumes)
        return VolumesView(items=[_view(each) for each in found])

    @routes.get("/volumes/daily")
    def daily(
        area_code: AreaCode,
        first: Annotated[Day, Query(alias="from")],
        last: Annotated[Day, Query(alias="to")],
        caller: Reader,
    ) -> VolumesView:
        _check_area(caller, area_code)
        found = handlers.volumes_by_day(area_code, first=first, last=last, volumes=office.volumes)
        return VolumesView(items=[_view(each) for each in found])

    @routes.get("/live")
    def live(caller: LiveReader) -> LiveView:
        today = legal_day(office.clock.now())
        mass_g, at = office.live.of(today)
        area = _area_of(caller)
        seen = {code: held for code, held in mass_g.items() if code.startswith(area)}
        return LiveView(day=today, at=at, mass_g=seen)

    @routes.get("/reconciliation")
    def reconciliation(_caller: Watcher) -> dict[str, Any]:
        return office.books()

    return routes


def _check_area(caller: Caller, area_code: str) -> None:
    """A regulator sees the own division only; volumes of whole communities are not personal."""
    if not area_code.startswith(_area_of(caller)):
        raise Forbidden("volumes.area", "this area is not the caller's")


def _area_of(caller: Caller) -> str:
    """Return the prefix that a regulator's token narrows to; others see every area."""
    return (caller.area_code or "") if caller.has("regulator") else ""


def _view(volume: Volume) -> VolumeView:
    return VolumeView.model_validate(volume, from_attributes=True)
