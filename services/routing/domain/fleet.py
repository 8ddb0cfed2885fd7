"""Depots, facilities and vehicles as they are registered; clock times are Shanghai's."""

from dataclasses import dataclass
from datetime import time

from services.routing.domain.problem import Spot
from shared.kernel.errors import Invalid

HAZARDOUS = "hazardous"
CAPACITY_G_MAX = 49_000_000


@dataclass(frozen=True, slots=True)
class Site:
    """A depot or a facility, open between two clock times."""

    site_id: str
    kind: str
    spot: Spot
    service_s: int
    opens: str
    closes: str

    @property
    def key(self) -> str:
        """The site's identity: a depot and a facility may have one id."""
        return site_key(self.kind, self.site_id)


def site_key(kind: str, site_id: str) -> str:
    """Return the identity of a depot or facility."""
    return f"{kind}:{site_id}"


@dataclass(frozen=True, slots=True)
class FleetVehicle:
    """A vehicle, its collector, its depot, its shift and what it is licensed for."""

    vehicle_id: str
    depot_id: str
    capacity_g: int
    licences: tuple[str, ...]
    collector_id: str
    shift_start: str
    shift_end: str

    @property
    def licensed(self) -> bool:
        """Say whether hazardous items may be carried."""
        return HAZARDOUS in self.licences


def clock_s(text: str) -> int:
    """Return the seconds since midnight of "07:30", or raise `Invalid` (routing.clock_time)."""
    try:
        at = time.fromisoformat(text)
    except ValueError:
        raise Invalid("routing.clock_time", "a clock time is hh:mm") from None
    return at.hour * 3600 + at.minute * 60 + at.second


def check_opening(opens: str, closes: str) -> None:
    """Raise `Invalid` (routing.shift) where something ends before it begins."""
    if clock_s(opens) >= clock_s(closes):
        raise Invalid("routing.shift", "the end is after the begin, on the same day")
