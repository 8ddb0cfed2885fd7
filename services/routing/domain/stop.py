"""What routing knows of a pickup: enough to plan a visit, and whether one is still needed."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum


class StopState(StrEnum):
    """Whether a visit is still needed."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class PickupStop:
    """A pickup as a stop. `service_day` None: its booking is awaited."""

    pickup_id: str
    community_code: str
    state: StopState
    booking_version: int = 0
    cell: str = ""
    service_day: date | None = None
    window_start: datetime | None = None
    window_end: datetime | None = None
    mass_g: int = 0
    hazardous: bool = False

    def booked(self, newer: "PickupStop") -> "PickupStop | None":
        """Take a booking's newer version; a stop that is over stays so. None: nothing new."""
        if newer.booking_version <= self.booking_version:
            return None
        return replace(newer, state=self.state)

    def over(self, state: StopState) -> "PickupStop | None":
        """Note that no visit is needed; done outweighs cancelled. None: known already."""
        if self.state in (StopState.DONE, state):
            return None
        return replace(self, state=state)
