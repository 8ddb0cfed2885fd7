"""How a drive ends: once each ticket has, and again for whatever is told after that.

Totals are never added to: they are counted anew from the visits, and the drive takes them by one
compare-and-set where they know more than its own. Only then are those visits marked as counted: a
crash in between counts again, and a visit that came meanwhile stays uncounted, and is found.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from services.collection.application.drive_desk import DriveDesk
from services.collection.domain.drive import Drive
from services.collection.domain.drive_states import ENDED, DriveState
from services.collection.domain.tickets import TicketState
from services.collection.domain.totals import DriveTotals, totals_of
from services.collection.domain.visit import Visit
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Stale

A_ROUND = 200


@dataclass(frozen=True, slots=True)
class Counted:
    """Totals, and the visits that are in them, as they were at one instant."""

    totals: DriveTotals
    visits: tuple[Visit, ...]


def count_visits(drive_id: str, *, desk: DriveDesk) -> Counted:
    """Add up what is told of a drive by now."""
    visits = tuple(desk.search.visits_of(drive_id))
    return Counted(totals_of(visits), visits)


def mark_counted(drive_id: str, counted: Counted, *, desk: DriveDesk) -> None:
    """Mark visits as counted if the drive's totals have them; may be repeated.

    Counts are taken at one instant each and what is told only grows, so that totals which know as
    much know the same.
    """
    if desk.drives.get(drive_id).state.totals.told >= counted.totals.told:
        desk.search.mark_counted(counted.visits)


def finish_all(*, desk: DriveDesk) -> int:
    """Close what can be closed, revise what has to be; return how many drives were looked at."""
    closing = desk.search.closing(limit=A_ROUND)
    for drive in closing:
        finish(drive.drive_id, desk=desk)
    late = desk.search.with_uncounted(limit=A_ROUND)
    for drive in late:
        revise(drive.drive_id, desk=desk)
    return len(closing) + len(late)


def finish(drive_id: str, *, desk: DriveDesk) -> None:
    """Close a closing drive if each of its tickets is used, void or expired; may be repeated.

    The book is sealed first, so that the tickets to wait for are known for good.
    """
    now = desk.clock.now()
    book = desk.tickets.seal(drive_id)
    desk.reached("drive.finish.sealed")
    counted = count_visits(drive_id, desk=desk)
    used = {visit.ticket for visit in counted.visits}
    if not book.counts(used=used, now=now)[TicketState.LEASED]:
        _take(drive_id, counted, lambda drive: _finished(drive, counted.totals, now), desk=desk)


def revise(drive_id: str, *, desk: DriveDesk) -> None:
    """Give a drive that has ended the totals of all visits by now; may be repeated."""
    now = desk.clock.now()
    counted = count_visits(drive_id, desk=desk)
    _take(drive_id, counted, lambda drive: drive.revise(counted.totals, now=now), desk=desk)


def follow(drive_id: str, *, desk: DriveDesk) -> None:
    """Do at once what a visit asks for that was told at the end, or after it."""
    state = desk.drives.get(drive_id).state.state
    if state is DriveState.CLOSING:
        finish(drive_id, desk=desk)
    elif state in ENDED:
        revise(drive_id, desk=desk)


def _take(
    drive_id: str,
    counted: Counted,
    decide: Callable[[Drive], Decision[Drive] | None],
    *,
    desk: DriveDesk,
) -> None:
    def decided(drive: Drive) -> Decision[Drive]:
        decision = decide(drive)
        if decision is None:
            raise Stale("drive.counted", "there is nothing to change")
        return decision

    with suppress(Stale):
        desk.drives.change(drive_id, decided)
    desk.reached("drive.totals.decided")
    mark_counted(drive_id, counted, desk=desk)
    desk.reached("drive.totals.marked")


def _finished(drive: Drive, totals: DriveTotals, now: datetime) -> Decision[Drive] | None:
    return drive.finish(totals, now=now) if drive.state is DriveState.CLOSING else None
