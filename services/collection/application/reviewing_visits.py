"""After the scale at a drive: the household disputes, persons review, two of them correct."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from services.collection.application.drive_desk import Crew, DriveDesk
from services.collection.application.drive_ending import follow
from services.collection.domain.records import Proposal
from services.collection.domain.visit import Visit
from services.collection.domain.visiting import visit_id_of
from services.collection.domain.weighing import WeighedLot
from shared.kernel.aggregate import Request, Stored
from shared.kernel.clock import legal_day
from shared.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class ProposeCorrection:
    """A second look at the lots: the whole new list, and the revision that it supersedes."""

    drive_id: str
    ticket: int
    supersedes: int
    lots: tuple[WeighedLot, ...]
    reason: str


def propose_correction(
    cmd: ProposeCorrection, *, crew: Crew, desk: DriveDesk, request: Request[Visit]
) -> Stored[Visit]:
    """Propose new lots; nothing changes before a second person approves."""
    crew.check(desk.drives.get(cmd.drive_id).state)
    proposal = Proposal(cmd.supersedes, cmd.lots, cmd.reason, crew.subject, desk.clock.now())
    propose = partial(Visit.propose, proposal=proposal)
    return desk.visits.change(visit_id_of(cmd.drive_id, cmd.ticket), propose, request=request)


def weighed_day(drive_id: str, ticket: int, *, desk: DriveDesk) -> date:
    """Return the legal day of a visit, by which nominal masses are; today where there is none."""
    try:
        weighed_at = desk.visits.get(visit_id_of(drive_id, ticket)).state.weighing.weighed_at
    except NotFound:
        weighed_at = desk.clock.now()
    return legal_day(weighed_at)


@dataclass(frozen=True, slots=True)
class Approve:
    """A second person says that a proposal is right: the one of `proposed_at`, where it is told."""

    drive_id: str
    ticket: int
    supersedes: int
    approver: str
    proposed_at: datetime | None = None


def approve_correction(cmd: Approve, *, desk: DriveDesk, request: Request[Visit]) -> Stored[Visit]:
    """Approve; the author's own approval is `Forbidden` (visit.own_correction).

    Where the drive has ended its totals are revised by what follows.
    """
    approve = partial(
        Visit.approve,
        supersedes=cmd.supersedes,
        approver=cmd.approver,
        now=desk.clock.now(),
        proposed_at=cmd.proposed_at,
    )
    visit_id = visit_id_of(cmd.drive_id, cmd.ticket)
    approved = desk.visits.change(visit_id, approve, request=request)
    follow(cmd.drive_id, desk=desk)
    return approved


@dataclass(frozen=True, slots=True)
class Dispute:
    """A household does not agree with what the scale said."""

    drive_id: str
    ticket: int
    reason: str
    caller: str
    is_staff: bool


def dispute_visit(cmd: Dispute, *, desk: DriveDesk, request: Request[Visit]) -> Stored[Visit]:
    """Object, within 24 h; `NotFound` (visit.not_found) for anybody else's visit."""
    visit_id = visit_id_of(cmd.drive_id, cmd.ticket)
    visit = desk.visits.get(visit_id).state
    if not cmd.is_staff and visit.household_id not in desk.homes.of(cmd.caller):
        raise NotFound("visit.not_found", "there is no such thing")
    dispute = partial(Visit.dispute, reason=cmd.reason, now=desk.clock.now())
    return desk.visits.change(visit_id, dispute, request=request)


@dataclass(frozen=True, slots=True)
class Resolve:
    """A person looked at an open review."""

    drive_id: str
    ticket: int
    code: str
    resolution: str


def resolve_review(cmd: Resolve, *, desk: DriveDesk, request: Request[Visit]) -> Stored[Visit]:
    """Close a review; a dispute is closed so where the scale was right."""
    resolve = partial(Visit.resolve, code=cmd.code, resolution=cmd.resolution, now=desk.clock.now())
    return desk.visits.change(visit_id_of(cmd.drive_id, cmd.ticket), resolve, request=request)
