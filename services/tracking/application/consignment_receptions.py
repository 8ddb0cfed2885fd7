"""Reception, partial and full refusal, and the receipt of a return."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.tracking.application.consignment_claiming import NumberWish, Plan, decided
from services.tracking.application.consignment_desk import ConsignmentDesk, visible
from services.tracking.application.consignment_moves import Case
from services.tracking.application.consignment_signatures import Pen, examined, signing
from services.tracking.domain import consignment_receiving as receiving
from services.tracking.domain.consignment import Consignment, Parent
from services.tracking.domain.consignment_claims import Claim, Kind
from services.tracking.domain.consignment_receiving import Onward
from services.tracking.domain.consignment_reception import Child, Reception, Verdict
from services.tracking.domain.consignment_rules import Rules
from services.tracking.domain.manifest import trip_key
from services.tracking.domain.numbers import Owner, series_of
from services.tracking.domain.signatures import Stage
from shared.kernel.aggregate import Decision, Stored

WISHED = "0" * 14


@dataclass(frozen=True, slots=True)
class OnwardWish:
    """Where refused containers are to go: `alternate_id` None means back to the consignor."""

    onward: Onward
    alternate_id: str | None = None


def receive_consignment(
    case: Case,
    pen: Pen,
    verdicts: tuple[Verdict, ...],
    *,
    onward: OnwardWish | None,
    desk: ConsignmentDesk,
) -> Stored[Consignment]:
    """Decide about every container, in one update; the child's number is reserved before.

    Raises `Conflict` (reception.onward_missing, reception.return_cannot_be_refused, trip.taken).
    """
    known = visible(case.consignment_id, case.actor, desk=desk, request=case.request)
    if known.answer is not None:
        return known
    signed = signing(pen, actor=case.actor, desk=desk)
    reception = Reception(pen.party_id, pen.place_id, signed.signed_at, verdicts)
    going = _looked_up(onward, desk=desk)

    def planned(present: Stored[Consignment], hold_id: str) -> Plan:
        findings = examined(present.state, Stage.RECEIVER, hold_id, signing=signed, desk=desk)

        def decide(held: Consignment, claims: tuple[Claim, ...]) -> Decision[Consignment]:
            return receiving.receive(
                held,
                reception,
                signed,
                onward=going,
                findings=findings,
                claims=claims,
                rules=desk.rules,
            )

        if reception.outcome == "accepted":
            return Plan(decide)
        decide(present.state, (Claim(Kind.NUMBER, WISHED, hold_id),))  # refuses before it holds
        if reception.outcome == "refused":
            return Plan(decide, _trip_onward(present.state, going, hold_id))
        day = desk.rules.judged_at(present.state, signed)
        return _plan_of_child(
            present.state, Plan(decide), going, hold_id, at=signed.signed_at, numbered_at=day
        )

    return decided(case.consignment_id, planned, desk=desk, request=case.request, known=known)


def receipt_for_return(
    case: Case, pen: Pen, verdicts: tuple[Verdict, ...], *, desk: ConsignmentDesk
) -> Stored[Consignment]:
    """The consignor gives a receipt for what came back."""
    known = visible(case.consignment_id, case.actor, desk=desk, request=case.request)
    if known.answer is not None:
        return known
    signed = signing(pen, actor=case.actor, desk=desk)
    reception = Reception(pen.party_id, pen.place_id, signed.signed_at, verdicts)

    def planned(present: Stored[Consignment], hold_id: str) -> Plan:
        findings = examined(present.state, Stage.RECEIPT, hold_id, signing=signed, desk=desk)

        def decide(held: Consignment, _claims: tuple[Claim, ...]) -> Decision[Consignment]:
            return receiving.give_receipt(
                held, reception, signed, findings=findings, rules=desk.rules
            )

        return Plan(decide)

    return decided(case.consignment_id, planned, desk=desk, request=case.request, known=known)


def on_partly_refused(
    held: Consignment | None, child: Child, parent: Parent, *, reception_at: datetime, rules: Rules
) -> Decision[Consignment] | None:
    """Make the child that a parent decided on; None where it is there already."""
    if held is not None:
        return None
    return receiving.sealed_child(child, parent, at=reception_at, rules=rules)


def _looked_up(wish: OnwardWish | None, *, desk: ConsignmentDesk) -> Onward | None:
    if wish is None:
        return None
    onward = wish.onward
    if onward.carrier is not None:
        desk.parties.party(onward.carrier.carrier_id)
    if wish.alternate_id is None:
        return onward
    return replace(onward, alternate=desk.parties.party(wish.alternate_id))


def _trip_onward(held: Consignment, onward: Onward | None, hold_id: str) -> tuple[Claim, ...]:
    """Claim the trip on which the whole load goes on, where another carrier takes it."""
    if onward is None or onward.carrier is None:
        return ()
    key = trip_key(held.manifest.consignor.party_id, onward.carrier)
    own = {claim.key for claim in held.claims_of(Kind.TRIP)}
    return () if key in own else (Claim(Kind.TRIP, key, hold_id),)


def _plan_of_child(
    held: Consignment,
    plan: Plan,
    onward: Onward | None,
    hold_id: str,
    *,
    at: datetime,
    numbered_at: datetime,
) -> Plan:
    """Add what the child needs: a number of the refuser's city, and its place on the trip."""
    refuser = held.destination
    owner = Owner(refuser.party_id, series_of(refuser.city_code, numbered_at))
    if onward is None:
        return plan
    carrier = receiving.child_carrier(held, onward, at=at)
    trip = Claim(Kind.TRIP, trip_key(refuser.party_id, carrier), hold_id)
    return Plan(plan.decide, (trip,), NumberWish(owner))
