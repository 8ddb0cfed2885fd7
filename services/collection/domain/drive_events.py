"""What drives report, inside; adapters/drive_announcements.py maps it to the contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from services.collection.domain.drive import Drive
    from services.collection.domain.visit import Visit
    from services.collection.domain.weighing import WeighedLot


@dataclass(frozen=True, slots=True)
class DriveAnnounced:
    """Everybody may know of it."""

    drive: Drive
    at: datetime


@dataclass(frozen=True, slots=True)
class DriveReassigned:
    """Somebody else is in charge: appointed, or the stand-in of an unopened drive."""

    drive: Drive
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DriveOpened:
    """Somebody is there."""

    drive: Drive
    collector_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DriveClosed:
    """It is over, and all tickets have ended."""

    drive: Drive
    at: datetime


@dataclass(frozen=True, slots=True)
class DriveTotalsRevised:
    """A visit was told or corrected after the end."""

    drive: Drive
    at: datetime


@dataclass(frozen=True, slots=True)
class DriveCancelled:
    """It will not take place."""

    drive: Drive
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DriveAborted:
    """It ended before its time."""

    drive: Drive
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DriveMissed:
    """Nobody opened it."""

    drive: Drive
    at: datetime


@dataclass(frozen=True, slots=True)
class VisitWeighed:
    """What a visitor brought."""

    visit: Visit


@dataclass(frozen=True, slots=True)
class VisitCorrected:
    """The lots before; those after are the visit's."""

    visit: Visit
    before: tuple[WeighedLot, ...]
    at: datetime
    reason: str
