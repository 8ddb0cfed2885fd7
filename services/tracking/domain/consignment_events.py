"""What a consignment reports, inside; adapters/consignment_announcements.py maps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from services.tracking.domain.consignment import Alarm, Arrival, Breakdown, Consignment
    from services.tracking.domain.consignment_reception import Child, Reception
    from services.tracking.domain.consignment_states import State
    from services.tracking.domain.manifest import Carrier
    from services.tracking.domain.signatures import Signature


@dataclass(frozen=True, slots=True)
class Sealed:
    """It has a number, and its content is frozen."""

    consignment: Consignment
    at: datetime


@dataclass(frozen=True, slots=True)
class Amended:
    """Something that no signature froze was changed after the sealing."""

    consignment: Consignment
    at: datetime


@dataclass(frozen=True, slots=True)
class Signed:
    """A party signed."""

    consignment: Consignment
    signature: Signature


@dataclass(frozen=True, slots=True)
class TakenOver:
    """A carrier has the load."""

    consignment: Consignment
    carrier: Carrier
    at: datetime


@dataclass(frozen=True, slots=True)
class LoadingRefused:
    """The carrier did not load; the consignor's signature is withdrawn."""

    consignment: Consignment
    carrier_id: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CarrierReplaced:
    """Another carrier is named for a part of the way that nobody signed for."""

    consignment: Consignment
    leg: int
    at: datetime


@dataclass(frozen=True, slots=True)
class BrokenDown:
    """A vehicle broke down; an unplanned carrier waits for the consignor's approval."""

    consignment: Consignment
    breakdown: Breakdown


@dataclass(frozen=True, slots=True)
class CarrierApproved:
    """The consignor approved the unplanned carrier."""

    consignment: Consignment
    carrier: Carrier
    at: datetime


@dataclass(frozen=True, slots=True)
class TurnedBack:
    """The load goes back to the consignor."""

    consignment: Consignment
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Arrived:
    """The load is at the gate. `was` is the state before: in transit, missing or lost."""

    consignment: Consignment
    arrival: Arrival
    was: State


@dataclass(frozen=True, slots=True)
class Received:
    """The receiver decided; `child` is the manifest of what was refused of it."""

    consignment: Consignment
    reception: Reception
    child: Child | None


@dataclass(frozen=True, slots=True)
class Returned:
    """The consignor has it back, and gave a receipt."""

    consignment: Consignment
    reception: Reception


@dataclass(frozen=True, slots=True)
class Ended:
    """It was cancelled, or its number is void."""

    consignment: Consignment
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Missing:
    """It is overdue."""

    consignment: Consignment
    at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """It is on its way again."""

    consignment: Consignment
    was: State
    at: datetime


@dataclass(frozen=True, slots=True)
class Lost:
    """It was given up: a report names it, and its grams are a loss."""

    consignment: Consignment
    report_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Alarmed:
    """A person must look at it."""

    consignment: Consignment
    alarm: Alarm


@dataclass(frozen=True, slots=True)
class OnPaper:
    """It runs on paper until the registry is back."""

    consignment: Consignment
    at: datetime


@dataclass(frozen=True, slots=True)
class Registered:
    """The national registry has it."""

    consignment: Consignment
    at: datetime
