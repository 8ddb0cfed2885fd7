"""recycling.container.events.v1: tagged containers of hazardous waste and what went into them.

The rest of a container's life is in `container_life`.
"""

from datetime import date
from typing import ClassVar

from pydantic import Field

from shared.contracts.container_life import LIFE, Fill, Holder, Step
from shared.contracts.lots import WeighInSource
from shared.contracts.topic import (
    Code,
    CommunityCode,
    Grams,
    Instant,
    MaterialCode,
    OpaqueId,
    Payload,
    Topic,
)


class ContainerRegistered(Payload):
    """A container with its tag, the waste code (catalogue at that date) and UN number it is for."""

    TYPE: ClassVar[str] = "recycling.container.registered.v1"
    container_id: OpaqueId
    container_type: Code
    waste_code: str | None = Field(default=None, description="e.g. 900-052-31; none: not in it")
    un_number: str | None = Field(default=None, pattern=r"^UN\d{4}$")
    tare_g: Grams
    limit_g: Grams
    registered_at: Instant
    step: Step | None = None
    materials: tuple[MaterialCode, ...] = ()
    classes: tuple[Code, ...] = ()
    volume_l: int | None = None
    tested_until: date | None = None
    holder: Holder | None = None


class LotContained(Payload):
    """A hazardous lot went into the container, by the tag that the collector scanned.

    A correction that lowers or removes the lot reports a negative `mass_delta_g`.
    """

    TYPE: ClassVar[str] = "recycling.container.lot-contained.v1"
    container_id: OpaqueId
    lot_id: OpaqueId
    pickup_id: OpaqueId = Field(description="what was weighed: a pickup's id, or a drive visit's")
    source: WeighInSource = "door"
    community_code: CommunityCode
    material: MaterialCode
    mass_delta_g: int
    contained_at: Instant
    step: Step | None = None
    fill: Fill | None = None
    holder: Holder | None = None


class LotQuarantined(Payload):
    """A hazardous lot whose tag does not fit: recorded, set apart, and a task for a person.

    Keyed by the tag that was given, or the lot's id where none was.
    """

    TYPE: ClassVar[str] = "recycling.container.lot-quarantined.v1"
    container_tag: OpaqueId | None
    lot_id: OpaqueId
    pickup_id: OpaqueId = Field(description="what was weighed: a pickup's id, or a drive visit's")
    source: WeighInSource = "door"
    community_code: CommunityCode
    material: MaterialCode
    mass_delta_g: int
    reason: Code
    quarantined_at: Instant
    task_id: OpaqueId | None = Field(default=None, description="the task that a person resolves")
    revision: int | None = Field(default=None, description="of the weigh-in that says so")


TOPIC = Topic(
    name="recycling.container.events.v1",
    purpose="The life and content of tagged containers; lots in quarantine and their tasks.",
    key="container id (its tag)",
    ordering="all events of one container are in order",
    producer="tracking",
    consumers=("tracking", "recycling companies", "partners"),
    partitions=6,
    payloads=(ContainerRegistered, LotContained, LotQuarantined, *LIFE),
)
