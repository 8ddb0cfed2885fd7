"""What the API of containers, tags and quarantine is sent."""

from typing import Annotated

from pydantic import Field, StringConstraints

from services.tracking.domain.quarantine import Way
from services.tracking.domain.tags import BLOCK
from shared.contracts.topic import Code, MaterialCode, OpaqueId
from shared.http.body import Body, Day

Grams = Annotated[int, Field(strict=True, ge=0, le=49_000_000)]
Litres = Annotated[int, Field(strict=True, ge=1, le=100_000)]
Materials = Annotated[list[MaterialCode], Field(max_length=40)]
Digits = Annotated[str, StringConstraints(pattern=r"^[0-9]{0,12}$")]


class ContainerBody(Body):
    """A container with its tag: for a material, for several, or for classes of materials.

    A crate or pallet whose tag is a GRAI may be for none.
    """

    tag: OpaqueId
    container_type: Code
    material: MaterialCode | None = None
    tare_g: Grams
    limit_g: Grams
    materials: Materials = Field(default_factory=list)
    classes: Annotated[list[Code], Field(max_length=20)] = Field(default_factory=list)
    volume_l: Litres | None = None
    tested_until: Day | None = Field(default=None, description="last day of the periodic test")
    place_id: OpaqueId | None = None


class PermitBody(Body):
    """A scan: what is to be put in (none named: whatever fits), and for how long."""

    materials: Materials = Field(default_factory=list)
    hours: Annotated[int, Field(strict=True, ge=1, le=10_000)] | None = None
    device_id: OpaqueId | None = None


class SealBody(Body):
    """The closed container on a scale. `place_id`: where it stands, if that is known."""

    gross_g: Grams
    scale_id: OpaqueId
    seal_number: OpaqueId | None = None
    place_id: OpaqueId | None = None


class ReasonBody(Body):
    """Why."""

    reason: Code


class DamageBody(ReasonBody):
    """What broke, and the overpack that it was put into."""

    overpack_tag: OpaqueId | None = None


class PlaceBody(Body):
    """Where; not named: where it is."""

    place_id: OpaqueId | None = None


class NothingBody(Body):
    """Nothing needs to be said."""


class TagBatchBody(Body):
    """How many tags, and for crates the GS1 company prefix and asset type: 12 digits together."""

    count: Annotated[int, Field(strict=True, ge=1, le=BLOCK)]
    company_prefix: Digits | None = None
    asset_type: Digits | None = None
    rfid: bool = False


class ResolutionBody(Body):
    """Where a quarantined lot goes. `target`: the tag or place; none for `accept`."""

    resolution: Annotated[Way, Field(strict=False)]
    target: OpaqueId | None = None
    reason: Code
