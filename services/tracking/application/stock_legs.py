"""Moves of hazardous waste from a designated central store: the household exemption ended there.

From any other place the way to the central store may still be the exempt collection, whose vehicle
no movement of stock names; so nothing is said of it here.
"""

from collections.abc import Callable, Collection
from datetime import date

from services.tracking.application.exemptions import CHINA, Exemptions, decide_leg
from services.tracking.domain.exemptions import OTHER, LegFacts, LegPlace
from services.tracking.domain.stock import MOVE, StockMovement
from shared.kernel.clock import legal_day

CentralStores = Callable[[Collection[str]], Collection[str]]


def needs_manifest(
    movement: StockMovement, *, stores: CentralStores, exemptions: Exemptions
) -> bool:
    """Say whether the law of its day asks for a manifest of what was moved, by any material."""
    place_id = movement.act.place_id
    if movement.kind != MOVE or place_id not in stores([place_id]):
        return False
    on = legal_day(movement.act.happened_at)
    if on < exemptions.table(CHINA).first_day:
        return False
    return any(_needs(material, on, exemptions=exemptions) for material in movement.taken)


def _needs(material: str, on: date, *, exemptions: Exemptions) -> bool:
    waste_code, un_number = exemptions.codes(material, on)
    facts = LegFacts(
        material=material,
        waste_code=waste_code,
        un_number=un_number,
        leg="transport",
        holder="household",
        place=LegPlace(OTHER, central_store=True),
    )
    return decide_leg(facts, table=exemptions.table(CHINA), on=on).needs_manifest
