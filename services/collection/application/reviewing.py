"""After the scale: the household confirms or disputes, persons review, two of them correct."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from services.collection.application.desk import Desk, owned
from services.collection.domain import judging
from services.collection.domain.pickup import RESIDENT, Pickup
from services.collection.domain.records import Proposal
from services.collection.domain.weighing import WeighedLot
from shared.kernel.aggregate import Decision, Request, Stored
from shared.kernel.clock import legal_day

STOOD_A_ROUND = 500


@dataclass(frozen=True, slots=True)
class Own:
    """A pickup as its household, or staff for it, asks about it."""

    pickup_id: str
    caller: str
    is_staff: bool


def confirm_weighing(cmd: Own, *, desk: Desk, request: Request[Pickup]) -> Stored[Pickup]:
    """Let the weigh-in stand; `Conflict` (collection.not_possible) where there is none."""
    now = desk.clock.now()
    return _change_own(cmd, lambda p: judging.confirm(p, by=RESIDENT, now=now), desk, request)


def dispute_weighing(
    cmd: Own, reason: str, *, desk: Desk, request: Request[Pickup]
) -> Stored[Pickup]:
    """Object to the weigh-in; `Conflict` (collection.too_late) after 24 h."""
    now = desk.clock.now()
    return _change_own(cmd, lambda p: judging.dispute(p, reason, now=now), desk, request)


def uphold_weighing(
    pickup_id: str, reason: str, *, desk: Desk, request: Request[Pickup]
) -> Stored[Pickup]:
    """Decide a dispute for the scale."""
    now = desk.clock.now()
    return desk.pickups.change(
        pickup_id, lambda p: judging.uphold(p, reason, now=now), request=request
    )


@dataclass(frozen=True, slots=True)
class ProposeCorrection:
    """A second look at the lots: the whole new list, and the revision that it supersedes."""

    pickup_id: str
    supersedes: int
    lots: tuple[WeighedLot, ...]
    reason: str
    author: str


def propose_correction(
    cmd: ProposeCorrection, *, desk: Desk, request: Request[Pickup]
) -> Stored[Pickup]:
    """Propose new lots; nothing changes before a second person approves."""
    proposal = Proposal(cmd.supersedes, cmd.lots, cmd.reason, cmd.author, desk.clock.now())
    return desk.pickups.change(
        cmd.pickup_id, lambda p: judging.propose(p, proposal), request=request
    )


def weighed_day(pickup_id: str, *, desk: Desk) -> date:
    """Return the legal day of a weigh-in, by which nominal masses are; today where there is none.

    `NotFound` (pickup.not_found) for what is no pickup.
    """
    weighing = desk.pickups.get(pickup_id).state.weighing
    return legal_day(desk.clock.now() if weighing is None else weighing.weighed_at)


@dataclass(frozen=True, slots=True)
class ApproveCorrection:
    """A second person says that a proposal is right: the one of `proposed_at`, where it is told."""

    pickup_id: str
    supersedes: int
    approver: str
    proposed_at: datetime | None = None


def approve_correction(
    cmd: ApproveCorrection, *, desk: Desk, request: Request[Pickup]
) -> Stored[Pickup]:
    """Approve a proposal; its author's own approval is `Forbidden` (collection.own_correction)."""
    approve = partial(
        judging.approve,
        supersedes=cmd.supersedes,
        approver=cmd.approver,
        now=desk.clock.now(),
        proposed_at=cmd.proposed_at,
    )
    return desk.pickups.change(cmd.pickup_id, approve, request=request)


def resolve_review(
    pickup_id: str, code: str, *, resolution: str, desk: Desk, request: Request[Pickup]
) -> Stored[Pickup]:
    """Close a review that a person has looked at."""
    now = desk.clock.now()
    return desk.pickups.change(
        pickup_id,
        lambda p: judging.resolve(p, code, resolution=resolution, now=now),
        request=request,
    )


def let_stand(*, desk: Desk) -> int:
    """Let stand what nobody disputed for 24 h of business time; return how many there were."""
    now = desk.clock.now()
    found = desk.search.weighed_before(now - judging.STANDS_AFTER, limit=STOOD_A_ROUND)
    for pickup_id in found:
        desk.pickups.change(pickup_id, partial(judging.stand_by_time, now=now))
    return len(found)


def _change_own(
    cmd: Own,
    decide: Callable[[Pickup], Decision[Pickup]],
    desk: Desk,
    request: Request[Pickup],
) -> Stored[Pickup]:
    owned(desk.pickups.get(cmd.pickup_id), cmd.caller, is_staff=cmd.is_staff, desk=desk)
    return desk.pickups.change(cmd.pickup_id, decide, request=request)
