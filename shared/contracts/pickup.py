"""recycling.pickup.events.v1: the life of a pickup, from booking to what the scale said."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.lots import Condition, Corrected, Lots, Pieces
from shared.contracts.lots import Lot as Lot  # noqa: PLC0414 - readers of this topic know it so
from shared.contracts.topic import (
    Cell,
    Code,
    CommunityCode,
    Grams,
    Instant,
    MaterialCode,
    OpaqueId,
    Payload,
    Topic,
)


class DeclaredItem(Payload):
    """What the household expects to hand over; an estimate, never a measurement.

    `condition` is asked of hazardous things: the law tells intact from broken. `nominal`: the mass
    is that which the counted pieces usually have.
    """

    material: MaterialCode
    estimated_mass_g: Grams
    hazardous: bool
    pieces: Pieces | None = None
    condition: Condition | None = None
    nominal: bool = False


Items = Annotated[tuple[DeclaredItem, ...], Field(min_length=1, max_length=20)]


class _Pickup(Payload):
    pickup_id: OpaqueId
    household_id: OpaqueId
    community_code: CommunityCode


class PickupBooked(_Pickup):
    """A place in a slot is taken: the pickup may be planned for [window_start, window_end)."""

    TYPE: ClassVar[str] = "recycling.pickup.booked.v1"
    cell: Cell = Field(description="H3 cell, resolution 9, of the door")
    service_day: date
    window_start: Instant
    window_end: Instant
    items: Items
    booking_version: int = Field(ge=1)


class PickupAmended(PickupBooked):
    """The whole booking as it now stands; `booking_version` is one higher than before."""

    TYPE: ClassVar[str] = "recycling.pickup.amended.v1"


class PickupCancelled(_Pickup):
    """It will not be visited. `by`: resident, city or planner."""

    TYPE: ClassVar[str] = "recycling.pickup.cancelled.v1"
    by: str = Field(pattern="^(resident|city|planner)$")
    reason: Code
    cancelled_at: Instant


class PickupFailed(_Pickup):
    """The crew was there and could not collect. `outcome` is the trade's exception code."""

    TYPE: ClassVar[str] = "recycling.pickup.failed.v1"
    outcome: Code
    collector_id: OpaqueId
    failed_at: Instant


class PickupMissed(_Pickup):
    """The household reported that nobody came, and the report was admissible.

    `misses` counts the household's misses of the last 90 days, this one included.
    """

    TYPE: ClassVar[str] = "recycling.pickup.missed.v1"
    reported_at: Instant
    misses: int = Field(default=1, ge=1)


class PickupApproached(_Pickup):
    """The collector set out for the door (en_route), or stands there (at_door)."""

    TYPE: ClassVar[str] = "recycling.pickup.approached.v1"
    progress: str = Field(pattern="^(en_route|at_door)$")
    collector_id: OpaqueId
    happened_at: Instant


class PickupRemarked(_Pickup):
    """The crew noted a code that ends no visit: an extra item, or what it told after the end."""

    TYPE: ClassVar[str] = "recycling.pickup.remarked.v1"
    outcome: Code
    collector_id: OpaqueId
    happened_at: Instant


class PickupWeighed(_Pickup):
    """The scale's answer at the door. Σ lots = net = gross - tare, in grams. `revision` is 1.

    `weighed_at` is when it happened, `recorded_at` when it was told: a phone may be offline.
    """

    TYPE: ClassVar[str] = "recycling.pickup.weighed.v1"
    revision: int = Field(ge=1)
    vehicle_id: OpaqueId
    collector_id: OpaqueId
    scale_id: OpaqueId
    gross_g: Grams
    tare_g: Grams
    net_g: Grams
    lots: Lots
    weighed_at: Instant
    recorded_at: Instant | None = None
    flags: tuple[Code, ...] = ()


class PickupConfirmed(_Pickup):
    """The weigh-in stands: the household agreed (`by` resident), or 24 h passed (`by` time)."""

    TYPE: ClassVar[str] = "recycling.pickup.confirmed.v1"
    revision: int = Field(ge=1)
    by: str = Field(pattern="^(resident|time)$")
    confirmed_at: Instant


class PickupDisputed(_Pickup):
    """The household does not agree with a revision of the weigh-in."""

    TYPE: ClassVar[str] = "recycling.pickup.disputed.v1"
    revision: int = Field(ge=1)
    reason: Code
    disputed_at: Instant


class PickupUpheld(_Pickup):
    """A dispute was decided for the scale; where it was not, the weigh-in is corrected."""

    TYPE: ClassVar[str] = "recycling.pickup.upheld.v1"
    revision: int = Field(ge=1)
    reason: Code
    upheld_at: Instant


class PickupCorrected(Corrected, _Pickup):
    """A correction: the whole list of lots before and after. Effects are the difference of both.

    `weighed_at` is that of the first weighing: sums of that hour change, not of today's.
    """

    TYPE: ClassVar[str] = "recycling.pickup.corrected.v1"


TOPIC = Topic(
    name="recycling.pickup.events.v1",
    purpose="The life of every pickup: from booking over the door to what stands.",
    key="community code (12 digits) of the household at booking; a pickup keeps its first one",
    ordering="all events of one community, and so of one pickup, are in order",
    producer="collection",
    consumers=("pricing", "routing", "tracking", "volumes", "recycling companies"),
    partitions=12,
    payloads=(
        PickupBooked,
        PickupAmended,
        PickupCancelled,
        PickupFailed,
        PickupMissed,
        PickupApproached,
        PickupRemarked,
        PickupWeighed,
        PickupConfirmed,
        PickupDisputed,
        PickupUpheld,
        PickupCorrected,
    ),
)
