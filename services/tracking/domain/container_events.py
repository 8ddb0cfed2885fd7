"""What a container reports. `step` counts a container's events: dense and in order, from 1."""

from dataclasses import dataclass
from datetime import datetime

from services.tracking.domain.amounts import Amounts


@dataclass(frozen=True, slots=True)
class Step:
    """What all of them say."""

    tag: str
    step: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Contained(Step):
    """Grams of a weighed lot came into the container (negative: were taken back)."""

    fill: int
    holder: str
    pickup_id: str
    source: str
    community_code: str
    lot_id: str
    material: str
    mass_delta_g: int


@dataclass(frozen=True, slots=True)
class Moved(Step):
    """The container, with all that is in it, is now with another holder.

    `consignment_id` is there where it moved on a consignment's way: with a carrier, or at its end.
    """

    from_holder: str
    to_holder: str
    content: Amounts
    consignment_id: str | None = None


@dataclass(frozen=True, slots=True)
class Sealed(Step):
    """Weighed and closed. `difference` is lots less net, by material; `content` is the net."""

    fill: int
    holder: str
    gross_g: int
    tare_g: int
    net_g: int
    lots_g: int
    content: Amounts
    difference: Amounts
    scale_id: str
    seal_number: str | None
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConditionLearnt(Step):
    """What lies in it is in a worse condition (broken, unknown) than was known when it closed."""

    condition: str
    consignment_id: str | None


@dataclass(frozen=True, slots=True)
class Opened(Step):
    """The seal was broken on purpose."""

    reason: str


@dataclass(frozen=True, slots=True)
class Resumed(Step):
    """An opened one takes lots again."""


@dataclass(frozen=True, slots=True)
class Reserved(Step):
    """A consignment has it."""

    consignment_id: str


@dataclass(frozen=True, slots=True)
class Released(Step):
    """A consignment gave it up."""

    consignment_id: str


@dataclass(frozen=True, slots=True)
class Departed(Step):
    """It is on its way, with a carrier."""

    consignment_id: str
    holder: str


@dataclass(frozen=True, slots=True)
class Received(Step):
    """It arrived. `difference` is what lay in it less what the receiver's scale said."""

    consignment_id: str
    holder: str
    difference: Amounts = ()


@dataclass(frozen=True, slots=True)
class Emptied(Step):
    """Its content was taken out at a place."""

    fill: int
    from_holder: str | None
    to_holder: str
    content: Amounts


@dataclass(frozen=True, slots=True)
class Cleaned(Step):
    """It was cleaned."""


@dataclass(frozen=True, slots=True)
class Readied(Step):
    """It is empty again, for a new fill."""

    fill: int


@dataclass(frozen=True, slots=True)
class Retired(Step):
    """It is used no more."""

    reason: str


@dataclass(frozen=True, slots=True)
class Damaged(Step):
    """It is broken; `overpack_id` names the container that it was put into."""

    reason: str
    overpack_id: str | None


@dataclass(frozen=True, slots=True)
class Lost(Step):
    """Nobody knows where it is."""

    reason: str


@dataclass(frozen=True, slots=True)
class Found(Step):
    """It is there again. `content` are the grams that had been written off with it."""

    holder: str | None
    content: Amounts = ()
    consignment_id: str | None = None


@dataclass(frozen=True, slots=True)
class WrittenOff(Step):
    """It was given up, with its content; on the way of a consignment, where it names one."""

    fill: int
    holder: str | None
    content: Amounts
    reason: str
    consignment_id: str | None = None
