"""Deciding what a leg needs, by the rules of its day. Tracking alone decides."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from services.tracking.domain.exemptions import (
    AT_THE_DOOR,
    NOT_KNOWN,
    UNKNOWN,
    LegFacts,
    LegPlace,
    LegVehicle,
    LotVerdict,
    Verdict,
    inputs_of,
)
from shared.kernel.decision_table import DecisionTable, Row
from shared.kernel.errors import Invalid

CHINA = "CN"


class Exemptions(Protocol):
    """The rules, and the codes that they ask for."""

    def table(self, jurisdiction: str) -> DecisionTable:
        """Return the rules of a jurisdiction, or raise `Invalid` (exemptions.jurisdiction)."""

    def codes(self, material: str, on: date) -> tuple[str | None, str | None]:
        """Return (waste code, UN number) of a material on a day; None for what has no entry."""


def decide_leg(facts: LegFacts, *, table: DecisionTable, on: date) -> Verdict:
    """Return the verdict on a leg under the rules of a day.

    Raises `Invalid`: exemptions.fact for a fact that the rules do not know, exemptions.not_covered
    (with `valid_from`) for a day before the table.
    """
    if on < table.first_day:
        first = str(table.first_day)
        raise Invalid("exemptions.not_covered", "the rules begin later", valid_from=first)
    rows = table.on(on).decide(inputs_of(facts, table.inputs))
    return Verdict(facts, on, table.version, tuple(row.ruling for row in rows))


def explained(verdict: Verdict, *, table: DecisionTable) -> list[Row]:
    """Return the rules that gave a verdict, in its order: their words and sources."""
    rows = [table.row(each.rule, verdict.on) for each in verdict.rulings]
    return [row for row in rows if row is not None]


@dataclass(frozen=True, slots=True)
class Collected:
    """A hazardous lot as collection recorded it. `condition` None: nobody asked."""

    lot_id: str
    material: str
    condition: str | None
    holder: str = "household"
    place: LegPlace = AT_THE_DOOR


@dataclass(frozen=True, slots=True)
class Judging:
    """What the legs of collection are judged with. `vehicle`: what is known of all that collect."""

    exemptions: Exemptions
    vehicle: LegVehicle = NOT_KNOWN

    def verdicts(self, lots: Iterable[Collected], *, on: date) -> tuple[LotVerdict, ...]:
        """Return the verdicts on lots collected on a day, without those that no table speaks of."""
        judged = [
            (lot, judge_collected(lot, self.vehicle, exemptions=self.exemptions, on=on))
            for lot in lots
        ]
        return tuple(
            LotVerdict(lot.lot_id, verdict) for lot, verdict in judged if verdict is not None
        )

    def to_store(self, collected: Iterable[LotVerdict], *, on: date) -> tuple[LotVerdict, ...]:
        """Return the verdicts on the rest of the way, by the same facts, to where lots were put."""
        lots = [_again(each) for each in collected if each.leg == 1]
        return tuple(replace(each, leg=2) for each in self.verdicts(lots, on=on))


def _again(judged: LotVerdict) -> Collected:
    facts = judged.verdict.facts
    return Collected(judged.lot_id, facts.material, facts.condition, facts.holder, facts.place)


def judge_collected(
    lot: Collected, vehicle: LegVehicle, *, exemptions: Exemptions, on: date
) -> Verdict | None:
    """Return the verdict on a lot's collection; None where the tables say nothing of it.

    A lot was collected whatever the rules say of its day, so nothing is refused here.
    """
    table = exemptions.table(CHINA)
    waste_code, un_number = exemptions.codes(lot.material, on)
    if on < table.first_day or (waste_code is None and un_number is None):
        return None
    facts = LegFacts(
        material=lot.material,
        waste_code=waste_code,
        un_number=un_number,
        leg="collection",
        holder=lot.holder,
        condition=lot.condition or UNKNOWN,
        place=lot.place,
        vehicle=vehicle,
    )
    return decide_leg(facts, table=table, on=on)
