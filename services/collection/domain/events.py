"""What collection reports, inside; adapters/announcements.py maps it to the contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from services.collection.domain.pickup import Pickup
    from services.collection.domain.weighing import WeighedLot, Weighing


@dataclass(frozen=True, slots=True)
class PickupBooked:
    """A place is taken."""

    pickup: Pickup


@dataclass(frozen=True, slots=True)
class PickupAmended:
    """The booking has a new version."""

    pickup: Pickup
    at: datetime


@dataclass(frozen=True, slots=True)
class PickupCancelled:
    """It will not be visited."""

    pickup: Pickup
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PickupApproached:
    """The collector set out, or is at the door: the state says which."""

    pickup: Pickup
    collector_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PickupRemarked:
    """The crew noted something that does not end the visit."""

    pickup: Pickup
    outcome: str
    collector_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PickupFailed:
    """The crew could not collect."""

    pickup: Pickup
    outcome: str
    collector_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PickupMissed:
    """Nobody came."""

    pickup: Pickup
    at: datetime


@dataclass(frozen=True, slots=True)
class PickupWeighed:
    """The scale's answer."""

    pickup: Pickup
    weighing: Weighing


@dataclass(frozen=True, slots=True)
class PickupConfirmed:
    """The weigh-in stands."""

    pickup: Pickup
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PickupDisputed:
    """The household does not agree with a revision."""

    pickup: Pickup
    reason: str
    revision: int
    at: datetime


@dataclass(frozen=True, slots=True)
class PickupUpheld:
    """The dispute was decided for the scale."""

    pickup: Pickup
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PickupCorrected:
    """The lots before and after."""

    pickup: Pickup
    before: tuple[WeighedLot, ...]
    weighing: Weighing
    at: datetime
    reason: str
