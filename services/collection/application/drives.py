"""Commands on drives: plan, announce, appoint, open, close, abort, cancel."""

from dataclasses import dataclass
from datetime import datetime

from services.collection.application.drive_desk import Crew, DriveDesk
from services.collection.application.drive_ending import count_visits, finish, mark_counted
from services.collection.domain.drive import (
    CITY,
    COLLECTOR,
    Drive,
    Terms,
    check_terms,
    check_window,
)
from services.collection.domain.drive_states import DriveState
from shared.kernel.aggregate import Decision, Request, Stored


@dataclass(frozen=True, slots=True)
class PlanDrive:
    """A drive at a site, in [window_start, window_end)."""

    drive_id: str
    site_id: str
    terms: Terms
    window_start: datetime
    window_end: datetime
    series_id: str | None = None


def plan_drive(cmd: PlanDrive, *, desk: DriveDesk, request: Request[Drive] | None) -> Stored[Drive]:
    """Plan a drive; `NotFound` (site.not_found, campaign.not_found), `Invalid` (drive.…)."""
    check_terms(cmd.terms)
    check_window(cmd.window_start, cmd.window_end)
    site = desk.sites.get(cmd.site_id).state
    if cmd.terms.campaign_id is not None:
        desk.campaigns.get(cmd.terms.campaign_id)
    drive = Drive(
        drive_id=cmd.drive_id,
        site=site,
        terms=cmd.terms,
        window_start=cmd.window_start,
        window_end=cmd.window_end,
        state=DriveState.PLANNED,
        collector_id=cmd.terms.collector_id,
        planned_at=desk.clock.now(),
        series_id=cmd.series_id,
    )
    return desk.drives.create(cmd.drive_id, Decision(drive), request=request)


def announce_drive(drive_id: str, *, desk: DriveDesk, request: Request[Drive]) -> Stored[Drive]:
    """Let everybody know before the worker does."""
    now = desk.clock.now()
    return desk.drives.change(drive_id, lambda d: d.announce(now=now), request=request)


def appoint_collector(
    drive_id: str, collector_id: str, *, desk: DriveDesk, request: Request[Drive]
) -> Stored[Drive]:
    """Name another collector, until somebody opened the drive."""
    now = desk.clock.now()
    return desk.drives.change(drive_id, lambda d: d.appoint(collector_id, now=now), request=request)


def open_drive(
    drive_id: str, crew: Crew, *, at: datetime, desk: DriveDesk, request: Request[Drive]
) -> Stored[Drive]:
    """Open it; only the named collector can (`Forbidden`, drive.not_named), or the city for him.

    A phone may tell it late, and its clock be ahead: it was opened by now.
    """
    opened_at = min(at, desk.clock.now())

    def decide(drive: Drive) -> Decision[Drive]:
        crew.check(drive)
        return drive.open(drive.collector_id if crew.is_staff else crew.subject, at=opened_at)

    return desk.drives.change(drive_id, decide, request=request)


def close_drive(
    drive_id: str, crew: Crew, *, desk: DriveDesk, request: Request[Drive]
) -> Stored[Drive]:
    """Take no more visitors; it is closed once each leased ticket has ended."""
    now = desk.clock.now()

    def decide(drive: Drive) -> Decision[Drive]:
        crew.check(drive)
        return drive.close(by=CITY if crew.is_staff else COLLECTOR, now=now)

    closing = desk.drives.change(drive_id, decide, request=request)
    desk.reached("drive.close.decided")
    finish(drive_id, desk=desk)
    return closing


def abort_drive(
    drive_id: str, reason: str, *, crew: Crew, desk: DriveDesk, request: Request[Drive]
) -> Stored[Drive]:
    """End it before its time, with what was collected by now; later visits revise the totals."""
    now = desk.clock.now()
    counted = count_visits(drive_id, desk=desk)

    def decide(drive: Drive) -> Decision[Drive]:
        crew.check(drive)
        return drive.abort(reason, counted.totals, now=now)

    aborted = desk.drives.change(drive_id, decide, request=request)
    mark_counted(drive_id, counted, desk=desk)
    return aborted


def cancel_drive(
    drive_id: str, reason: str, *, desk: DriveDesk, request: Request[Drive]
) -> Stored[Drive]:
    """Call it off before its begin."""
    now = desk.clock.now()
    return desk.drives.change(drive_id, lambda d: d.cancel(reason, now=now), request=request)
