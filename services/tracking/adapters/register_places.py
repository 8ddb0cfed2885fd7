"""In which division a place lies: where an operator said so, else where all of its lots come from.

Nothing tells tracking where a facility is. What was unloaded there came from communities, though:
their common prefix is an area in which every gram came up, so whoever watches over that area may
see them. A place of which neither is known is in no division, and nobody of an area sees it.
"""

from collections.abc import Sequence
from typing import Any

from pymongo import ASCENDING
from pymongo.collection import Collection

from shared.messaging.mongo_client import storage_errors

# Province, prefecture, county, street, community (GB/T 2260, GB/T 10114).
LEVELS = (12, 9, 6, 4, 2)
FACILITY, COMMUNITY = "state.unloaded.facility_id", "state.weighed.community_code"
Documents = dict[str, Any]


class PlaceDivisions:
    """Looks each place up once; make a new one for each reading."""

    def __init__(self, places: Collection[Documents], journals: Collection[Documents]) -> None:
        """Reads only."""
        self._places = places
        self._journals = journals
        self._known: dict[str, str] = {}
        self._operators: dict[str, str] = {}

    def of(self, place_id: str) -> str:
        """Return the code or prefix of a place's division, or ""."""
        if place_id not in self._known:
            self._known[place_id] = self._said(place_id) or self._followed(place_id)
        return self._known[place_id]

    def operator_of(self, place_id: str) -> str:
        """Return the party that operates a place now, or ""."""
        self.of(place_id)
        return self._operators[place_id]

    def _said(self, place_id: str) -> str:
        with storage_errors():
            held = self._places.find_one({"_id": place_id})
        said = held["state"] if held else {}
        self._operators[place_id] = str(said.get("operating_party_id") or "")
        return str(said.get("division_code", ""))

    def _followed(self, place_id: str) -> str:
        ends = [self._community(place_id, order) for order in (1, -1)]
        return shared_division([code for code in ends if code])

    def _community(self, place_id: str, order: int) -> str:
        with storage_errors():
            found = self._journals.find_one(
                {FACILITY: place_id, COMMUNITY: {"$gt": ""}},
                {COMMUNITY: 1},
                sort=[(FACILITY, order), (COMMUNITY, order)],
            )
        return str(found["state"]["weighed"]["community_code"]) if found else ""


def shared_division(codes: Sequence[str]) -> str:
    """Return the smallest division that has all of these codes in it; "" where none has."""
    whole = codes[0] if codes else ""
    levels = (whole[:level] for level in LEVELS if len(whole) >= level)
    return next((level for level in levels if all(c.startswith(level) for c in codes)), "")


def prepare_places(journals: Collection[Documents]) -> None:
    """Create the index by which a place's lots are followed."""
    with storage_errors():
        keys = [(FACILITY, ASCENDING), (COMMUNITY, ASCENDING)]
        journals.create_index(
            keys, name="put_down", partialFilterExpression={FACILITY: {"$exists": True}}
        )
