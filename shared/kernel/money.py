"""Money is integer fen (1/100 yuan) everywhere, so that the ledger sums to zero."""

from shared.kernel.errors import Invalid

GRAMS_PER_KILOGRAM = 1000
BASIS_POINTS = 10_000


def round_half_even(numerator: int, denominator: int) -> int:
    """Return numerator / denominator to the nearest integer, ties to even (IEEE 754's default)."""
    if denominator <= 0:
        raise Invalid("money.impossible", "a denominator is positive")
    quotient, remainder = divmod(numerator, denominator)
    twice = 2 * remainder
    if twice > denominator or (twice == denominator and quotient % 2 == 1):
        quotient += 1
    return quotient


def price_of(mass_g: int, *, price_fen_per_kg: int) -> int:
    """Return the price in fen of `mass_g` grams; may be negative where the price is (a fee)."""
    return round_half_even(mass_g * price_fen_per_kg, GRAMS_PER_KILOGRAM)
