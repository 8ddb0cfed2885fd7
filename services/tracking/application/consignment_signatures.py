"""Signatures of consignor and carriers, by token or by security code on another's device."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from services.tracking.application.consignment_claiming import Plan, decided
from services.tracking.application.consignment_desk import (
    Actor,
    ConsignmentDesk,
    expect_role,
    visible,
)
from services.tracking.domain import consignment_signing as signing_of
from services.tracking.domain.consignment import Consignment
from services.tracking.domain.consignment_examination import Findings, examine
from services.tracking.domain.signatures import Method, Signing, Stage
from shared.kernel.aggregate import Decision, Request, Stored
from shared.kernel.clock import legal_day

Signs = Callable[[Consignment, Signing, Findings], Decision[Consignment]]


@dataclass(frozen=True, slots=True)
class Pen:
    """How somebody signs: as which party, where, when; with a code where the device is another's.

    `signed_at` None: now.
    """

    party_id: str
    place_id: str
    code: str | None = None
    signed_at: datetime | None = None


def sign_consignment(
    consignment_id: str,
    pen: Pen,
    *,
    actor: Actor,
    desk: ConsignmentDesk,
    request: Request[Consignment],
) -> Stored[Consignment]:
    """The consignor signs. Grams of licences, plan lines and approval are reserved before.

    Raises `Conflict` with the code of what is missing (licence.expired, plan.missing,
    grams.exhausted, …), `Forbidden` (signature.code_wrong, signature.code_locked).
    """

    def signs(held: Consignment, signing: Signing, findings: Findings) -> Decision[Consignment]:
        return signing_of.sign_as_consignor(held, signing, findings=findings, rules=desk.rules)

    def stage(_held: Consignment) -> Stage:
        return Stage.CONSIGNOR

    return _sign(consignment_id, pen, signs, stage, actor=actor, desk=desk, request=request)


def take_consignment(
    consignment_id: str,
    pen: Pen,
    scanned: tuple[str, ...],
    *,
    actor: Actor,
    desk: ConsignmentDesk,
    request: Request[Consignment],
) -> Stored[Consignment]:
    """The next carrier takes the load over; `scanned` are the tags that it found on it."""

    def signs(held: Consignment, signing: Signing, findings: Findings) -> Decision[Consignment]:
        return signing_of.sign_as_carrier(
            held,
            signing,
            scanned=scanned,
            findings=findings,
            rules=desk.rules,
            legs=desk.judges_leg(held, legal_day(desk.rules.judged_at(held, signing))),
        )

    return _sign(
        consignment_id,
        pen,
        signs,
        signing_of.stage_of_carrier,
        actor=actor,
        desk=desk,
        request=request,
    )


def signing(pen: Pen, *, actor: Actor, desk: ConsignmentDesk) -> Signing:
    """Return who signs, once it has shown who it is: by its own token, or by its code."""
    if pen.code is None:
        expect_role(actor, pen.party_id)
    else:
        desk.codes.check(pen.party_id, pen.code)
    now = desk.clock.now()
    return Signing(
        party_id=pen.party_id,
        method=Method.TOKEN if pen.code is None else Method.CODE,
        device_of=actor.party_id,
        signed_at=pen.signed_at or now,
        recorded_at=now,
        place_id=pen.place_id,
    )


def examined(
    held: Consignment, stage: Stage, hold_id: str, *, signing: Signing, desk: ConsignmentDesk
) -> Findings:
    """Look at all permits, on the day of the signature; of its recording where it is backdated."""
    day = legal_day(desk.rules.judged_at(held, signing))
    return examine(
        held,
        desk.parties.permits(held, year=day.year),
        fields=desk.rules.table.required(stage),
        day=day,
        hold_id=hold_id,
        signer_id=signing.party_id,
    )


def _sign(
    consignment_id: str,
    pen: Pen,
    signs: Signs,
    stage_of: Callable[[Consignment], Stage],
    *,
    actor: Actor,
    desk: ConsignmentDesk,
    request: Request[Consignment],
) -> Stored[Consignment]:
    known = visible(consignment_id, actor, desk=desk, request=request)
    if known.answer is not None:
        return known
    signed = signing(pen, actor=actor, desk=desk)

    def planned(present: Stored[Consignment], hold_id: str) -> Plan:
        held = present.state
        findings = examined(held, stage_of(held), hold_id, signing=signed, desk=desk)
        if held.is_return:
            findings = replace(findings, claims=())
        # What is refused is refused here, before anything is held. What is decided here is what is
        # written: a decision is only written on the version that it was planned for.
        decision = signs(held, signed, findings)
        return Plan(lambda _held, _claims: decision, findings.claims)

    return decided(consignment_id, planned, desk=desk, request=request, known=known)
