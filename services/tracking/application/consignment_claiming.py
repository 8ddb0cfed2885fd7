"""Claims: held before a consignment's decision, given up only after it (exactness.md, 5)."""

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from services.tracking.application.consignment_desk import ConsignmentDesk
from services.tracking.application.consignment_errands import follow
from services.tracking.application.consignment_ports import NumberPool, Pool
from services.tracking.domain.consignment import Consignment
from services.tracking.domain.consignment_claims import Claim, Kind, hold_id_of
from services.tracking.domain.numbers import Owner
from shared.kernel.aggregate import Decision, Request, Stored
from shared.kernel.errors import Conflict, NotFound, Rejected, Stale, Unavailable

TRIES = 8
SWEPT_A_ROUND = 200
# Real time, as every lease: it only spans the writes of one request.
HOLD_FOR = timedelta(minutes=2)
UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class NumberWish:
    """A number for a decision: the owner's next one, or a given one of an offline block."""

    owner: Owner
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a decision needs first. `decide` gets the consignment and all claims that are held."""

    decide: Callable[[Consignment, tuple[Claim, ...]], Decision[Consignment]]
    claims: tuple[Claim, ...] = ()
    number: NumberWish | None = None


Planned = Callable[[Stored[Consignment], str], Plan]


def decided(
    consignment_id: str,
    planned: Planned,
    *,
    desk: ConsignmentDesk,
    request: Request[Consignment],
    expected_version: int | None = None,
    known: Stored[Consignment] | None = None,
) -> Stored[Consignment]:
    """Plan, hold what is claimed, decide, and do what follows; may be repeated after any crash.

    `known` is what the caller has just read for this request: it saves a read, and where it is out
    of date the decision fails and is made anew.

    `planned` gets the consignment and the hold id of its next decision, and refuses what is to be
    refused before anything is held. A decision is made on the very version that its claims were
    held for: then a hold that was given up meanwhile is never used.
    """
    for _ in range(TRIES):
        present, known = known or desk.consignments.get(consignment_id, request=request), None
        if present.answer is not None:
            return present
        if expected_version not in (None, present.version):
            raise Stale("consignment.stale", "the version is not the present one")
        plan = planned(present, hold_id_of(consignment_id, present.version))
        with suppress(Stale):
            return _decide(present, plan, desk=desk, request=request)
    raise Unavailable("storage.contended", "this consignment changes too often; try again")


def _decide(
    present: Stored[Consignment],
    plan: Plan,
    *,
    desk: ConsignmentDesk,
    request: Request[Consignment],
) -> Stored[Consignment]:
    claims = take(plan, hold_id_of(present.id, present.version), desk=desk)
    desk.reached("consignment.decide.before")
    try:
        changed = desk.consignments.change(
            present.id,
            lambda held: plan.decide(held, claims),
            request=request,
            expected_version=present.version,
            known=present,
        )
    except Rejected:
        settle_all(claims, desk=desk)
        raise
    desk.reached("consignment.decide.after")
    return follow(changed, desk=desk)


def take(plan: Plan, hold_id: str, *, desk: ConsignmentDesk) -> tuple[Claim, ...]:
    """Hold everything that a plan claims, or nothing."""
    taken: list[Claim] = []
    grams = [claim for claim in plan.claims if claim.kind is Kind.GRAMS]
    desk.reached("consignment.hold.before")
    try:
        if len(grams) > 1 and desk.grams.hold_all(grams, until=desk.lease_clock.now() + HOLD_FOR):
            taken += grams
        for claim in (each for each in plan.claims if each not in taken):
            _hold(claim, desk=desk)
            taken.append(claim)
        if plan.number is not None:
            taken.append(_hold_number(plan.number, hold_id, desk=desk))
    except Rejected:
        settle_all(dict.fromkeys((*taken, *grams)), desk=desk)
        raise
    desk.reached("consignment.hold.after")
    return tuple(taken)


def settle_all(claims: Collection[Claim], *, desk: ConsignmentDesk) -> None:
    """Let each claim's consignment decide about it, then keep or free it; may be repeated."""
    for claim in claims:
        settle(claim, desk=desk)


def settle(claim: Claim, *, desk: ConsignmentDesk) -> None:
    """Let the claim's consignment decide about it, then keep or free it; may be repeated."""
    desk.reached("consignment.settle.before")
    pool = pool_of(claim.kind, desk)
    if _decided_for(claim, desk=desk):
        pool.keep([claim])
    else:
        pool.free(claim, reason=UNUSED)
    desk.reached("consignment.settle.after")


def sweep_claims(*, desk: ConsignmentDesk) -> int:
    """Decide about all claims past their time; return how many there were.

    Nearly all are of decisions that were made: those are kept by one read and one write a kind.
    """
    swept = 0
    for kind in Kind:
        pool = pool_of(kind, desk)
        claims = pool.expired(desk.lease_clock.now(), limit=SWEPT_A_ROUND)
        present = desk.search.many({claim.consignment_id for claim in claims})
        used = [claim for claim in claims if _is_used(claim, present.get(claim.consignment_id))]
        if used:
            pool.keep(used)
        settle_all([claim for claim in claims if claim not in used], desk=desk)
        swept += len(claims)
    return swept


def pool_of(kind: Kind, desk: ConsignmentDesk) -> Pool | NumberPool:
    """Return the pool of a kind of claim."""
    pools: dict[Kind, Pool | NumberPool] = {
        Kind.CONTAINER: desk.containers,
        Kind.NUMBER: desk.numbers,
        Kind.TRIP: desk.trips,
        Kind.GRAMS: desk.grams,
    }
    return pools[kind]


def _hold(claim: Claim, *, desk: ConsignmentDesk) -> None:
    """Hold; where a dead hold is in the way, settle that one and try once more."""
    pool = {Kind.CONTAINER: desk.containers, Kind.TRIP: desk.trips, Kind.GRAMS: desk.grams}[
        claim.kind
    ]
    until = desk.lease_clock.now() + HOLD_FOR
    try:
        pool.hold(claim, until=until)
    except Conflict:
        other = pool.holder(claim)
        if other is None or other.hold_id == claim.hold_id or not _is_dead(other, desk=desk):
            raise
        settle(other, desk=desk)
        pool.hold(claim, until=until)


def _hold_number(wish: NumberWish, hold_id: str, *, desk: ConsignmentDesk) -> Claim:
    until = desk.lease_clock.now() + HOLD_FOR
    if wish.number is None:
        at = desk.clock.now()
        number = desk.numbers.hold_next(wish.owner, hold_id, until=until, at=at)
    else:
        number = wish.number
        desk.numbers.hold_number(wish.owner, number, hold_id, until=until)
    return Claim(Kind.NUMBER, number, hold_id)


def _is_dead(claim: Claim, *, desk: ConsignmentDesk) -> bool:
    """Say whether a hold's consignment has moved on without it: then nothing can ever use it."""
    try:
        stored = desk.consignments.get(claim.consignment_id)
    except NotFound:
        return True
    return stored.version > claim.version and not stored.state.uses(claim)


def _decided_for(claim: Claim, *, desk: ConsignmentDesk) -> bool:
    """Say whether the consignment uses the claim, once it has decided or never will."""
    for _ in range(TRIES):
        try:
            held = desk.consignments.get(claim.consignment_id)
        except NotFound:
            return False
        if held.version > claim.version:
            return held.state.uses(claim)
        with suppress(Stale):  # it went on meanwhile: look again
            desk.consignments.change(held.id, Decision, expected_version=claim.version)
            return False
    raise Unavailable("storage.contended", "this consignment changes too often; try again")


def _is_used(claim: Claim, stored: Stored[Consignment] | None) -> bool:
    return stored is not None and stored.state.uses(claim)
