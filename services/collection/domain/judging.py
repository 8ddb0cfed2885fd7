"""What follows from the scale: it stands, is disputed, upheld or corrected by two persons.

A fact from the scale is never lost or rejected for a rule: what breaks one is flagged or reviewed.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from services.collection.domain import events
from services.collection.domain.crews import is_of_others
from services.collection.domain.life import CITY
from services.collection.domain.permits import inherited
from services.collection.domain.pickup import COLLECTOR, RESIDENT, Pickup
from services.collection.domain.records import (
    AFTER_REBOOKING,
    DISPUTES_MAX,
    Dispute,
    Proposal,
    with_resolved,
)
from services.collection.domain.states import OPEN, Act, State
from services.collection.domain.weighing import WeighedLot, Weighing, check_possible, rule_flags
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict, Forbidden, NotFound, Stale

STANDS_AFTER = timedelta(hours=24)
RIVALS_MAX = 5
CORRECTIONS_MAX = 10
AFTER = "weighing.after_"
SCALE = "weighing.scale_"
OTHER_CREW = "weighing.other_collector"
TIME = "time"
DISPUTED = "pickup.disputed"


def weigh(
    pickup: Pickup, weighing: Weighing, *, now: datetime, booked_again: bool = False
) -> Decision[Pickup]:
    """Record the scale's answer: a fact, taken from every state but reviewed in some.

    The same submission again changes nothing. Another device's is kept for review; the caller is
    told by `is_rival`. Where another visit is `booked_again` and open, a person decides whether
    anybody is to be sent still.
    """
    check_possible(weighing.gross_g, weighing.tare_g, lots=weighing.lots)
    if pickup.weighing is not None:
        return _second(pickup, weighing, now=now)
    flags = _rule_flags(pickup, weighing, now=now)
    unexpected = () if pickup.state in OPEN else (f"{AFTER}{pickup.state}",)
    if booked_again:
        unexpected = (*unexpected, AFTER_REBOOKING)
    flagged = replace(
        weighing, flags=(*weighing.flags, *flags, *unexpected, *_crew_flags(pickup, weighing))
    )
    weighed = pickup.stepped(Act.WEIGH, at=weighing.weighed_at, by=COLLECTOR).ended()
    weighed = replace(weighed, weighing=flagged)
    for code in unexpected:
        weighed = weighed.to_review(code, at=now)
    return Decision(weighed, (events.PickupWeighed(weighed, flagged),))


def is_rival(pickup: Pickup, weighing: Weighing) -> bool:
    """Say whether another submission was recorded before this one."""
    recorded = (*pickup.superseded, pickup.weighing)[0]
    return recorded is not None and not recorded.is_same(weighing)


def confirm(pickup: Pickup, *, by: str, now: datetime) -> Decision[Pickup]:
    """Let the weigh-in stand: the household agrees, or 24 h have passed (by `time`)."""
    stands = pickup.stepped(Act.CONFIRM, at=now, by=by)
    return Decision(stands, (events.PickupConfirmed(stands, by, now),))


def stand_by_time(pickup: Pickup, *, now: datetime) -> Decision[Pickup]:
    """Let a weigh-in stand that nobody disputed in time; nothing changes where that is not so."""
    if pickup.state is State.WEIGHED and after_dispute_time(pickup, now=now):
        return confirm(pickup, by=TIME, now=now)
    return Decision(pickup)


def after_dispute_time(pickup: Pickup, *, now: datetime) -> bool:
    """Say whether the 24 h since the weigh-in (or its correction) was recorded are over."""
    recorded = pickup.weighing.recorded_at if pickup.weighing else None
    return recorded is not None and now >= recorded + STANDS_AFTER


def dispute(pickup: Pickup, reason: str, *, now: datetime) -> Decision[Pickup]:
    """Take a household's objection, within 24 h; it opens a review."""
    disputed = pickup.stepped(Act.DISPUTE, at=now, by=RESIDENT, about=reason)
    if after_dispute_time(pickup, now=now):
        raise Conflict("collection.too_late", "a weigh-in is disputed within 24 hours")
    if len(pickup.disputes) >= DISPUTES_MAX:
        raise Conflict("collection.too_often", f"a pickup has up to {DISPUTES_MAX} disputes")
    revision = pickup.weighing.revision if pickup.weighing else 0
    disputed = replace(disputed, disputes=(*pickup.disputes, Dispute(reason, revision, now)))
    disputed = disputed.to_review(DISPUTED, at=now)
    return Decision(disputed, (events.PickupDisputed(disputed, reason, revision, now),))


def uphold(pickup: Pickup, reason: str, *, now: datetime) -> Decision[Pickup]:
    """Decide a dispute for the scale."""
    upheld = pickup.stepped(Act.UPHOLD, at=now, by=CITY, about=reason)
    upheld = resolved(upheld, DISPUTED, resolution=reason, now=now)
    upheld = replace(upheld, proposal=None)
    return Decision(upheld, (events.PickupUpheld(upheld, reason, now),))


def propose(pickup: Pickup, proposal: Proposal) -> Decision[Pickup]:
    """Keep a correction until a second person approves it; a later proposal replaces it.

    `Conflict` (collection.not_weighed), `Stale` (collection.superseded), `Invalid` as a weigh-in.
    """
    _current(pickup, proposal.supersedes)
    weighing = pickup.weighing
    if weighing is not None:
        check_possible(weighing.gross_g, weighing.tare_g, lots=proposal.lots)
    return Decision(replace(pickup, proposal=proposal))


def approve(
    pickup: Pickup,
    *,
    supersedes: int,
    approver: str,
    now: datetime,
    proposed_at: datetime | None = None,
) -> Decision[Pickup]:
    """Make a proposed correction true. Its author's own approval is `Forbidden`.

    `Stale` (collection.superseded) where another proposal came after that of `proposed_at`.
    """
    proposal = pickup.proposal
    if proposal is None or proposal.supersedes != supersedes:
        raise NotFound("correction.not_found", "there is no such proposal")
    if proposed_at not in (None, proposal.proposed_at):
        raise Stale("collection.superseded", "another proposal came after the one that was seen")
    if proposal.author == approver:
        raise Forbidden("collection.own_correction", "a second person approves a correction")
    before = _current(pickup, supersedes)
    if len(pickup.superseded) >= CORRECTIONS_MAX:
        raise Conflict("collection.too_often", f"a weigh-in is corrected {CORRECTIONS_MAX} times")
    corrected = pickup.stepped(Act.CORRECT, at=now, by=CITY, about=proposal.reason)
    weighing = _revised(pickup, before, proposal.lots, now=now)
    superseded = (*pickup.superseded, before)
    corrected = replace(corrected, weighing=weighing, superseded=superseded, proposal=None)
    for code in corrected.waiting.codes if corrected.waiting else ():
        if _is_about_lots(code):
            corrected = resolved(corrected, code, resolution=proposal.reason, now=now)
    event = events.PickupCorrected(corrected, before.lots, weighing, now, proposal.reason)
    return Decision(corrected, (event,))


def resolve(pickup: Pickup, code: str, *, resolution: str, now: datetime) -> Decision[Pickup]:
    """Close an open review that a person looked at; a dispute is upheld or corrected instead."""
    if code == DISPUTED:
        raise Conflict("collection.not_possible", "a dispute is upheld or corrected")
    if not any(each.code == code and each.resolved_at is None for each in pickup.reviews):
        raise NotFound("review.not_found", "there is no such open review")
    return Decision(resolved(pickup, code, resolution=resolution, now=now))


def resolved(pickup: Pickup, code: str, *, resolution: str, now: datetime) -> Pickup:
    """Return the pickup with the open reviews of a code closed."""
    reviews = with_resolved(pickup.reviews, code, resolution=resolution, now=now)
    return pickup.reviewed(reviews)


def _is_about_lots(code: str) -> bool:
    """Say whether a new list of lots answers a review."""
    return code == DISPUTED or (code.startswith("weighing.") and code != AFTER_REBOOKING)


def _rule_flags(pickup: Pickup, weighing: Weighing, *, now: datetime) -> tuple[str, ...]:
    start, end = pickup.booking.window_start, pickup.booking.window_end
    return rule_flags(weighing, window_start=start, window_end=end, now=now)


def _crew_flags(pickup: Pickup, weighing: Weighing) -> tuple[str, ...]:
    """Say that others came than were planned: it happens, and the lots are where they say."""
    return (OTHER_CREW,) if is_of_others(pickup, weighing.collector_id) else ()


def _second(pickup: Pickup, weighing: Weighing, *, now: datetime) -> Decision[Pickup]:
    if not is_rival(pickup, weighing) or any(each.is_same(weighing) for each in pickup.rivals):
        return Decision(pickup)
    if len(pickup.rivals) >= RIVALS_MAX:
        raise Conflict("collection.already_weighed", "too many other weigh-ins wait for a review")
    kept = replace(pickup, rivals=(*pickup.rivals, weighing))
    return Decision(kept.to_review("weighing.second", at=now))


def _current(pickup: Pickup, supersedes: int) -> Weighing:
    if pickup.weighing is None:
        raise Conflict("collection.not_weighed", "there is nothing to correct")
    if supersedes != pickup.weighing.revision:
        raise Stale("collection.superseded", "another correction came first")
    return pickup.weighing


def _revised(
    pickup: Pickup, before: Weighing, lots: Sequence[WeighedLot], *, now: datetime
) -> Weighing:
    changed = replace(
        before,
        revision=before.revision + 1,
        lots=inherited(lots, before.lots),
        flags=(),
        recorded_at=now,
    )
    flags = _rule_flags(pickup, changed, now=now)
    lasting = tuple(flag for flag in before.flags if flag.startswith((AFTER, SCALE, OTHER_CREW)))
    return replace(changed, flags=(*lasting, *flags))
