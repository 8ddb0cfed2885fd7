"""Payloads of recycling.container.events.v1 about a container's life and its quarantine tasks.

`step` counts a container's own events, dense and in order, from 1. Grams are by material; those of
one event are moved together, in one balanced entry of the mass ledger.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from shared.contracts.lots import WeighInSource
from shared.contracts.topic import (
    Code,
    CommunityCode,
    Grams,
    Instant,
    MaterialCode,
    OpaqueId,
    Payload,
)

# Who has a container: an account of the mass ledger.
Holder = Annotated[
    str,
    StringConstraints(max_length=96, pattern=r"^(vehicle|place|party|consignment)/[\w.:-]{1,64}$"),
]
Step = Annotated[int, Field(ge=1, strict=True)]
Fill = Annotated[int, Field(ge=1, strict=True, description="from empty to empty again, from 1")]


class Amount(Payload):
    """Grams of one material; negative where something was taken back."""

    material: MaterialCode
    mass_g: int


Amounts = Annotated[tuple[Amount, ...], Field(max_length=200)]


class _OfContainer(Payload):
    container_id: OpaqueId
    step: Step


class ContainerMoved(_OfContainer):
    """Another holder has the container, with all that is in it."""

    TYPE: ClassVar[str] = "recycling.container.moved.v1"
    from_holder: Holder
    to_holder: Holder
    content: Amounts
    consignment_id: OpaqueId | None = Field(
        default=None, description="the consignment on whose way it moved"
    )
    moved_at: Instant


class ContainerSealed(_OfContainer):
    """Weighed and closed: its net is frozen. `difference` is lots less net, by material, signed."""

    TYPE: ClassVar[str] = "recycling.container.sealed.v1"
    fill: Fill
    holder: Holder
    gross_g: Grams
    tare_g: Grams
    net_g: Grams
    lots_g: int
    content: Amounts
    difference: Amounts
    scale_id: OpaqueId
    seal_number: OpaqueId | None = None
    flags: tuple[Code, ...] = ()
    sealed_at: Instant


class ContainerOpened(_OfContainer):
    """The seal was broken, for a reason. The content stays what it was weighed at."""

    TYPE: ClassVar[str] = "recycling.container.opened.v1"
    reason: Code
    opened_at: Instant


class ContainerResumed(_OfContainer):
    """An opened one takes lots again."""

    TYPE: ClassVar[str] = "recycling.container.resumed.v1"
    resumed_at: Instant


class ContainerReserved(_OfContainer):
    """A consignment has it."""

    TYPE: ClassVar[str] = "recycling.container.reserved.v1"
    consignment_id: OpaqueId
    reserved_at: Instant


class ContainerReleased(_OfContainer):
    """A consignment gave it up."""

    TYPE: ClassVar[str] = "recycling.container.released.v1"
    consignment_id: OpaqueId
    released_at: Instant


class ContainerDeparted(_OfContainer):
    """It is in transit, with a carrier."""

    TYPE: ClassVar[str] = "recycling.container.in-transit.v1"
    consignment_id: OpaqueId
    holder: Holder
    departed_at: Instant


class ContainerReceived(_OfContainer):
    """It arrived at a place or a party. `difference`: what lay in it less the receiver's weight."""

    TYPE: ClassVar[str] = "recycling.container.received.v1"
    consignment_id: OpaqueId
    holder: Holder
    difference: Amounts = ()
    received_at: Instant


class ContainerEmptied(_OfContainer):
    """Its content was taken out at a place."""

    TYPE: ClassVar[str] = "recycling.container.emptied.v1"
    fill: Fill
    from_holder: Holder | None = None
    to_holder: Holder
    content: Amounts
    emptied_at: Instant


class ContainerCleaned(_OfContainer):
    """It was cleaned."""

    TYPE: ClassVar[str] = "recycling.container.cleaned.v1"
    cleaned_at: Instant


class ContainerReadied(_OfContainer):
    """It is empty again: `fill` is the number of the fill that begins."""

    TYPE: ClassVar[str] = "recycling.container.ready.v1"
    fill: Fill
    ready_at: Instant


class ContainerRetired(_OfContainer):
    """It is used no more."""

    TYPE: ClassVar[str] = "recycling.container.retired.v1"
    reason: Code
    retired_at: Instant


class ContainerDamaged(_OfContainer):
    """It is broken. `overpack_id` names the container that it was put into."""

    TYPE: ClassVar[str] = "recycling.container.damaged.v1"
    reason: Code
    overpack_id: OpaqueId | None = None
    damaged_at: Instant


class ContainerLost(_OfContainer):
    """Nobody knows where it is; its grams stay where they were last seen."""

    TYPE: ClassVar[str] = "recycling.container.lost.v1"
    reason: Code
    lost_at: Instant


class ContainerFound(_OfContainer):
    """A lost one is there again; `content` are grams that had been written off with it."""

    TYPE: ClassVar[str] = "recycling.container.found.v1"
    holder: Holder | None = None
    content: Amounts = ()
    consignment_id: OpaqueId | None = None
    found_at: Instant


class ContainerWrittenOff(_OfContainer):
    """A lost one was given up: its content is a declared loss."""

    TYPE: ClassVar[str] = "recycling.container.written-off.v1"
    fill: Fill
    holder: Holder | None = None
    content: Amounts
    reason: Code
    consignment_id: OpaqueId | None = None
    written_off_at: Instant


class ContainerConditionLearnt(_OfContainer):
    """What lies in a closed one is in a worse condition than was known when it was closed.

    `consignment_id`: who has it. Legs that have not begun are judged by it.
    """

    TYPE: ClassVar[str] = "recycling.container.condition-learnt.v1"
    condition: Literal["broken", "unknown"]
    consignment_id: OpaqueId | None = None
    learnt_at: Instant


class DifferenceBooked(Payload):
    """A weigh-in was corrected after the seal: lots and frozen content differ by so much more."""

    TYPE: ClassVar[str] = "recycling.container.difference-booked.v1"
    container_id: OpaqueId
    pickup_id: OpaqueId = Field(description="what was weighed: a pickup's id, or a drive visit's")
    source: WeighInSource = "door"
    community_code: CommunityCode
    material: MaterialCode
    mass_delta_g: int
    booked_at: Instant


class TaskResolved(Payload):
    """A person decided where a quarantined lot goes; the grams follow.

    `target`: the container, place or consignment; none where the lot was accepted as it is.
    """

    TYPE: ClassVar[str] = "recycling.container.task-resolved.v1"
    task_id: OpaqueId
    number: int = Field(ge=1, description="counts the resolutions of the task")
    pickup_id: OpaqueId = Field(description="what was weighed: a pickup's id, or a drive visit's")
    source: WeighInSource = "door"
    container_tag: OpaqueId | None
    lot_id: OpaqueId
    resolution: Annotated[
        str, StringConstraints(pattern=r"^(to-container|to-place|accept|to-consignment)$")
    ]
    target: OpaqueId | None = None
    reason: Code
    resolved_at: Instant


class ResolutionRefused(Payload):
    """A resolution could not be carried out: the task is open again, with the reason."""

    TYPE: ClassVar[str] = "recycling.container.resolution-refused.v1"
    task_id: OpaqueId
    number: int = Field(ge=1)
    pickup_id: OpaqueId = Field(description="what was weighed: a pickup's id, or a drive visit's")
    source: WeighInSource = "door"
    container_tag: OpaqueId | None
    lot_id: OpaqueId
    reason: Code
    refused_at: Instant


LIFE: tuple[type[Payload], ...] = (
    ContainerMoved,
    ContainerSealed,
    ContainerOpened,
    ContainerResumed,
    ContainerReserved,
    ContainerReleased,
    ContainerDeparted,
    ContainerReceived,
    ContainerEmptied,
    ContainerCleaned,
    ContainerReadied,
    ContainerRetired,
    ContainerDamaged,
    ContainerLost,
    ContainerFound,
    ContainerWrittenOff,
    ContainerConditionLearnt,
    DifferenceBooked,
    TaskResolved,
    ResolutionRefused,
)
