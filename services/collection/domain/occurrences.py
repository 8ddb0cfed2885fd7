"""The days of a series that are within reach of booking, and what is to be done about each."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from shared.kernel.ids import derived_id


class Standing(StrEnum):
    """How it stands with a day.

    planned: to be booked. unplaced: it was tried, there was no place (`reason`), and is tried
    again until the cut-off. changing: booked, and to follow a change of the series. leaving: the
    series does not want it any more. renewing: that too, and wanted again meanwhile. booked: its
    pickup tells the rest (`reason`: why it did not follow the last change). withdrawn: nothing is
    booked. given_up: the cut-off passed without a place.
    """

    PLANNED = "planned"
    UNPLACED = "unplaced"
    CHANGING = "changing"
    LEAVING = "leaving"
    RENEWING = "renewing"
    BOOKED = "booked"
    WITHDRAWN = "withdrawn"
    GIVEN_UP = "given_up"


TO_PLACE = (Standing.PLANNED, Standing.UNPLACED)
TO_LEAVE = (Standing.LEAVING, Standing.RENEWING)
TO_DO = (*TO_PLACE, *TO_LEAVE, Standing.CHANGING)
# The household cancelled this one pickup by itself: the day is an exception from then on.
CANCELLED_ALONE = "collection.cancelled"
TOO_LATE = "collection.too_late"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One day. `attempt` counts the pickups of the day, of which one at the most is not cancelled.

    A day that was withdrawn and is wanted again needs another pickup: a cancelled one stays so.
    """

    day: date
    standing: Standing = Standing.PLANNED
    attempt: int = 1
    reason: str | None = None
    tried_at: datetime | None = None

    def pickup_id(self, series_id: str) -> str:
        """Return the id of the day's pickup: it follows from the series and the day."""
        again = () if self.attempt == 1 else (str(self.attempt),)
        return derived_id("occurrence", series_id, self.day.isoformat(), *again)

    def is_same_task(self, other: "Occurrence") -> bool:
        """Say whether the same is to be done about the same pickup."""
        mine, its = (self.day, self.attempt), (other.day, other.attempt)
        return mine == its and _task(self.standing) == _task(other.standing)

    def wanted(self, *, changed: bool) -> "Occurrence":
        """Return it as a day that the series wants; `changed`: not as it was."""
        if self.standing is Standing.LEAVING:
            return replace(self, standing=Standing.RENEWING)
        if self.standing is Standing.WITHDRAWN and self.reason != CANCELLED_ALONE:
            return Occurrence(self.day, attempt=self.attempt + 1)
        did_not_follow = self.standing is Standing.BOOKED and self.reason is not None
        if did_not_follow or (changed and self.standing in (Standing.BOOKED, Standing.CHANGING)):
            return replace(self, standing=Standing.CHANGING, reason=None, tried_at=None)
        if changed and self.standing is Standing.UNPLACED:
            return replace(self, standing=Standing.PLANNED, reason=None, tried_at=None)
        return self

    def unwanted(self, *, too_late: bool) -> "Occurrence":
        """Return it as a day that the series does not want; `too_late`: what is booked stays."""
        if self.standing in (Standing.WITHDRAWN, Standing.GIVEN_UP):
            return self
        if too_late and self.standing in (Standing.BOOKED, Standing.CHANGING):
            return replace(self, standing=Standing.BOOKED, reason=TOO_LATE)
        return replace(self, standing=Standing.LEAVING, reason=None, tried_at=None)

    def done(self, standing: Standing, *, now: datetime, reason: str | None = None) -> "Occurrence":
        """Return it after something was done about it."""
        return replace(self, standing=standing, reason=reason, tried_at=now)

    def renewed(self) -> "Occurrence":
        """Return it as a day whose next pickup is to be booked."""
        return Occurrence(self.day, attempt=self.attempt + 1)


def _task(standing: Standing) -> Standing:
    return Standing.PLANNED if standing is Standing.UNPLACED else standing
