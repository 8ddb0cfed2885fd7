"""recycling.consignment.events.v1: hazardous waste under a manifest, from the seal to its end."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from shared.contracts.manifest import (
    CarrierLeg,
    ChildManifest,
    Containers,
    ManifestContent,
    ManifestNumber,
    Verdicts,
)
from shared.contracts.topic import Code, Grams, Instant, OpaqueId, Payload, Topic

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
StateName = Annotated[str, StringConstraints(pattern="^(in-transit|missing|lost)$")]
ContainerIds = Annotated[tuple[OpaqueId, ...], Field(min_length=1, max_length=200)]


class _Consignment(Payload):
    consignment_id: OpaqueId
    number: ManifestNumber


class ConsignmentSealed(_Consignment):
    """The manifest has its number and its content; `parent_number` where it is for refused ones."""

    TYPE: ClassVar[str] = "recycling.consignment.sealed.v1"
    content: ManifestContent
    parent_id: OpaqueId | None = None
    parent_number: ManifestNumber | None = None
    sealed_at: Instant


class ConsignmentAmended(_Consignment):
    """The whole content as it now stands; what a signature froze is as it was."""

    TYPE: ClassVar[str] = "recycling.consignment.amended.v1"
    content: ManifestContent
    amended_at: Instant


class ConsignmentSigned(_Consignment):
    """A link of the hash chain. Whoever keeps these sees a later change of the document."""

    TYPE: ClassVar[str] = "recycling.consignment.signed.v1"
    ordinal: int = Field(ge=1)
    stage: Code = Field(description="consignor, carrier, handover, redirect, receiver, receipt")
    party_id: OpaqueId
    method: Code = Field(description="token, or code on another party's device")
    place_id: OpaqueId
    content_sha256: Sha256
    previous_sha256: Sha256
    sha256: Sha256
    signed_at: Instant


class ConsignmentLoadingRefused(_Consignment):
    """The carrier did not load: back to sealed, the consignor's signature is withdrawn."""

    TYPE: ClassVar[str] = "recycling.consignment.loading-refused.v1"
    carrier_id: OpaqueId
    reason: Code
    refused_at: Instant


class ConsignmentCarrierReplaced(_Consignment):
    """Another carrier is named for part `leg` (from 1), which nobody signed for."""

    TYPE: ClassVar[str] = "recycling.consignment.carrier-replaced.v1"
    leg: int = Field(ge=1)
    carrier: CarrierLeg
    replaced_at: Instant


class ConsignmentTakenOver(_Consignment):
    """Custody: these containers are with this carrier, on part `leg` (from 1)."""

    TYPE: ClassVar[str] = "recycling.consignment.taken-over.v1"
    leg: int = Field(ge=1)
    carrier: CarrierLeg
    containers: Containers
    place_id: OpaqueId
    heading: Code = Field(description="receiver, alternate or consignor")
    taken_at: Instant


class ConsignmentBrokenDown(_Consignment):
    """A vehicle broke down; the proposed carrier waits for the consignor's approval."""

    TYPE: ClassVar[str] = "recycling.consignment.broken-down.v1"
    reported_by: OpaqueId
    reason: Code
    proposed: CarrierLeg
    reported_at: Instant


class ConsignmentCarrierApproved(_Consignment):
    """The consignor approved the unplanned carrier: it is the next to sign."""

    TYPE: ClassVar[str] = "recycling.consignment.carrier-approved.v1"
    carrier: CarrierLeg
    approved_at: Instant


class ConsignmentTurnedBack(_Consignment):
    """The load goes back to its consignor before any receiver saw it."""

    TYPE: ClassVar[str] = "recycling.consignment.turned-back.v1"
    reason: Code
    turned_back_at: Instant


class ConsignmentArrived(_Consignment):
    """The load is at a gate. `was`: in-transit, missing or lost."""

    TYPE: ClassVar[str] = "recycling.consignment.arrived.v1"
    carrier_id: OpaqueId
    place_id: OpaqueId
    container_ids: ContainerIds
    was: StateName
    flags: tuple[Code, ...] = ()
    arrived_at: Instant


class ConsignmentReceived(_Consignment):
    """The receiver's decision. accepted_g = received_g - refused_g.

    `outcome`: accepted, partly-refused (then `child` is the manifest of the refused containers) or
    refused (then the whole load goes on, `onward` to the consignor or to an alternate).
    """

    TYPE: ClassVar[str] = "recycling.consignment.received.v1"
    receiver_id: OpaqueId
    place_id: OpaqueId
    outcome: Code
    verdicts: Verdicts
    received_g: Grams
    refused_g: Grams
    accepted_g: Grams
    onward: Code | None = None
    child: ChildManifest | None = None
    received_at: Instant


class ConsignmentReturned(_Consignment):
    """The consignor has the load back, and gave a receipt."""

    TYPE: ClassVar[str] = "recycling.consignment.returned.v1"
    place_id: OpaqueId
    verdicts: Verdicts
    received_g: Grams
    returned_at: Instant


class ConsignmentCancelled(_Consignment):
    """Given up before a carrier had it; its number is void."""

    TYPE: ClassVar[str] = "recycling.consignment.cancelled.v1"
    reason: Code
    container_ids: ContainerIds
    cancelled_at: Instant


class ConsignmentVoided(_Consignment):
    """Not signed in time: its number is void, its containers are released."""

    TYPE: ClassVar[str] = "recycling.consignment.voided.v1"
    reason: Code
    container_ids: ContainerIds
    voided_at: Instant


class ConsignmentMissing(_Consignment):
    """It did not arrive in time."""

    TYPE: ClassVar[str] = "recycling.consignment.missing.v1"
    carrier_id: OpaqueId
    expected_at: Instant
    missing_since: Instant


class ConsignmentFound(_Consignment):
    """A missing or lost load is on its way again."""

    TYPE: ClassVar[str] = "recycling.consignment.found.v1"
    was: StateName
    expected_at: Instant
    found_at: Instant


class ConsignmentLost(_Consignment):
    """Given up, under a report to the authority: its grams are a loss."""

    TYPE: ClassVar[str] = "recycling.consignment.lost.v1"
    carrier_id: OpaqueId
    report_id: OpaqueId
    containers: Containers
    lost_at: Instant


class ConsignmentAlarmed(_Consignment):
    """A person must look: carrier-absent, unconfirmed, paper-overdue, condition-learnt, …"""

    TYPE: ClassVar[str] = "recycling.consignment.alarmed.v1"
    alarm: Code
    about: str = Field(max_length=160)
    raised_at: Instant


class ConsignmentOnPaper(_Consignment):
    """The registry is away: it runs on paper, to be back-filled by `due_at`."""

    TYPE: ClassVar[str] = "recycling.consignment.on-paper.v1"
    reason: Code
    due_at: Instant
    since: Instant


class ConsignmentRegistered(_Consignment):
    """The national registry knows the manifest."""

    TYPE: ClassVar[str] = "recycling.consignment.registered.v1"
    receipt_id: OpaqueId
    registered_at: Instant


TOPIC = Topic(
    name="recycling.consignment.events.v1",
    purpose="Manifests: sealing, signatures, custody, arrival, reception, refusal, return, loss.",
    key="manifest id (the consignment's id)",
    ordering="all events of one manifest are in order; a child's are its own",
    producer="tracking",
    consumers=("tracking", "pricing", "volumes", "partners", "recycling companies"),
    partitions=6,
    payloads=(
        ConsignmentSealed,
        ConsignmentAmended,
        ConsignmentSigned,
        ConsignmentLoadingRefused,
        ConsignmentCarrierReplaced,
        ConsignmentTakenOver,
        ConsignmentBrokenDown,
        ConsignmentCarrierApproved,
        ConsignmentTurnedBack,
        ConsignmentArrived,
        ConsignmentReceived,
        ConsignmentReturned,
        ConsignmentCancelled,
        ConsignmentVoided,
        ConsignmentMissing,
        ConsignmentFound,
        ConsignmentLost,
        ConsignmentAlarmed,
        ConsignmentOnPaper,
        ConsignmentRegistered,
    ),
)
