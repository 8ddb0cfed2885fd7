"""What collection's API takes."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.collection.domain.pickup import Item
from services.collection.domain.weighing import WeighedLot
from shared.contracts.topic import Code, CommunityCode, MaterialCode, OpaqueId
from shared.http.body import Body, Day, Instant
from shared.reference.materials import material

Grams = Annotated[int, Field(strict=True, ge=0, le=49_000_000)]
Text = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]


class HouseholdBody(Body):
    """A household at a point (WGS84 degrees); name, phone and address are optional."""

    community_code: CommunityCode
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    name: Text | None = None
    phone: Text | None = None
    address: Text | None = None


class SlotBody(Body):
    """A community's band of one day."""

    community_code: CommunityCode
    service_day: Day
    band: Literal["morning", "afternoon", "evening"]
    capacity: int = Field(strict=True, ge=1, le=2_000)


class ItemBody(Body):
    """What a household expects to hand over."""

    material: MaterialCode
    estimated_mass_g: Grams

    def to_item(self) -> Item:
        """Return the item; an unknown material is `Invalid` (materials.unknown)."""
        return Item(self.material, self.estimated_mass_g, material(self.material).hazardous)


Items = Annotated[list[ItemBody], Field(min_length=1, max_length=20)]


class PickupBody(Body):
    """A booking. The note is for the collectors; it stays with the household's personal data."""

    household_id: OpaqueId
    slot_id: OpaqueId
    items: Items
    note: Text | None = None


class AmendmentBody(Body):
    """What is to change: items, slot, or both."""

    items: Items | None = None
    slot_id: OpaqueId | None = None


class CancellationBody(Body):
    """Why, as a code."""

    reason: Code


class LotBody(Body):
    """One weighed quantity. A hazardous one names the tagged container that it went into."""

    material: MaterialCode
    grade: Literal["A", "B", "C"]
    mass_g: Grams
    contamination_bp: int = Field(default=0, strict=True, ge=0, le=10_000)
    container_tag: OpaqueId | None = None

    def to_lot(self, lot_id: str) -> WeighedLot:
        """Return the lot under its id."""
        return WeighedLot(
            lot_id=lot_id,
            material=self.material,
            grade=self.grade,
            mass_g=self.mass_g,
            contamination_bp=self.contamination_bp,
            hazardous=material(self.material).hazardous,
            container_tag=self.container_tag,
        )


Lots = Annotated[list[LotBody], Field(min_length=1, max_length=40)]


class WeighInBody(Body):
    """What the scale said, and when it happened: a phone may have been offline."""

    vehicle_id: OpaqueId
    scale_id: OpaqueId
    gross_g: Grams
    tare_g: Grams
    weighed_at: Instant
    lots: Lots


class OutcomeBody(Body):
    """The trade's exception code of a visit that could not collect."""

    outcome: Code
    happened_at: Instant


class MissedReportBody(Body):
    """Nobody came."""


class CorrectionBody(Body):
    """The whole new list of lots, and the revision that it supersedes."""

    supersedes: int = Field(strict=True, ge=1)
    lots: Lots
    reason: Code


def lots_of(lots: list[LotBody], *, pickup_id: str, revision: int) -> tuple[WeighedLot, ...]:
    """Return lots with ids that tell pickup, revision and place."""
    return tuple(
        lot.to_lot(f"{pickup_id}:{revision}:{place}") for place, lot in enumerate(lots, start=1)
    )
