"""What a booking may be worth: a range over the grades, by the price list of the area and day.

Prices are pricing's; here is a copy of its published lists, read by the same rules: the list of
the smallest area that covers the community decides alone, a line that it lacks has no price, and
each amount is rounded half to even. Contamination lowers what is paid and is not foreseen here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from shared.kernel.money import price_of

if TYPE_CHECKING:
    from services.collection.domain.booking import Item

NO_LIST = "price.no_list"
NO_LINE = "price.no_line"
INCOMPLETE = "price.incomplete"


@dataclass(frozen=True, slots=True)
class PriceLine:
    """What a household gets for a kilogram, in fen; negative: it pays a fee."""

    material: str
    grade: str
    price_fen_per_kg: int


@dataclass(frozen=True, slots=True)
class PriceList:
    """A list valid in [valid_from, valid_to) for an area: a prefix of the division code."""

    price_list_id: str
    area_code: str
    valid_from: datetime
    valid_to: datetime | None
    lines: tuple[PriceLine, ...]

    def covers(self, community_code: str, at: datetime) -> bool:
        """Say whether the list prices a community's lots of that instant."""
        begun = self.valid_from <= at and (self.valid_to is None or at < self.valid_to)
        return begun and community_code.startswith(self.area_code)


@dataclass(frozen=True, slots=True)
class LineEstimate:
    """What one item may be worth: from the worst to the best of the `grades` that have a price."""

    material: str
    mass_g: int
    nominal: bool
    low_fen: int | None = None
    high_fen: int | None = None
    grades: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What all items may be worth at an instant; without an amount, `reason` says why."""

    priced_at: datetime
    lines: tuple[LineEstimate, ...]
    low_fen: int | None = None
    high_fen: int | None = None
    price_list_id: str | None = None
    reason: str | None = None


def choose(lists: Iterable[PriceList], community_code: str, at: datetime) -> PriceList | None:
    """Return the list of the smallest area that covers a community at an instant, or None."""
    covering = [prices for prices in lists if prices.covers(community_code, at)]
    return max(covering, key=lambda prices: len(prices.area_code), default=None)


def estimate(items: Sequence["Item"], prices: PriceList | None, *, at: datetime) -> Estimate:
    """Return what items may be worth by a list; the sum is there where every item has a price."""
    lines = tuple(_line(item, prices) for item in items)
    low = [line.low_fen for line in lines if line.low_fen is not None]
    high = [line.high_fen for line in lines if line.high_fen is not None]
    if prices is None:
        return Estimate(at, lines, reason=NO_LIST)
    if len(low) < len(lines):
        return Estimate(at, lines, price_list_id=prices.price_list_id, reason=INCOMPLETE)
    return Estimate(at, lines, sum(low), sum(high), price_list_id=prices.price_list_id)


def _line(item: "Item", prices: PriceList | None) -> LineEstimate:
    unpriced = LineEstimate(item.material, item.estimated_mass_g, item.nominal, reason=NO_LIST)
    if prices is None:
        return unpriced
    amounts = {
        line.grade: price_of(item.estimated_mass_g, price_fen_per_kg=line.price_fen_per_kg)
        for line in prices.lines
        if line.material == item.material
    }
    if not amounts:
        return LineEstimate(item.material, item.estimated_mass_g, item.nominal, reason=NO_LINE)
    return LineEstimate(
        item.material,
        item.estimated_mass_g,
        item.nominal,
        low_fen=min(amounts.values()),
        high_fen=max(amounts.values()),
        grades=tuple(sorted(amounts)),
    )
