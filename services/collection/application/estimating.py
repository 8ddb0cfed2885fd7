"""Estimating what a booking may be worth. Never in the way of a booking: no list, no amount."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from services.collection.domain.booking import Booking, Item
from services.collection.domain.estimate import Estimate, PriceList, estimate
from shared.kernel.aggregate import Decision

if TYPE_CHECKING:
    from services.collection.application.desk import Desk


class PriceBook(Protocol):
    """The published price lists, a few seconds behind; calls block and raise `Unavailable`."""

    def for_community(self, community_code: str, at: datetime) -> PriceList | None:
        """Return the list of the smallest area that covers a community at an instant."""


class NoPrices:
    """A `PriceBook` before anything was published."""

    def for_community(self, community_code: str, at: datetime) -> PriceList | None:  # noqa: ARG002 - the port's
        """Return none."""
        return None


def estimate_items(
    items: Sequence[Item], community_code: str, *, at: datetime, prices: PriceBook
) -> Estimate:
    """Return what items of a community may be worth at an instant."""
    return estimate(items, prices.for_community(community_code, at), at=at)


def estimated(booking: Booking, *, desk: "Desk") -> Booking:
    """Return a booking with what it may be worth when somebody comes."""
    told = estimate_items(
        booking.items, booking.community_code, at=booking.window_start, prices=desk.prices
    )
    return replace(booking, estimate=told)


def on_list_published(_held: PriceList | None, published: PriceList) -> Decision[PriceList]:
    """Keep a published list, whole; one list's events are in order."""
    return Decision(published)
