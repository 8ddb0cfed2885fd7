"""Judging a leg of a consignment's way, by the rules of the day on which its carrier signed.

Tracking alone decides. A load travels whatever the rules say of its day, so nothing is refused
here; where the tables say nothing of a material, there is no verdict on it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from services.tracking.application.exemptions import CHINA, Exemptions, decide_leg
from services.tracking.domain.consignment import Consignment
from services.tracking.domain.consignment_legs import LegVerdict
from services.tracking.domain.exemptions import (
    OTHER,
    UNKNOWN,
    LegFacts,
    LegPlace,
    LegVehicle,
    Verdict,
)
from services.tracking.domain.manifest import Content

JudgesLeg = Callable[[Consignment, date], tuple[LegVerdict, ...]]


def no_verdicts(_held: Consignment, _on: date) -> tuple[LegVerdict, ...]:
    """Judge nothing."""
    return ()


def leg_verdicts(held: Consignment, on: date, *, exemptions: Exemptions) -> tuple[LegVerdict, ...]:
    """Return the verdicts on the leg of the next carrier: a transport for an organisation.

    One for each material and condition in its containers, which is the worst that is known by now
    of a container's lots. The vehicle is what was shown of it when its carrier was named.
    What nobody has said counts against an exemption.
    """
    kinds = dict.fromkeys(
        (replace(part, mass_g=0), item.condition or UNKNOWN)
        for item in map(held.known, held.manifest.containers)
        for part in item.parts
    )
    carrier = held.next_carrier
    vehicle = LegVehicle.showing(carrier.vehicle_facts if carrier else ())
    place = LegPlace(OTHER, central_store=held.from_central_store)
    way = LegFacts("", None, None, "transport", "organisation", place=place, vehicle=vehicle)
    verdicts = [_verdict(part, said, way, on=on, exemptions=exemptions) for part, said in kinds]
    return tuple(LegVerdict(held.taken + 1, each) for each in verdicts if each is not None)


def _verdict(
    item: Content, condition: str, way: LegFacts, *, on: date, exemptions: Exemptions
) -> Verdict | None:
    table = exemptions.table(CHINA)
    if on < table.first_day or (item.waste_code is None and item.un_number is None):
        return None
    facts = replace(
        way,
        material=item.material,
        waste_code=item.waste_code,
        un_number=item.un_number,
        condition=condition,
    )
    return decide_leg(facts, table=table, on=on)
