"""The receiver's decision, in one update: verdicts, grams, and what follows for the refused ones.

A partial refusal makes a child manifest: its number is reserved before, its content is part of the
decision, and it comes into being by reaction under an id derived from the parent. A full refusal
sends the consignment itself on, back to its consignor or to an alternate.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from services.tracking.domain.consignment import Consignment, Diversion, Heading, Parent
from services.tracking.domain.consignment_claims import (
    Claim,
    Counts,
    Deed,
    Errand,
    Kind,
    hold_id_of,
)
from services.tracking.domain.consignment_custody import telling
from services.tracking.domain.consignment_drafting import giving_up
from services.tracking.domain.consignment_events import Received, Returned, Sealed, Signed
from services.tracking.domain.consignment_examination import Findings
from services.tracking.domain.consignment_reception import (
    Child,
    Reception,
    differences,
    in_order,
    refused_items,
)
from services.tracking.domain.consignment_rules import Rules
from services.tracking.domain.consignment_signing import expect_party, flagged, noted, sign
from services.tracking.domain.consignment_states import Act, State, after
from services.tracking.domain.manifest import Carrier, Manifest, Party, Purpose
from services.tracking.domain.signatures import Signing, Stage
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict
from shared.kernel.ids import derived_id

DIFFERENCE = "reception.difference"


@dataclass(frozen=True, slots=True)
class Onward:
    """Where refused containers go: back (`alternate` None) or to another receiver, and with whom.

    `carrier` None: with the one that brought them.
    """

    destination_place: str
    expected_at: datetime
    alternate: Party | None = None
    approval_id: str | None = None
    carrier: Carrier | None = None


def receive(
    held: Consignment,
    reception: Reception,
    signing: Signing,
    *,
    onward: Onward | None,
    findings: Findings,
    claims: Collection[Claim],
    rules: Rules,
) -> Decision[Consignment]:
    """Decide about every container.

    `claims` has the child's number where some are refused, and the trip on which refused ones go.

    Raises `Conflict` (reception.return_cannot_be_refused, reception.onward_missing).
    """
    checked = replace(reception, verdicts=in_order(reception.verdicts, held.manifest))
    act = Act.REFUSE if checked.outcome == "refused" else Act.RECEIVE
    state = after(held.state, act)
    expect_party(signing, held.destination.party_id)
    if held.is_return:
        raise Conflict("reception.return_cannot_be_refused", "give a receipt for a return")
    child = _child(held, checked, onward=onward, claims=claims)
    if child is not None:
        checked = replace(checked, child_id=child.consignment_id, child_number=child.number)
    received = _noting(held, checked, state=state)
    if act is Act.REFUSE:
        sent_on = _sent_on(received, _needed(onward))
        received = replace(sent_on, claims=(*sent_on.claims, *claims))
    else:
        settled = _settled(received, checked, holder=f"party/{checked.receiver_id}")
        received = replace(settled, claims=(*settled.claims, *claims))
    received = noted(received, findings.problems)
    signed = sign(received, Stage.RECEIVER, signing, seen=findings.seen, rules=rules)
    rules.require(signed, Stage.RECEIVER)
    events = (Signed(signed, signed.signatures[-1]), Received(signed, checked, child))
    return rules.decided(held, signed, *events, told=True)


def give_receipt(
    held: Consignment,
    reception: Reception,
    signing: Signing,
    *,
    findings: Findings,
    rules: Rules,
) -> Decision[Consignment]:
    """The consignor has its load back. It cannot be refused: it is the consignor's own."""
    checked = replace(reception, verdicts=in_order(reception.verdicts, held.manifest))
    state = after(held.state, Act.RECEIPT)
    expect_party(signing, held.destination.party_id)
    if not held.is_return:
        raise Conflict("reception.not_a_return", "the receiver decides about each container")
    if checked.refused_tags:
        raise Conflict("reception.return_cannot_be_refused", "a return is taken back as it is")
    home = f"place/{checked.place_id}"
    back = _settled(_noting(held, checked, state=state), checked, holder=home)
    back = noted(back, findings.problems)
    signed = sign(back, Stage.RECEIPT, signing, seen=findings.seen, rules=rules)
    rules.require(signed, Stage.RECEIPT)
    events = (Signed(signed, signed.signatures[-1]), Returned(signed, checked))
    return rules.decided(held, signed, *events, told=True)


def child_id_of(parent: Consignment) -> str:
    """Return the id of the child of the parent's next reception: a repeat has the same."""
    return derived_id("child", parent.consignment_id, str(len(parent.receptions) + 1))


def sealed_child(
    child: Child, parent: Parent, *, at: datetime, rules: Rules
) -> Decision[Consignment]:
    """Return the child of a partial refusal, sealed: its containers are still the parent's.

    Number and trip are claimed by the parent, for it; the containers are taken over by errand.
    """
    hold_id = hold_id_of(child.consignment_id, 0)
    claims = tuple(Claim(Kind.CONTAINER, tag, hold_id) for tag in child.manifest.tags)
    errands = tuple(
        Errand(Deed.TAKE_OVER, claim, from_id=parent.consignment_id, at=at) for claim in claims
    )
    sealed = Consignment(
        consignment_id=child.consignment_id,
        manifest=child.manifest,
        state=State.SEALED,
        created_at=at,
        purpose=child.purpose,
        number=child.number,
        parent=parent,
        sealed_at=at,
        waits_since=at,
        claims=claims,
        errands=errands,
    )
    return rules.decided(sealed, sealed, Sealed(sealed, at), told=True)


def child_carrier(held: Consignment, onward: Onward, *, at: datetime) -> Carrier:
    """Return who takes the refused containers on: a named one, or who brought them, on a trip anew.

    Raises `Conflict` (reception.onward_carrier) where nobody brought them.
    """
    if onward.carrier is not None:
        return onward.carrier
    brought = held.current_carrier
    if brought is None:
        raise Conflict("reception.onward_carrier", "nobody has brought the load")
    return replace(brought, trip_id=child_id_of(held), planned_at=at, unplanned=False)


def _child(
    held: Consignment,
    reception: Reception,
    *,
    onward: Onward | None,
    claims: Collection[Claim],
) -> Child | None:
    """Return the child of a partial refusal: the refuser hands on what it refused, to the gram."""
    if reception.outcome != "partly-refused":
        return None
    going = _needed(onward)
    number = next((claim.key for claim in claims if claim.kind is Kind.NUMBER), None)
    if number is None:
        raise Conflict("reception.number_missing", "the child's number is to be reserved before")
    manifest = Manifest(
        consignor=held.destination,
        receiver=going.alternate or held.manifest.consignor,
        carriers=(child_carrier(held, going, at=reception.at),),
        containers=tuple(map(held.known, refused_items(reception, held.manifest))),
        origin_place=reception.place_id,
        destination_place=going.destination_place,
        expected_arrival_at=going.expected_at,
        treatment_code=held.manifest.treatment_code,
        approval_id=going.approval_id,
    )
    purpose = Purpose.REDIRECTION if going.alternate else Purpose.RETURN
    return Child(child_id_of(held), number, purpose, manifest)


def _needed(onward: Onward | None) -> Onward:
    if onward is None:
        raise Conflict("reception.onward_missing", "say where the refused containers go")
    return onward


def _noting(held: Consignment, reception: Reception, *, state: State) -> Consignment:
    noted = replace(held, state=state, receptions=(*held.receptions, reception))
    differing = differences(reception.verdicts, held.manifest)
    return flagged(noted, DIFFERENCE) if differing else noted


def _sent_on(held: Consignment, onward: Onward) -> Consignment:
    """Send the whole load on: what was reserved for this receiver is freed."""
    accepted_ones = [c for c in held.claims_of(Kind.GRAMS) if c.counts is Counts.ACCEPTED]
    freed = giving_up(held, accepted_ones, "refused")
    carrier = onward.carrier or held.current_carrier
    carriers = held.manifest.carriers[: held.taken]
    diversion = [Diversion(onward.alternate, onward.approval_id)] if onward.alternate else []
    return replace(
        freed,
        manifest=replace(held.manifest, carriers=(*carriers, *([carrier] if carrier else []))),
        heading=Heading.ALTERNATE if onward.alternate else Heading.CONSIGNOR,
        diversions=(*held.diversions, *diversion),
        expected_at=onward.expected_at,
    )


def _settled(held: Consignment, reception: Reception, *, holder: str) -> Consignment:
    """Turn reserved grams into used ones, and leave the containers that stay with their holder.

    Of a return nothing was accepted. Refused containers stay claimed until the child takes them
    over.
    """
    accepted = {} if held.is_return else reception.accepted_by_code(held.manifest)
    received_g = {each.tag: each.received_g for each in reception.verdicts if each.accepted}
    grams = held.claims_of(Kind.GRAMS)
    settled = tuple(
        Errand(Deed.SETTLE, claim, mass_g=_settled_g(claim, accepted)) for claim in grams
    )
    told = telling(
        held,
        Deed.RECEIVE,
        at=reception.at,
        holder=holder,
        received_g=received_g,
        tags=received_g.keys(),
    )
    gone = {*grams, *(each for each in held.claims_of(Kind.CONTAINER) if each.key in received_g)}
    return replace(
        told,
        claims=tuple(claim for claim in held.claims if claim not in gone),
        errands=(*told.errands, *settled),
    )


def _settled_g(claim: Claim, accepted: dict[str, int]) -> int:
    if claim.counts is Counts.CARRIED:
        return claim.mass_g
    return sum(accepted.get(code, 0) for code in claim.codes)
