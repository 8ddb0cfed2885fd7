"""A place, as far as the mass ledger must know it: in which division it lies."""

from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Place:
    """A place and the code of its division (GB/T 2260, GB/T 10114), 2 to 12 digits."""

    place_id: str
    division_code: str
    said_at: datetime
    by: str

    def moved(self, division_code: str, *, at: datetime, by: str) -> "Place":
        """Return the place in another division: a mistake is mended, or codes have changed."""
        return replace(self, division_code=division_code, said_at=at, by=by)
