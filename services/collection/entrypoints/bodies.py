"""What collection's API takes."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from services.collection.domain.booking import Item
from services.collection.domain.weighing import WeighedLot
from shared.contracts.topic import Code, CommunityCode, MaterialCode, OpaqueId
from shared.http.body import Body, Day, Instant, Uuid
from shared.kernel.clock import to_millisecond
from shared.kernel.mass import grams
from shared.permits.tokens import TOKEN_LETTERS_MAX
from shared.reference.materials import material
from shared.reference.nominal_masses import nominal_mass_g
from shared.reference.piece_masses import piece_mass

Grams = Annotated[int, Field(strict=True, ge=0, le=49_000_000)]
Pieces = Annotated[int, Field(strict=True, ge=1, le=10_000)]
Condition = Literal["intact", "broken", "unknown"]
Appliance = Annotated[str, StringConstraints(pattern="^[a-z-]{1,40}$")]
Text = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]
# A weigh-in that was corrected so often is put right by hand.
REVISION_MAX = 100
# Any text: what is no permit is noted with the lot. The bound is that of tracking's permits.
PermitToken = Annotated[str, StringConstraints(max_length=TOKEN_LETTERS_MAX)]
# It ends in events: words, so that nobody's number does.
Reason = Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-z]+([._-][a-z]+)*$")]


class SlotBody(Body):
    """A community's band of one day."""

    community_code: CommunityCode
    service_day: Day
    band: Literal["morning", "afternoon", "evening"]
    capacity: int = Field(strict=True, ge=1, le=2_000)


class ItemBody(Body):
    """What a household expects to hand over: by mass, or by pieces that it only counts.

    A hazardous thing's `condition` is asked for; the kind of a battery is its material.
    """

    material: MaterialCode
    estimated_mass_g: Grams | None = None
    pieces: Pieces | None = None
    condition: Condition | None = None

    @model_validator(mode="after")
    def _has_an_amount(self) -> Self:
        if self.estimated_mass_g is None and self.pieces is None:
            raise ValueError("an item has estimated_mass_g, pieces or both")
        return self

    def to_item(self, day: date) -> Item:
        """Return the item; what is only counted has the usual mass of its pieces on a day.

        Raises `Invalid` (materials.unknown, materials.no_piece_mass, mass.impossible).
        """
        hazardous = material(self.material).hazardous
        mass_g = self.estimated_mass_g
        if mass_g is None:
            mass_g = grams((self.pieces or 0) * piece_mass(self.material, on=day).mass_g)
        return Item(
            self.material,
            mass_g,
            hazardous,
            pieces=self.pieces,
            condition=self.condition,
            nominal=self.estimated_mass_g is None,
        )


class HoldBody(Body):
    """A form is open: keep a place in this slot meanwhile."""

    household_id: OpaqueId
    slot_id: OpaqueId


Items = Annotated[list[ItemBody], Field(min_length=1, max_length=20)]


class PickupBody(Body):
    """A booking. The note is for the collectors; it stays with the household's personal data.

    `pickup_id` is that of a held place (`POST /v1/holds`).
    """

    pickup_id: Uuid | None = None
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

    reason: Reason


class LotBody(Body):
    """One weighed quantity. A hazardous one names the tagged container that it went into.

    An appliance that cannot be put on the scale has `nominal_of` and pieces instead of a mass.
    """

    material: MaterialCode
    grade: Literal["A", "B", "C"]
    mass_g: Grams | None = None
    nominal_of: Appliance | None = None
    contamination_bp: int = Field(default=0, strict=True, ge=0, le=10_000)
    container_tag: OpaqueId | None = None
    pieces: Pieces | None = None
    condition: Condition | None = None

    @model_validator(mode="after")
    def _has_one_mass(self) -> Self:
        if (self.mass_g is None) == (self.nominal_of is None):
            raise ValueError("a lot has mass_g, or nominal_of where it cannot be weighed")
        return self

    def to_lot(self, lot_id: str, *, day: date) -> WeighedLot:
        """Return the lot under its id; a nominal mass is that of the day."""
        pieces = self.pieces
        mass_g = self.mass_g
        if self.nominal_of is not None:
            pieces = 1 if pieces is None else pieces
            mass_g = pieces * nominal_mass_g(self.nominal_of, on=day)
        return WeighedLot(
            lot_id=lot_id,
            material=self.material,
            grade=self.grade,
            mass_g=mass_g or 0,
            pieces=pieces,
            condition=self.condition,
            nominal=self.nominal_of is not None,
            contamination_bp=self.contamination_bp,
            hazardous=material(self.material).hazardous,
            container_tag=self.container_tag,
        )


class ScannedLotBody(LotBody):
    """A lot off the scale, with the signed permit that the scan of its container's tag gave.

    A permit that does not fit, or is none at all, is noted with the lot and refuses nothing.
    """

    permit: PermitToken | None = None


Lots = Annotated[list[LotBody], Field(min_length=1, max_length=40)]
ScannedLots = Annotated[list[ScannedLotBody], Field(min_length=1, max_length=40)]


class WeighInBody(Body):
    """What the scale said, and when it happened: a phone may have been offline."""

    vehicle_id: OpaqueId
    scale_id: OpaqueId
    gross_g: Grams
    tare_g: Grams
    weighed_at: Instant
    lots: ScannedLots


class OutcomeBody(Body):
    """The trade's exception code of a visit that could not collect."""

    outcome: Code
    happened_at: Instant


class MissedReportBody(Body):
    """Nobody came."""


class ApproachBody(Body):
    """How far the collector is."""

    progress: Literal["en_route", "at_door"]
    happened_at: Instant


class ConfirmationBody(Body):
    """Yes, as it is."""


class ApprovalBody(Body):
    """Yes, as it was seen: `proposed_at` names the proposal, so that no later one is meant."""

    proposed_at: Instant | None = None

    def seen(self) -> datetime | None:
        """Return when what was seen was proposed, to the millisecond; None is whichever it is."""
        return None if self.proposed_at is None else to_millisecond(self.proposed_at)


class ReasonBody(Body):
    """Why, as a code."""

    reason: Reason


class CorrectionBody(Body):
    """The whole new list of lots, and the revision that it supersedes."""

    supersedes: int = Field(strict=True, ge=1, le=REVISION_MAX)
    lots: Lots
    reason: Reason


def permits_of(lots: Sequence[ScannedLotBody]) -> tuple[str | None, ...]:
    """Return the signed permits that lots came with, in their order."""
    return tuple(lot.permit for lot in lots)


def lots_of(
    lots: Sequence[LotBody], *, pickup_id: str, revision: int, day: date
) -> tuple[WeighedLot, ...]:
    """Return lots with ids that tell pickup, revision and place."""
    return tuple(
        lot.to_lot(f"{pickup_id}:{revision}:{place}", day=day)
        for place, lot in enumerate(lots, start=1)
    )
