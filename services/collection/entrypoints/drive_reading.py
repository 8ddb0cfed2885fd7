"""What the API tells of drives: single ones, lists, totals, tickets.

Who may see what is part of each query. Drives are public from their announcement on.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from services.collection.adapters.drive_lists import MongoDriveLists, WantedDrives
from services.collection.application.drive_desk import Crew, DriveDesk
from services.collection.application.drive_ending import count_visits
from services.collection.domain.drive import Drive
from services.collection.domain.drive_states import ENDED, DriveState
from services.collection.entrypoints import drive_views
from services.collection.entrypoints.drive_access import CrewReader, DriveReader, OwnDrivesReader
from shared.contracts.topic import CommunityCode, OpaqueId
from shared.http.auth import Caller
from shared.http.body import Day
from shared.http.paging import Cursor, Limit, Page, decode_cursor, encode_cursor, link_next
from shared.kernel.aggregate import Stored
from shared.kernel.clock import end_of_legal_day, legal_day
from shared.kernel.errors import Forbidden, Invalid, NotFound

MILLISECONDS = 1_000


@dataclass(frozen=True, slots=True)
class DriveFilter:
    """What a list of drives is narrowed to."""

    community_code: Annotated[CommunityCode | None, Query()] = None
    site_id: Annotated[str | None, Query(max_length=64)] = None
    campaign_id: Annotated[str | None, Query(max_length=64)] = None
    state: Annotated[str | None, Query(pattern="^[a-z]{1,16}$")] = None
    service_day: Day | None = None

    def wanted(self, caller: Caller) -> WantedDrives:
        """Return what is listed for the caller, with the caller's own limits inside."""
        first, end = _day(self.service_day) if self.service_day else (None, None)
        is_staff = caller.has("operator") or caller.has("regulator")
        return WantedDrives(
            community_code=self.community_code,
            site_id=self.site_id,
            campaign_id=self.campaign_id,
            state=self.state,
            first=first,
            end=end,
            area="" if caller.has("operator") else _area_of(caller),
            hides_planned=not is_staff,
            planned_of=caller.subject if caller.has("collector") else None,
        )


def drives_router(desk: DriveDesk, lists: MongoDriveLists) -> APIRouter:
    """Return the routes that read drives."""
    router = APIRouter(prefix="/v1", tags=["drives"])

    @router.get("/drives")
    def list_drives(
        request: Request,
        response: Response,
        caller: DriveReader,
        *,
        asked: Annotated[DriveFilter, Depends()],
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[drive_views.DriveView]:
        found = lists.page(asked.wanted(caller), behind=_behind(cursor), limit=limit + 1)
        following = None
        if len(found) > limit:
            last = found[limit - 1]
            begin_ms = int(last.state.window_start.timestamp() * MILLISECONDS)
            following = encode_cursor(begin_ms, last.id)
        link_next(request, response, following)
        return Page(items=[_seen_by(caller, each) for each in found[:limit]], next=following)

    @router.get("/my-drives")
    def my_drives(
        caller: OwnDrivesReader, service_day: Day | None = None
    ) -> Page[drive_views.DriveView]:
        first, end = _day(service_day or legal_day(desk.clock.now()))
        found = lists.of_collector(caller.subject, first=first, end=end)
        return Page(items=[drive_views.drive_view(each) for each in found])

    @router.get("/drives/{drive_id}")
    def get_drive(
        drive_id: OpaqueId, caller: DriveReader, response: Response
    ) -> drive_views.DriveView:
        stored = desk.drives.get(drive_id)
        check_visible(stored.state, caller)
        response.headers["ETag"] = f'"{stored.version}"'
        return _seen_by(caller, stored)

    return router


def progress_router(desk: DriveDesk) -> APIRouter:
    """Return the routes that tell how far a drive is: its sums, its tickets."""
    router = APIRouter(prefix="/v1", tags=["drives"])

    @router.get("/drives/{drive_id}/totals")
    def totals(drive_id: OpaqueId, caller: CrewReader) -> drive_views.TotalsView:
        drive = drive_of_crew(drive_id, caller, desk=desk)
        has_ended = drive.state in ENDED
        held = drive.totals if has_ended else count_visits(drive_id, desk=desk).totals
        return drive_views.totals_view(drive, held)

    @router.get("/drives/{drive_id}/tickets")
    def tickets(drive_id: OpaqueId, caller: CrewReader) -> drive_views.TicketsView:
        drive_of_crew(drive_id, caller, desk=desk)
        book = desk.tickets.book(drive_id)
        used = {visit.ticket for visit in desk.search.visits_of(drive_id)}
        counts = book.counts(used=used, now=desk.clock.now())
        return drive_views.tickets_view(book, {each.value: n for each, n in counts.items()})

    return router


def drive_of_crew(drive_id: str, caller: Caller, *, desk: DriveDesk) -> Drive:
    """Return the drive for its collector, the city and the area's regulator.

    Raises `NotFound` (drive.not_found) or `Forbidden` (drive.not_named, auth.role).
    """
    drive = desk.drives.get(drive_id).state
    check_visible(drive, caller)
    if caller.has("operator") or caller.has("regulator"):
        return drive
    if not caller.has("collector"):
        raise Forbidden("auth.role", "this needs another role")
    Crew(caller.subject, is_staff=False).check(drive)
    return drive


def check_visible(drive: Drive, caller: Caller) -> None:
    """Raise `NotFound` (drive.not_found) where the caller may not know of the drive."""
    is_staff = caller.has("operator") or caller.has("regulator")
    hidden = drive.state is DriveState.PLANNED and not is_staff
    if caller.has("regulator") and not caller.has("operator"):
        hidden = not drive.site.community_code.startswith(caller.area_code or "")
    if hidden and not drive.is_crew(caller.subject):
        raise NotFound("drive.not_found", "there is no such thing")


def _seen_by(caller: Caller, stored: Stored[Drive]) -> drive_views.DriveView:
    """Totals of a drive with few visitors would tell of each of them: they are for its crew."""
    view = drive_views.drive_view(stored)
    is_staff = caller.has("operator") or caller.has("regulator")
    if is_staff or (caller.has("collector") and stored.state.is_crew(caller.subject)):
        return view
    return view.model_copy(update={"totals": None})


def _area_of(caller: Caller) -> str:
    return (caller.area_code or "") if caller.has("regulator") else ""


def _day(day: Day) -> tuple[datetime, datetime]:
    return end_of_legal_day(day - timedelta(days=1)), end_of_legal_day(day)


def _behind(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    begin_ms, drive_id = decode_cursor(cursor, int, str)
    try:
        return datetime.fromtimestamp(int(begin_ms) / MILLISECONDS, UTC), str(drive_id)
    except (ValueError, OverflowError, OSError):
        raise Invalid("paging.cursor", "this cursor was never given") from None
