"""Price lists by area, material and grade, each valid for a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.errors import Conflict, Invalid
from shared.kernel.money import BASIS_POINTS, price_of, round_half_even

LINES_MAX = 500


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

    def price_fen_per_kg(self, material: str, grade: str) -> int | None:
        """Return the price, or None where the list has no such line."""
        for line in self.lines:
            if line.material == material and line.grade == grade:
                return line.price_fen_per_kg
        return None


def check_list(prices: PriceList) -> None:
    """Raise `Invalid` (price_list.…) for what cannot be a list."""
    if not 0 < len(prices.lines) <= LINES_MAX:
        raise Invalid("price_list.lines", f"a list has 1 to {LINES_MAX} lines")
    if prices.valid_to is not None and prices.valid_to <= prices.valid_from:
        raise Invalid("price_list.validity", "a list ends after it begins")
    names = {(line.material, line.grade) for line in prices.lines}
    if len(names) != len(prices.lines):
        raise Invalid("price_list.repeated", "a material and grade stands once in a list")


def choose(lists: Iterable[PriceList], community_code: str, at: datetime) -> PriceList | None:
    """Return the list of the smallest area that covers a community at an instant, or None."""
    covering = [prices for prices in lists if prices.covers(community_code, at)]
    return max(covering, key=lambda prices: len(prices.area_code), default=None)


def amount_fen(mass_g: int, *, price_fen_per_kg: int, contamination_bp: int) -> int:
    """Return what a lot is worth: mass × price, less the contaminated share, half to even.

    Contamination lowers a price and never the grams; it does not lower a fee.
    """
    full_fen = price_of(mass_g, price_fen_per_kg=price_fen_per_kg)
    if full_fen <= 0:
        return full_fen
    return round_half_even(full_fen * (BASIS_POINTS - contamination_bp), BASIS_POINTS)


@dataclass(frozen=True, slots=True)
class Validity:
    """When one list of an area is valid."""

    price_list_id: str
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class Area:
    """An area's calendar: the one document on which overlaps are decided."""

    area_code: str
    validities: tuple[Validity, ...] = ()

    def reserve(self, prices: PriceList) -> "Area":
        """Take the list's time; taking it again is the same.

        Raises `Conflict` (price_list.overlap), and `Invalid` (idempotency.body_differs) where the
        list took another time.
        """
        wanted = Validity(prices.price_list_id, prices.valid_from, prices.valid_to)
        if wanted in self.validities:
            return self
        if any(held.price_list_id == prices.price_list_id for held in self.validities):
            raise Invalid("idempotency.body_differs", "this key was used for another body")
        if any(_overlap(held, wanted) for held in self.validities):
            raise Conflict("price_list.overlap", "another list of this area is valid at that time")
        return Area(self.area_code, (*self.validities, wanted))


def _overlap(one: Validity, other: Validity) -> bool:
    ends_before = one.valid_to is not None and one.valid_to <= other.valid_from
    begins_after = other.valid_to is not None and other.valid_to <= one.valid_from
    return not ends_before and not begins_after
