"""Permits that lots came with: what is noted of them, and what of that outlives a correction.

A permit is tracking's word that a lot may go into a container. One that does not fit is noted with
the lot and never refuses it: tracking sets the lot apart, and a person decides.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.collection.domain.weighing import WeighedLot, Weighing

# Of grams: tracking counts those of a corrected lot against its permit anew.
OVER_LIMIT = "permit.over_limit"


@dataclass(frozen=True, slots=True)
class PermitUse:
    """A weighed lot and the signed permit that it came with. `at` is when it was weighed."""

    token: str
    container_tag: str | None
    material: str
    mass_g: int
    collector_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PermitVerdict:
    """Which permit it is, as far as it could be read, and why it does not fit; None: it does."""

    permit_id: str | None
    fault: str | None


def uses_of(weighing: Weighing, tokens: Sequence[str | None]) -> dict[int, PermitUse]:
    """Return the uses of permits by the place of their lots; `tokens` are in the lots' order."""
    return {
        place: PermitUse(
            token=token,
            container_tag=lot.container_tag,
            material=lot.material,
            mass_g=lot.mass_g,
            collector_id=weighing.collector_id,
            at=weighing.weighed_at,
        )
        for place, (lot, token) in enumerate(zip(weighing.lots, tokens, strict=False))
        if token is not None
    }


def noted(weighing: Weighing, verdicts: dict[int, PermitVerdict]) -> Weighing:
    """Return the weigh-in with the verdict on each lot's permit, by the lot's place."""
    lots = tuple(
        replace(lot, permit_id=verdicts[place].permit_id, permit_fault=verdicts[place].fault)
        if place in verdicts
        else lot
        for place, lot in enumerate(weighing.lots)
    )
    return replace(weighing, lots=lots)


def inherited(lots: Sequence[WeighedLot], before: Sequence[WeighedLot]) -> tuple[WeighedLot, ...]:
    """Return corrected lots with the permits of those that they replace.

    A lot replaces one of the same container and material, in their order; one too many has the
    last one's. What now is in another container, or something else, came with no permit.
    """
    held: dict[tuple[str | None, str], list[WeighedLot]] = defaultdict(list)
    for lot in before:
        held[lot.container_tag, lot.material].append(lot)
    return tuple(_following(lot, held[lot.container_tag, lot.material]) for lot in lots)


def _following(lot: WeighedLot, held: list[WeighedLot]) -> WeighedLot:
    if not held:
        return lot
    old = held.pop(0) if len(held) > 1 else held[0]
    fault = None if old.permit_fault == OVER_LIMIT else old.permit_fault
    return replace(lot, permit_id=old.permit_id, permit_fault=fault)
