"""Signatures of consignor and carriers: each checks, freezes and reserves what the table says."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from services.tracking.domain.consignment import Consignment, Heading
from services.tracking.domain.consignment_claims import Deed
from services.tracking.domain.consignment_custody import telling, vehicle_of
from services.tracking.domain.consignment_drafting import check_fact_time
from services.tracking.domain.consignment_events import Signed, TakenOver
from services.tracking.domain.consignment_examination import Findings
from services.tracking.domain.consignment_fields import frozen_content
from services.tracking.domain.consignment_legs import LegVerdict
from services.tracking.domain.consignment_rules import Rules
from services.tracking.domain.consignment_states import Act, State, after
from services.tracking.domain.signatures import Seen, Signature, Signing, Stage, link
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict

LABELS, REGISTRATION = "labels", "registration"


def stage_of_carrier(held: Consignment) -> Stage:
    """Return what a carrier's signature is now: the first, the next, or toward an alternate."""
    if held.state is State.SIGNED:
        return Stage.CARRIER
    leaving = held.state is State.REFUSED and held.heading is Heading.ALTERNATE
    return Stage.REDIRECT if leaving else Stage.HANDOVER


def sign_as_consignor(
    held: Consignment, signing: Signing, *, findings: Findings, rules: Rules
) -> Decision[Consignment]:
    """The consignor signs: what is frozen now is what the carrier will find."""
    state = after(held.state, Act.SIGN)
    expect_party(signing, held.manifest.consignor.party_id)
    held_now = _allowed(held, Stage.CONSIGNOR, findings=findings, rules=rules)
    signed = replace(held_now, state=state, claims=(*held.claims, *findings.claims))
    signed = sign(signed, Stage.CONSIGNOR, signing, seen=findings.seen, rules=rules)
    return rules.decided(held, signed, Signed(signed, signed.signatures[-1]), told=True)


def sign_as_carrier(
    held: Consignment,
    signing: Signing,
    *,
    scanned: Collection[str],
    findings: Findings,
    rules: Rules,
    legs: tuple[LegVerdict, ...] = (),
) -> Decision[Consignment]:
    """A carrier takes the load over, in the manifest's order; `scanned` are the tags it found.

    Raises `Conflict` where it is another's turn (signature.other_party), a label does not match
    (consignment.labels_differ), or the registry does not know the manifest and it is not on paper
    (consignment.not_registered). `legs` are the verdicts of the law on this leg.
    """
    stage = stage_of_carrier(held)
    state = after(held.state, _ACTS.get(held.state, Act.HAND_OVER))
    carrier = held.next_carrier
    if carrier is None:
        raise Conflict("consignment.no_carrier", "the manifest names no further carrier")
    expect_party(signing, carrier.carrier_id)
    problems = {**findings.problems, **_problems_of_load(held, scanned)}
    held_now = _allowed(held, stage, findings=replace(findings, problems=problems), rules=rules)
    taken = replace(
        held_now,
        state=state,
        taken=held.taken + 1,
        expected_at=held.expected_at or held.manifest.expected_arrival_at,
        claims=(*held.claims, *findings.claims),
        legs=(*held.legs, *legs),
    )
    taken = sign(taken, stage, signing, seen=findings.seen, rules=rules)
    taken = telling(taken, Deed.DEPART, at=signing.signed_at, holder=vehicle_of(carrier))
    events = (
        Signed(taken, taken.signatures[-1]),
        TakenOver(taken, carrier, signing.signed_at),
    )
    return rules.decided(held, taken, *events, told=True)


def sign(
    held: Consignment, stage: Stage, signing: Signing, *, seen: tuple[Seen, ...], rules: Rules
) -> Consignment:
    """Return the consignment with the next link of the chain, over what is frozen then."""
    check_fact_time(signing.signed_at, now=signing.recorded_at, skew=rules.deadlines.clock_skew)
    bare = Signature(len(held.signatures) + 1, stage, signing, (), "", "", "")
    content = frozen_content(
        replace(held, signatures=(*held.signatures, bare)), bare.ordinal, rules.table
    )
    linked = link(held.signatures, stage, signing, seen=seen, content=content)
    signed = replace(held, signatures=(*held.signatures, linked))
    return flagged(signed, *_oddities(held, signing, rules=rules))


def _oddities(held: Consignment, signing: Signing, *, rules: Rules) -> Iterator[str]:
    """Tell what is odd about the time at which the next signature was given."""
    previous = held.signatures[-1].signing.signed_at if held.signatures else held.sealed_at
    if previous is not None and signing.signed_at + rules.deadlines.clock_skew < previous:
        yield "signature.time_order"
    if rules.is_backdated(held, signing):
        yield "signature.backdated"


def flagged(held: Consignment, *flags: str) -> Consignment:
    """Return the consignment with flags for a person, each once."""
    return replace(held, flags=tuple(dict.fromkeys((*held.flags, *flags))))


def expect_party(signing: Signing, party_id: str) -> None:
    """Raise `Conflict` (signature.other_party) where it is another party's turn."""
    if signing.party_id != party_id:
        raise Conflict("signature.other_party", "another party is to sign now")


def _allowed(held: Consignment, stage: Stage, *, findings: Findings, rules: Rules) -> Consignment:
    """Refuse what the table refuses; note on a return what is wrong, and let it pass."""
    problems = dict(findings.problems)
    if not held.is_return:
        rules.require(held, stage, problems=problems)
        return noted(held, problems)
    waived_never = (LABELS, REGISTRATION)
    never_waived = {name: problems.pop(name) for name in waived_never if name in problems}
    rules.require(held, stage, problems=never_waived)
    return noted(held, problems)


def noted(held: Consignment, problems: Mapping[str, str]) -> Consignment:
    """Return the consignment with what is wrong with permits as flags."""
    return flagged(held, *sorted(set(problems.values())))


def _problems_of_load(held: Consignment, scanned: Collection[str]) -> dict[str, str]:
    problems = {}
    if sorted(scanned) != sorted(held.manifest.tags):
        problems[LABELS] = "consignment.labels_differ"
    registration = held.registration
    if registration.registered_at is None and registration.paper is None:
        problems[REGISTRATION] = "consignment.not_registered"
    return problems


_ACTS = {State.SIGNED: Act.TAKE, State.REFUSED: Act.LEAVE_AGAIN}
