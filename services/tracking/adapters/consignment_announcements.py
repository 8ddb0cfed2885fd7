"""Consignments' domain events become contract models here, and nowhere else. Ids only."""

from functools import singledispatch
from typing import Any

from services.tracking.adapters.consignment_contents import (
    child_manifest_of,
    container_lines,
    content_of,
    leg_of,
    number_of,
    verdict_lines,
)
from services.tracking.domain import consignment_events as events
from services.tracking.domain.consignment import Consignment
from services.tracking.domain.consignment_states import State
from shared.contracts import consignment as contract
from shared.contracts.codec import Envelope, encode
from shared.contracts.topic import Payload
from shared.observability.tracing import current

SOURCE = "greenloop/tracking"
Told = tuple[Payload, Any]


def announce_consignment(event: object) -> Envelope:
    """Return the envelope of a consignment's domain event, keyed by its id."""
    payload, at = _told(event)
    held: Consignment = event.consignment  # type: ignore[attr-defined]  # all of them have one
    return encode(
        payload,
        key=held.consignment_id,
        subject=held.consignment_id,
        time=at,
        source=SOURCE,
        traceparent=current(),
    )


def _who(held: Consignment) -> dict[str, str]:
    return {"consignment_id": held.consignment_id, "number": number_of(held)}


@singledispatch
def _told(event: object) -> Told:
    raise TypeError(f"no contract for {type(event).__name__}")


@_told.register
def _(event: events.Sealed) -> Told:
    held = event.consignment
    payload = contract.ConsignmentSealed(
        **_who(held),
        content=content_of(held.manifest, held.purpose),
        parent_id=held.parent.consignment_id if held.parent else None,
        parent_number=held.parent.number if held.parent else None,
        sealed_at=event.at,
    )
    return payload, event.at


@_told.register
def _(event: events.Amended) -> Told:
    held = event.consignment
    content = content_of(held.manifest, held.purpose)
    return contract.ConsignmentAmended(**_who(held), content=content, amended_at=event.at), event.at


@_told.register
def _(event: events.Signed) -> Told:
    link, signing = event.signature, event.signature.signing
    payload = contract.ConsignmentSigned(
        **_who(event.consignment),
        ordinal=link.ordinal,
        stage=link.stage.value,
        party_id=signing.party_id,
        method=signing.method.value,
        place_id=signing.place_id,
        content_sha256=link.content_sha256,
        previous_sha256=link.previous_sha256,
        sha256=link.sha256,
        signed_at=signing.signed_at,
    )
    return payload, signing.signed_at


@_told.register
def _(event: events.TakenOver) -> Told:
    held = event.consignment
    payload = contract.ConsignmentTakenOver(
        **_who(held),
        leg=held.taken,
        carrier=leg_of(event.carrier),
        containers=container_lines(held.manifest.containers),
        place_id=held.signatures[-1].signing.place_id,
        heading=held.heading.value,
        taken_at=event.at,
    )
    return payload, event.at


@_told.register
def _(event: events.LoadingRefused) -> Told:
    payload = contract.ConsignmentLoadingRefused(
        **_who(event.consignment),
        carrier_id=event.carrier_id,
        reason=event.reason,
        refused_at=event.at,
    )
    return payload, event.at


@_told.register
def _(event: events.CarrierReplaced) -> Told:
    held = event.consignment
    payload = contract.ConsignmentCarrierReplaced(
        **_who(held),
        leg=event.leg,
        carrier=leg_of(held.manifest.carriers[event.leg - 1]),
        replaced_at=event.at,
    )
    return payload, event.at


@_told.register
def _(event: events.BrokenDown) -> Told:
    breakdown = event.breakdown
    payload = contract.ConsignmentBrokenDown(
        **_who(event.consignment),
        reported_by=breakdown.reported_by,
        reason=breakdown.reason,
        proposed=leg_of(breakdown.carrier),
        reported_at=breakdown.at,
    )
    return payload, breakdown.at


@_told.register
def _(event: events.CarrierApproved) -> Told:
    payload = contract.ConsignmentCarrierApproved(
        **_who(event.consignment), carrier=leg_of(event.carrier), approved_at=event.at
    )
    return payload, event.at


@_told.register
def _(event: events.TurnedBack) -> Told:
    payload = contract.ConsignmentTurnedBack(
        **_who(event.consignment), reason=event.reason, turned_back_at=event.at
    )
    return payload, event.at


@_told.register
def _(event: events.Arrived) -> Told:
    held, arrival = event.consignment, event.arrival
    payload = contract.ConsignmentArrived(
        **_who(held),
        carrier_id=arrival.carrier_id,
        place_id=arrival.place_id,
        container_ids=held.manifest.tags,
        was=event.was.value,
        flags=held.flags,
        arrived_at=arrival.at,
    )
    return payload, arrival.at


@_told.register
def _(event: events.Received) -> Told:
    held, reception = event.consignment, event.reception
    refused = held.state is State.REFUSED
    payload = contract.ConsignmentReceived(
        **_who(held),
        receiver_id=reception.receiver_id,
        place_id=reception.place_id,
        outcome=reception.outcome,
        verdicts=verdict_lines(reception, held.manifest),
        received_g=reception.received_g,
        refused_g=reception.refused_g,
        accepted_g=reception.accepted_g,
        onward=held.heading.value if refused else None,
        child=child_manifest_of(event.child),
        received_at=reception.at,
    )
    return payload, reception.at


@_told.register
def _(event: events.Returned) -> Told:
    held, reception = event.consignment, event.reception
    payload = contract.ConsignmentReturned(
        **_who(held),
        place_id=reception.place_id,
        verdicts=verdict_lines(reception, held.manifest),
        received_g=reception.received_g,
        returned_at=reception.at,
    )
    return payload, reception.at


@_told.register
def _(event: events.Ended) -> Told:
    held = event.consignment
    tags = held.manifest.tags
    if held.state is State.VOID:
        return contract.ConsignmentVoided(
            **_who(held), reason=event.reason, container_ids=tags, voided_at=event.at
        ), event.at
    return contract.ConsignmentCancelled(
        **_who(held), reason=event.reason, container_ids=tags, cancelled_at=event.at
    ), event.at


@_told.register
def _(event: events.Missing) -> Told:
    held = event.consignment
    payload = contract.ConsignmentMissing(
        **_who(held),
        carrier_id=_carrier_id(held),
        expected_at=held.expected_at or event.at,
        missing_since=event.at,
    )
    return payload, event.at


@_told.register
def _(event: events.Found) -> Told:
    held = event.consignment
    payload = contract.ConsignmentFound(
        **_who(held),
        was=event.was.value,
        expected_at=held.expected_at or event.at,
        found_at=event.at,
    )
    return payload, event.at


@_told.register
def _(event: events.Lost) -> Told:
    held = event.consignment
    payload = contract.ConsignmentLost(
        **_who(held),
        carrier_id=_carrier_id(held),
        report_id=event.report_id,
        containers=container_lines(held.manifest.containers),
        lost_at=event.at,
    )
    return payload, event.at


@_told.register
def _(event: events.Alarmed) -> Told:
    alarm = event.alarm
    payload = contract.ConsignmentAlarmed(
        **_who(event.consignment), alarm=alarm.code, about=alarm.about, raised_at=alarm.at
    )
    return payload, alarm.at


@_told.register
def _(event: events.OnPaper) -> Told:
    held = event.consignment
    paper = held.registration.paper
    if paper is None:
        raise AssertionError("it runs on paper")
    payload = contract.ConsignmentOnPaper(
        **_who(held), reason=paper.reason, due_at=paper.due_at, since=paper.since
    )
    return payload, event.at


@_told.register
def _(event: events.Registered) -> Told:
    held = event.consignment
    payload = contract.ConsignmentRegistered(
        **_who(held),
        receipt_id=held.registration.receipt_id or held.consignment_id,
        registered_at=event.at,
    )
    return payload, event.at


def _carrier_id(held: Consignment) -> str:
    carrier = held.current_carrier
    if carrier is None:
        raise AssertionError("a load that is on its way has a carrier")
    return carrier.carrier_id
