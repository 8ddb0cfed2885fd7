"""Weighed lots, as the topics carry them that tell what the scale said: at a door or at a drive."""

from typing import Annotated

from pydantic import Field

from shared.contracts.topic import Code, Grams, Instant, MaterialCode, OpaqueId, Payload

GRADES = ("A", "B", "C")
Grade = Annotated[str, Field(pattern="^[ABC]$")]
Condition = Annotated[str, Field(pattern="^(intact|broken|unknown)$")]
Pieces = Annotated[int, Field(ge=0, le=10_000, strict=True)]
BasisPoints = Annotated[int, Field(ge=0, le=10_000, strict=True)]
# Where a weigh-in was made. Its id is then a pickup's (door) or a visit's (drive).
WeighInSource = Annotated[str, Field(pattern="^(door|drive)$")]


class Lot(Payload):
    """One weighed quantity of one material and grade. Net grams, never lowered by contamination.

    `container_tag` names the tagged container that a hazardous lot went into, `permit_id` the
    permit that the scan of its tag gave; `permit_fault` is why that permit did not fit. `nominal`
    grams come from the table of dated nominal masses, for what cannot be put on a scale.
    """

    lot_id: OpaqueId
    material: MaterialCode
    grade: Grade
    mass_g: Grams
    contamination_bp: BasisPoints = 0
    hazardous: bool = False
    container_tag: OpaqueId | None = None
    pieces: Pieces | None = None
    condition: Condition | None = None
    nominal: bool = False
    permit_id: OpaqueId | None = None
    permit_fault: Code | None = None


Lots = Annotated[tuple[Lot, ...], Field(max_length=40)]


class Corrected(Payload):
    """What every correction of a weighing says, at a door or at a drive."""

    revision: int = Field(ge=2, description="supersedes revision - 1")
    vehicle_id: OpaqueId
    lots_before: Lots
    lots_after: Lots
    weighed_at: Instant
    corrected_at: Instant
    reason: Code
