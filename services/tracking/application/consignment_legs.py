"""Judging a leg of a consignment's way, by the rules of the day on which its carrier signed.

Tracking alone decides. A load travels whatever the rules say of its day, so nothing is refused
here; where the tables say nothing of a material, there is no verdict on it.
"""

from collections.abc import Callable
from datetime import date

from services.tracking.application.exemptions import CHINA, Exemptions, decide_leg
from services.tracking.domain.consignment import Consignment
from services.tracking.domain.consignment_legs import LegVerdict
from services.tracking.domain.exemptions import LegFacts, Verdict
from services.tracking.domain.manifest import Content

JudgesLeg = Callable[[Consignment, date], tuple[LegVerdict, ...]]


def no_verdicts(_held: Consignment, _on: date) -> tuple[LegVerdict, ...]:
    """Judge nothing."""
    return ()


def leg_verdicts(held: Consignment, on: date, *, exemptions: Exemptions) -> tuple[LegVerdict, ...]:
    """Return the verdicts on the leg of the next carrier: a transport for an organisation.

    Of conditions and vehicles nobody has said anything, so that they count against an exemption.
    """
    parts = (part for item in held.manifest.containers for part in item.parts)
    kinds = {(each.material, each.waste_code, each.un_number): each for each in parts}
    verdicts = [_verdict(each, on, exemptions=exemptions) for each in kinds.values()]
    return tuple(LegVerdict(held.taken + 1, each) for each in verdicts if each is not None)


def _verdict(item: Content, on: date, *, exemptions: Exemptions) -> Verdict | None:
    table = exemptions.table(CHINA)
    if on < table.first_day or (item.waste_code is None and item.un_number is None):
        return None
    facts = LegFacts(
        material=item.material,
        waste_code=item.waste_code,
        un_number=item.un_number,
        leg="transport",
        holder="organisation",
    )
    return decide_leg(facts, table=table, on=on)
