"""What a manifest says, as events carry it: sites, carriers, containers, verdicts. Ids only."""

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.contracts.lots import Condition
from shared.contracts.topic import (
    Code,
    CommunityCode,
    Grams,
    Instant,
    MaterialCode,
    OpaqueId,
    Payload,
)

ManifestNumber = Annotated[str, StringConstraints(pattern=r"^\d{14}$")]
WasteCode = Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=r"^[\w.-]+$")]
TreatmentCode = Annotated[str, StringConstraints(pattern=r"^[RD]\d{1,2}$")]
Trait = Annotated[str, StringConstraints(pattern="^(T|C|I|R|In)$")]
VehicleFact = Annotated[
    str, StringConstraints(pattern="^(rain-proof|leak-proof|spill-proof|sorting-rules|licensed)$")
]
Purpose = Annotated[str, StringConstraints(pattern="^(shipment|return|redirection)$")]


class ContentLine(Payload):
    """Grams of one material in a container, with its codes."""

    material: MaterialCode
    waste_code: WasteCode | None
    un_number: WasteCode | None
    mass_g: Grams
    traits: tuple[Trait, ...] = ()


Contents = Annotated[tuple[ContentLine, ...], Field(max_length=200)]


class ContainerLine(Payload):
    """A sealed container as declared; it does not change after the sealing.

    Where several materials lie in it, `contents` has each, the most first; else it is empty.
    `condition`: the worst that was recorded of its lots; absent where nobody said anything.
    """

    container_id: OpaqueId
    material: MaterialCode
    waste_code: WasteCode | None
    un_number: WasteCode | None
    net_g: Grams
    packaging: Code
    form: Code
    traits: tuple[Trait, ...] = ()
    contents: Contents = ()
    condition: Condition | None = None


class CarrierLeg(Payload):
    """One carrier's part of the way, in order. `vehicle_facts`: what was shown of its vehicle."""

    carrier_id: OpaqueId
    vehicle_id: OpaqueId
    trip_id: OpaqueId
    planned_at: Instant
    unplanned: bool = False
    vehicle_facts: Annotated[tuple[VehicleFact, ...], Field(max_length=16)] = ()


Containers = Annotated[tuple[ContainerLine, ...], Field(min_length=1, max_length=200)]
Carriers = Annotated[tuple[CarrierLeg, ...], Field(max_length=16)]


class Site(Payload):
    """A party with the division code of its site."""

    party_id: OpaqueId
    division_code: CommunityCode


class ManifestContent(Payload):
    """What a manifest says. Parties are ids; their names never leave tracking."""

    purpose: Purpose
    consignor: Site
    receiver: Site
    broker: Site | None = None
    alternate: Site | None = None
    approval_id: OpaqueId | None = None
    carriers: Carriers
    containers: Containers
    net_g: Grams
    origin_place: OpaqueId
    destination_place: OpaqueId
    treatment_code: TreatmentCode
    expected_arrival_at: Instant


class VerdictLine(Payload):
    """One container's verdict: declared and received grams, accepted as a whole or refused."""

    container_id: OpaqueId
    material: MaterialCode
    waste_code: WasteCode | None
    net_g: Grams
    received_g: Grams
    accepted: bool
    reason: Code | None = None


Verdicts = Annotated[tuple[VerdictLine, ...], Field(min_length=1, max_length=200)]


class ChildManifest(Payload):
    """The manifest of the refused containers: its number is reserved, its content decided."""

    consignment_id: OpaqueId
    number: ManifestNumber
    content: ManifestContent
