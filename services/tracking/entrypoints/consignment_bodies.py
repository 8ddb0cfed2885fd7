"""What the API of consignments takes."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from services.tracking.application.consignment_drafts import Content
from services.tracking.application.consignment_receptions import OnwardWish
from services.tracking.application.consignment_signatures import Pen
from services.tracking.domain.consignment_receiving import Onward
from services.tracking.domain.consignment_reception import Verdict
from services.tracking.domain.exemptions import VEHICLE_FACTS, VehicleFact
from services.tracking.domain.manifest import CARRIERS_MAX, CONTAINERS_MAX, Carrier
from services.tracking.domain.tags import scanned
from shared.contracts.manifest import ManifestNumber, TreatmentCode
from shared.contracts.topic import Code, OpaqueId
from shared.http.body import Body, Instant
from shared.kernel.clock import to_millisecond

Grams = Annotated[int, Field(strict=True, ge=0, le=49_000_000)]
Tags = Annotated[list[OpaqueId], Field(min_length=1, max_length=CONTAINERS_MAX)]
SecurityDigits = Annotated[str, StringConstraints(pattern=r"^[0-9]{6,12}$")]


class CarrierBody(Body):
    """One carrier's part of the way: which vehicle, on which trip, and when it takes over.

    `vehicle_facts` are what is shown of the vehicle; what is not said counts as missing.
    """

    carrier_id: OpaqueId
    vehicle_id: OpaqueId
    trip_id: OpaqueId
    planned_at: Instant
    vehicle_facts: Annotated[list[VehicleFact], Field(default_factory=list, max_length=5)]

    def to_carrier(self) -> Carrier:
        """Return it, to the millisecond."""
        return Carrier(
            carrier_id=self.carrier_id,
            vehicle_id=self.vehicle_id,
            trip_id=self.trip_id,
            planned_at=to_millisecond(self.planned_at),
            vehicle_facts=tuple(each for each in VEHICLE_FACTS if each in self.vehicle_facts),
        )


class ConsignmentBody(Body):
    """A draft. Its consignor is who sends it; its containers are sealed ones, by tag."""

    receiver_id: OpaqueId
    containers: Tags
    carriers: Annotated[list[CarrierBody], Field(default_factory=list, max_length=CARRIERS_MAX)]
    origin_place: OpaqueId
    destination_place: OpaqueId
    expected_arrival_at: Instant
    treatment_code: TreatmentCode
    broker_id: OpaqueId | None = None
    alternate_id: OpaqueId | None = None
    approval_id: OpaqueId | None = None

    def to_content(self) -> Content:
        """Return what the consignor writes."""
        return Content(
            receiver_id=self.receiver_id,
            tags=tuple(scanned(tag) for tag in self.containers),
            carriers=tuple(carrier.to_carrier() for carrier in self.carriers),
            origin_place=self.origin_place,
            destination_place=self.destination_place,
            expected_arrival_at=to_millisecond(self.expected_arrival_at),
            treatment_code=self.treatment_code,
            broker_id=self.broker_id,
            alternate_id=self.alternate_id,
            approval_id=self.approval_id,
        )


class SealBody(Body):
    """The seal. `number` is one of an offline block, used at `sealed_at`."""

    number: ManifestNumber | None = None
    sealed_at: Instant | None = None


class PenBody(Body):
    """Who signs where and when. With `security_code` the device may be another party's."""

    party_id: OpaqueId
    place_id: OpaqueId
    security_code: SecurityDigits | None = Field(default=None, repr=False)
    signed_at: Instant | None = None

    def to_pen(self) -> Pen:
        """Return how it is signed."""
        signed_at = to_millisecond(self.signed_at) if self.signed_at else None
        return Pen(self.party_id, self.place_id, self.security_code, signed_at)


class SignatureBody(PenBody):
    """A signature of the consignor, or of the next carrier with the tags that it scanned."""

    role: Literal["consignor", "carrier"]
    scanned_tags: Annotated[list[OpaqueId], Field(default_factory=list, max_length=CONTAINERS_MAX)]


class ReasonBody(Body):
    """Why, as a code."""

    reason: Code


class ReplacementBody(Body):
    """Another carrier for part `leg` of the way, counted from 1."""

    leg: int = Field(strict=True, ge=1, le=CARRIERS_MAX)
    carrier: CarrierBody


class BreakdownBody(Body):
    """A breakdown, the carrier that is proposed instead, and the new time of arrival."""

    reason: Code
    carrier: CarrierBody
    expected_at: Instant


class ApprovalBody(Body):
    """Nothing but the consignor's yes."""


class TurnBackBody(Body):
    """Why the load is to come back, and when it is expected."""

    reason: Code
    expected_at: Instant


class ArrivalBody(Body):
    """Where the load is, and since when; without `arrived_at` now."""

    place_id: OpaqueId
    arrived_at: Instant | None = None


class VerdictBody(Body):
    """One container's verdict: a refusal has a reason. Grams are the receiver's scale's."""

    container: OpaqueId
    accepted: bool
    received_g: Grams
    reason: Code | None = None

    def to_verdict(self) -> Verdict:
        """Return the verdict."""
        return Verdict(scanned(self.container), self.accepted, self.received_g, self.reason)


class OnwardBody(Body):
    """Where refused containers go: back to the consignor, or to an alternate."""

    to: Literal["consignor", "alternate"]
    destination_place: OpaqueId
    expected_at: Instant
    alternate_id: OpaqueId | None = None
    approval_id: OpaqueId | None = None
    carrier: CarrierBody | None = None

    @model_validator(mode="after")
    def _names_the_alternate(self) -> "OnwardBody":
        if (self.to == "alternate") != (self.alternate_id is not None):
            raise ValueError("an alternate is named where it goes to one")
        return self

    def to_wish(self) -> OnwardWish:
        """Return where they are to go."""
        onward = Onward(
            destination_place=self.destination_place,
            expected_at=to_millisecond(self.expected_at),
            approval_id=self.approval_id,
            carrier=self.carrier.to_carrier() if self.carrier else None,
        )
        return OnwardWish(onward, self.alternate_id)


class ReceptionBody(PenBody):
    """The receiver's decision about every container, signed."""

    verdicts: Annotated[list[VerdictBody], Field(min_length=1, max_length=CONTAINERS_MAX)]
    onward: OnwardBody | None = None

    def to_verdicts(self) -> tuple[Verdict, ...]:
        """Return the verdicts."""
        return tuple(each.to_verdict() for each in self.verdicts)


class WeighedBody(Body):
    """A container that came back, and what it weighs."""

    container: OpaqueId
    received_g: Grams


class ReceiptBody(PenBody):
    """The consignor's receipt for its own load: there is nothing to refuse."""

    containers: Annotated[list[WeighedBody], Field(min_length=1, max_length=CONTAINERS_MAX)]

    def to_verdicts(self) -> tuple[Verdict, ...]:
        """Return what came back, all of it taken."""
        return tuple(
            Verdict(scanned(each.container), True, each.received_g) for each in self.containers
        )


class FoundBody(Body):
    """When the found load is expected now."""

    expected_at: Instant


class LossBody(Body):
    """The report to the authority."""

    report_id: OpaqueId
