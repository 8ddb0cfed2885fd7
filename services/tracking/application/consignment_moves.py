"""What carriers report and consignors answer on the way."""

from dataclasses import dataclass
from datetime import datetime

from services.tracking.application.consignment_claiming import Plan, decided
from services.tracking.application.consignment_desk import (
    Actor,
    ConsignmentDesk,
    expect_role,
    visible,
)
from services.tracking.domain import consignment_carrying as carrying
from services.tracking.domain import consignment_watching as watching
from services.tracking.domain.consignment import Arrival, Breakdown, Consignment
from services.tracking.domain.consignment_claims import Claim, Kind
from services.tracking.domain.manifest import Carrier, trip_key
from shared.kernel.aggregate import Decision, Request, Stored
from shared.kernel.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Case:
    """One command: which consignment, by whom, under which key."""

    consignment_id: str
    actor: Actor
    request: Request[Consignment]


def refuse_loading(case: Case, reason: str, *, desk: ConsignmentDesk) -> Stored[Consignment]:
    """The carrier whose turn it is does not load."""

    def decide(held: Consignment, _claims: tuple[Claim, ...]) -> Decision[Consignment]:
        by = case.actor.party_id
        return carrying.refuse_loading(held, by, reason, rules=desk.rules, now=desk.clock.now())

    _carries(case, desk=desk)
    return _decided(case, Plan(decide), desk=desk)


def replace_carrier(
    case: Case, leg: int, carrier: Carrier, *, desk: ConsignmentDesk
) -> Stored[Consignment]:
    """The consignor names another carrier; the new trip is claimed before, the old one freed."""
    desk.parties.party(carrier.carrier_id)
    _is_consignor(case, desk=desk)

    def decide(held: Consignment, claims: tuple[Claim, ...]) -> Decision[Consignment]:
        return carrying.replace_carrier(
            held, leg, carrier, claims=claims, rules=desk.rules, now=desk.clock.now()
        )

    def planned(present: Stored[Consignment], hold_id: str) -> Plan:
        decide(present.state, ())
        return Plan(decide, _trip(present.state, carrier, hold_id))

    return decided(case.consignment_id, planned, desk=desk, request=case.request)


def report_breakdown(
    case: Case,
    reason: str,
    carrier: Carrier,
    *,
    expected_at: datetime,
    desk: ConsignmentDesk,
) -> Stored[Consignment]:
    """The carrier that has the load proposes another one."""
    desk.parties.party(carrier.carrier_id)
    _carries(case, desk=desk)

    def decide(held: Consignment, _claims: tuple[Claim, ...]) -> Decision[Consignment]:
        now = desk.clock.now()
        breakdown = Breakdown(case.actor.party_id, reason, now, carrier, expected_at)
        return carrying.break_down(held, breakdown, rules=desk.rules)

    return _decided(case, Plan(decide), desk=desk)


def approve_carrier(case: Case, *, desk: ConsignmentDesk) -> Stored[Consignment]:
    """The consignor approves the unplanned carrier; its trip is claimed before."""
    _is_consignor(case, desk=desk)

    def decide(held: Consignment, claims: tuple[Claim, ...]) -> Decision[Consignment]:
        now = desk.clock.now()
        return carrying.approve_carrier(held, claims=claims, rules=desk.rules, now=now)

    def planned(present: Stored[Consignment], hold_id: str) -> Plan:
        decide(present.state, ())
        breakdown = present.state.breakdown
        claims = _trip(present.state, breakdown.carrier, hold_id) if breakdown else ()
        return Plan(decide, claims)

    return decided(case.consignment_id, planned, desk=desk, request=case.request)


def turn_back(
    case: Case, reason: str, *, expected_at: datetime, desk: ConsignmentDesk
) -> Stored[Consignment]:
    """The consignor orders the load back."""
    _is_consignor(case, desk=desk)

    def decide(held: Consignment, _claims: tuple[Claim, ...]) -> Decision[Consignment]:
        now = desk.clock.now()
        return carrying.turn_back(held, reason, expected_at=expected_at, rules=desk.rules, now=now)

    return _decided(case, Plan(decide), desk=desk)


def report_arrival(
    case: Case, place_id: str, *, at: datetime | None, desk: ConsignmentDesk
) -> Stored[Consignment]:
    """The carrier that has the load reports that it is at a gate."""
    _carries(case, desk=desk)

    def decide(held: Consignment, _claims: tuple[Claim, ...]) -> Decision[Consignment]:
        now = desk.clock.now()
        arrival = Arrival(case.actor.party_id, place_id, at or now, now)
        return carrying.arrive(held, arrival, rules=desk.rules)

    return _decided(case, Plan(decide), desk=desk)


def report_found(
    case: Case, *, expected_at: datetime, desk: ConsignmentDesk
) -> Stored[Consignment]:
    """Whoever has a part in it, or an operator, reports that the load is on its way again."""
    visible(case.consignment_id, case.actor, desk=desk)

    def decide(held: Consignment, _claims: tuple[Claim, ...]) -> Decision[Consignment]:
        now = desk.clock.now()
        return watching.find(held, expected_at=expected_at, rules=desk.rules, now=now)

    return _decided(case, Plan(decide), desk=desk)


def declare_lost(case: Case, report_id: str, *, desk: ConsignmentDesk) -> Stored[Consignment]:
    """The consignor or an operator gives a missing load up, under a report to the authority."""
    held = visible(case.consignment_id, case.actor, desk=desk).state
    if not case.actor.is_operator:
        expect_role(case.actor, held.manifest.consignor.party_id)

    def decide(later: Consignment, _claims: tuple[Claim, ...]) -> Decision[Consignment]:
        now = desk.clock.now()
        return watching.declare_lost(later, report_id, rules=desk.rules, now=now)

    return _decided(case, Plan(decide), desk=desk)


def go_on_paper(case: Case, reason: str, *, desk: ConsignmentDesk) -> Stored[Consignment]:
    """The consignor runs the manifest on paper while the registry is away."""
    _is_consignor(case, desk=desk)

    def decide(held: Consignment, _claims: tuple[Claim, ...]) -> Decision[Consignment]:
        return watching.go_on_paper(held, reason, rules=desk.rules, now=desk.clock.now())

    return _decided(case, Plan(decide), desk=desk)


def _decided(case: Case, plan: Plan, *, desk: ConsignmentDesk) -> Stored[Consignment]:
    return decided(
        case.consignment_id, lambda _present, _hold_id: plan, desk=desk, request=case.request
    )


def _trip(held: Consignment, carrier: Carrier, hold_id: str) -> tuple[Claim, ...]:
    """Return the claim on a carrier's trip, unless the consignment has that trip already."""
    key = trip_key(held.manifest.consignor.party_id, carrier)
    if any(claim.key == key for claim in held.claims_of(Kind.TRIP)):
        return ()
    return (Claim(Kind.TRIP, key, hold_id),)


def _is_consignor(case: Case, *, desk: ConsignmentDesk) -> None:
    held = visible(case.consignment_id, case.actor, desk=desk).state
    expect_role(case.actor, held.manifest.consignor.party_id)


def _carries(case: Case, *, desk: ConsignmentDesk) -> None:
    held = visible(case.consignment_id, case.actor, desk=desk).state
    if case.actor.party_id not in {carrier.carrier_id for carrier in held.manifest.carriers}:
        raise Forbidden("consignment.other_party", "this is a carrier's to do")
