"""Legs of the way of hazardous things, for the tests of what the law asks of them."""

from dataclasses import replace
from datetime import date

from services.tracking.adapters.exemptions import TableExemptions
from services.tracking.application.exemptions import decide_leg
from services.tracking.domain.exemptions import LegFacts, LegPlace
from tests.unit.tracking.builders import LEAD, SORTING

TODAY = date(2026, 11, 24)
EXEMPTIONS = TableExemptions()
TABLE = EXEMPTIONS.table("CN")
PROOF = {"rain_proof": True, "leak_proof": True, "spill_proof": True}
AT_DRIVE = LegPlace("drive")
CENTRAL = LegPlace("other", central_store=True)
METAL = "lithium-metal-batteries"
CRT, BOARDS, LAMPS = "crt-glass", "circuit-boards", "fluorescent-lamps"


def leg(material=LEAD, *, on=TODAY, **facts):
    """A household's intact thing on its way from the door to the central store."""
    waste_code, un_number = EXEMPTIONS.codes(material, on)
    held = LegFacts(
        material=material,
        waste_code=waste_code,
        un_number=un_number,
        leg="collection",
        holder="household",
        condition="intact",
        place=LegPlace("door"),
        vehicle=SORTING,
    )
    return replace(held, **facts)


def verdict(material=LEAD, *, on=TODAY, **facts):
    return decide_leg(leg(material, on=on, **facts), table=TABLE, on=on)


def rules(decided):
    return {each.question: each.rule for each in decided.rulings}
