"""What a household asked for, and what the planner made of it."""

from dataclasses import dataclass
from datetime import date, datetime

from services.collection.domain.estimate import Estimate
from shared.kernel.errors import Invalid

CONDITIONS = ("intact", "broken", "unknown")
PIECES_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Item:
    """What a household declares; an estimate. `nominal`: it was counted, not weighed.

    `condition` (intact, broken, unknown) is asked of hazardous things: the law tells them apart.
    """

    material: str
    estimated_mass_g: int
    hazardous: bool
    pieces: int | None = None
    condition: str | None = None
    nominal: bool = False


@dataclass(frozen=True, slots=True)
class PlanRef:
    """A version of a day's plan. A later version of the same day supersedes it."""

    service_day: date
    version: int

    def is_later(self, other: "PlanRef") -> bool:
        """Say whether this supersedes another plan of the same day."""
        return self.service_day == other.service_day and self.version > other.version


@dataclass(frozen=True, slots=True)
class TourPlace:
    """The pickup's place in a plan. `warns` is the pickup two stops further on the same tour.

    `tour_ends_at` is the plan's, `shift_ends_at` the crew's; None where the plan did not tell.
    """

    plan_id: str
    plan_version: int
    service_day: date
    tour_id: str
    vehicle_id: str
    collector_id: str
    eta: datetime
    tour_ends_at: datetime
    warns: str | None = None
    shift_ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """What was asked for: where, when, what. Who may see it, the household's members say.

    `series_id` names the series that it recurs by, `estimate` what was foreseen of its worth.
    """

    household_id: str
    community_code: str
    cell: str
    slot_id: str
    service_day: date
    band: str
    window_start: datetime
    window_end: datetime
    items: tuple[Item, ...]
    series_id: str | None = None
    estimate: Estimate | None = None


def check_item(item: Item) -> None:
    """Raise `Invalid` (collection.condition, collection.pieces) where the law's questions wait."""
    if item.condition not in (None, *CONDITIONS):
        raise Invalid("collection.condition", "a condition is intact, broken or unknown")
    if item.hazardous and item.condition is None:
        raise Invalid("collection.condition", "say of a hazardous item: intact, broken or unknown")
    if item.pieces is not None and not 0 < item.pieces <= PIECES_MAX:
        raise Invalid("collection.pieces", f"there are 1 to {PIECES_MAX} pieces")
