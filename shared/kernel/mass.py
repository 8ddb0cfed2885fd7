"""Mass is integer grams everywhere, so that sums reconcile to the gram."""

from shared.kernel.errors import Invalid

# A lot above this is a typing error, not a lot: a heavy truck's gross limit in China is 49 t.
MASS_G_MAX = 49_000_000


def grams(value: int, *, maximum_g: int = MASS_G_MAX) -> int:
    """Return `value` as a mass in grams, or raise `Invalid` (mass.impossible).

    Only the impossible is refused: not an integer, negative, or beyond `maximum_g`.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= maximum_g:
        raise Invalid("mass.impossible", "a mass is whole grams within the scale's range")
    return value
