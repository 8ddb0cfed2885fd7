"""A place, as far as the mass ledger must know it: where it lies, and whose waste is there."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

PLACE, PARTY = "place/", "party/"


@dataclass(frozen=True, slots=True)
class Place:
    """A place, the code of its division (GB/T 2260, GB/T 10114) and who operates it.

    `division_code` has 2 to 12 digits, or is "" where nobody said it. What lies there is the waste
    of `operating_party_id`, the party that keeps the store; None where nobody said who does. A
    designated central store (`is_central_store`) ends the household exemption of what leaves it.
    """

    place_id: str
    division_code: str
    said_at: datetime
    by: str
    operating_party_id: str | None = None
    is_central_store: bool = False

    def moved(self, division_code: str, *, at: datetime, by: str) -> "Place":
        """Return the place in another division: a mistake is mended, or codes have changed."""
        return replace(self, division_code=division_code, said_at=at, by=by)

    def operated(self, party_id: str, *, at: datetime, by: str) -> "Place":
        """Return the place with another operating party: what lies there changes hands with it."""
        return replace(self, operating_party_id=party_id, said_at=at, by=by)

    def designated(self, is_central_store: bool, *, at: datetime, by: str) -> "Place":
        """Return the place with the flag of a designated central store, or without it."""
        return replace(self, is_central_store=is_central_store, said_at=at, by=by)


def place_id_of(holder: str | None) -> str | None:
    """Return the place that a holder is, or None."""
    named = holder or ""
    return named.removeprefix(PLACE) if named.startswith(PLACE) else None


def owner_of(holder: str | None, operators: Mapping[str, str]) -> str | None:
    """Return the party whose waste it is that a holder has; None where nobody said.

    A party's own is its own; what lies at a place is its operating party's (`operators`). What is
    on a vehicle is nobody's here: its consignment says whose it is.
    """
    named = holder or ""
    if named.startswith(PARTY):
        return named.removeprefix(PARTY)
    return operators.get(place_id_of(holder) or "")
