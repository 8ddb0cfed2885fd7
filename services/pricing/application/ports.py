"""What pricing's handlers need from the outside."""

from datetime import datetime
from typing import Protocol

from services.pricing.domain.price_book import Area, PriceList
from services.pricing.domain.settlement import Settlement
from shared.kernel.aggregate import Aggregates, Stored

Areas = Aggregates[Area]
PriceLists = Aggregates[PriceList]
Settlements = Aggregates[Settlement]


class PriceBook(Protocol):
    """Reads over all price lists; they block and may be a second old."""

    def for_community(self, community_code: str, at: datetime) -> PriceList | None:
        """Return the list of the smallest area that covers a community at an instant."""


class SettlementSearch(Protocol):
    """Reads over settlements that no single id answers."""

    def unpriced(self, *, after_id: str, limit: int) -> list[Stored[Settlement]]:
        """Return settlements behind an id that wait for a price, by id."""
