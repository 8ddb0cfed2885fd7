"""Grams by material: small, sorted, without zeros."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Amount:
    """Grams of one material; negative where something was taken back."""

    material: str
    mass_g: int


Amounts = tuple[Amount, ...]


def amounts_of(sums: Mapping[str, int]) -> Amounts:
    """Return the amounts of a sum by material."""
    return tuple(Amount(material, g) for material, g in sorted(sums.items()) if g)


def plus(*parts: Iterable[Amount]) -> Amounts:
    """Return the sum of several."""
    sums: Counter[str] = Counter()
    for part in parts:
        for amount in part:
            sums[amount.material] += amount.mass_g
    return amounts_of(sums)


def negated(amounts: Iterable[Amount]) -> Amounts:
    """Return the same, taken out instead of put in."""
    return tuple(Amount(each.material, -each.mass_g) for each in amounts)


def total_g(amounts: Iterable[Amount]) -> int:
    """Return the grams of all materials together."""
    return sum(each.mass_g for each in amounts)


def shared_out(net_g: int, amounts: Amounts, *, otherwise: str) -> Amounts:
    """Return `net_g` shared among the materials in proportion, exact to the gram.

    By largest remainder, ties to the first material. Where there is nothing to share by, all of it
    is the material `otherwise`.
    """
    weights = [each for each in amounts if each.mass_g > 0]
    whole_g = total_g(weights)
    if whole_g == 0:
        return amounts_of({otherwise: net_g})
    shares = {each.material: net_g * each.mass_g // whole_g for each in weights}
    left = sorted(weights, key=lambda each: (-(net_g * each.mass_g % whole_g), each.material))
    for each in left[: net_g - sum(shares.values())]:
        shares[each.material] += 1
    return amounts_of(shares)
