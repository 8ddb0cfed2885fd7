"""What pricing's handlers need from the outside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.pricing.domain.price_book import PriceList
from services.pricing.domain.settlement import Settlement
from shared.kernel.aggregate import Aggregates, Stored

PriceLists = Aggregates[PriceList]
Settlements = Aggregates[Settlement]


class PriceBook(Protocol):
    """Reads over all price lists; they block and may be a second old."""

    def for_community(self, community_code: str, at: datetime) -> PriceList | None:
        """Return the list of the smallest area that covers a community at an instant."""

    def of_area(self, area_code: str) -> Sequence[PriceList]:
        """Return all lists of exactly this area, as they are now."""


class SettlementSearch(Protocol):
    """Reads over settlements that no single id answers."""

    def unpriced(self, *, limit: int) -> list[Stored[Settlement]]:
        """Return settlements that wait for a price."""
