"""What the law asks of a leg, explained over HTTP: each answer with its rule, words and source."""

from datetime import date
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Query
from pydantic import Field, StringConstraints, model_validator

from services.tracking.application.exemptions import Exemptions, decide_leg, explained
from services.tracking.application.ports import Journals
from services.tracking.application.stock_legs import CentralStores
from services.tracking.domain.exemptions import (
    LegFacts,
    LegPlace,
    LegVehicle,
    LotVerdict,
    Verdict,
)
from shared.contracts.topic import MaterialCode, OpaqueId
from shared.http.auth import Anybody, Watcher
from shared.http.body import WHOLE, Day, Flag, Question, View
from shared.kernel.clock import Clock, legal_day
from shared.kernel.decision_table import DecisionTable, Row
from shared.kernel.errors import Invalid, NotFound
from shared.reference.codes import CodeEntry, code_entry
from shared.reference.material_codes import materials_of_code
from shared.reference.materials import materials

WrittenCode = Annotated[str, StringConstraints(min_length=1, max_length=16)]
VolumeMl = Annotated[int, Field(ge=1, le=100_000_000), WHOLE]


class LegQuery(Question):
    """The facts of a leg. What is not said of the vehicle counts as missing.

    The thing is named by its `material`, or by its `code` in China's catalogue (`system` cn) or
    among the UN numbers (un) where that names one material.
    """

    material: MaterialCode | None = None
    code: WrittenCode | None = None
    system: Literal["cn", "un"] = "cn"
    condition: Literal["intact", "broken", "unknown"] = "unknown"
    leg: Literal["mixed", "collection", "transport"]
    holder: Literal["household", "organisation"]
    place: Literal["door", "drive", "outlet", "other"] = "other"
    central_store: Flag = False
    place_id: OpaqueId | None = Field(default=None, description="a place as tracking knows it")
    rain_proof: Flag = False
    leak_proof: Flag = False
    spill_proof: Flag = False
    sorting_rules: Flag = False
    licensed: Flag = False
    volume_ml: VolumeMl | None = None
    on: Day | None = Field(default=None, description="a legal day; today if not given")
    jurisdiction: str = Field(default="CN", pattern="^[A-Z]{2}$")

    @model_validator(mode="after")
    def _one_name(self) -> Self:
        if (self.material is None) == (self.code is None):
            raise ValueError("material or code, and not both")
        return self


class AnswerView(View):
    """An answer, the rule that gave it, the rule in words, its source and how sure it is."""

    question: str
    answer: str
    rule: str
    words: dict[str, str]
    certainty: str
    source: str
    valid_from: date
    valid_to: date | None


class DangerousGoodsView(View):
    """The UN number's entry: class, special provisions, packing."""

    code: str
    name_zh: str
    name_en: str
    details: dict[str, str]


class NeedsView(View):
    """The verdict in short."""

    manifest: bool
    dangerous_goods_waybill: bool
    licence: bool
    label: bool
    label_size: str
    packing: str
    vehicle: str
    handover: str


class DecisionView(View):
    """A verdict on a leg. `table` is the version of the rules: the same names the same rules."""

    material: str
    condition: str
    waste_code: str | None
    un_number: str | None
    on: date
    jurisdiction: str
    table: str
    needs: NeedsView
    answers: list[AnswerView]
    dangerous_goods: DangerousGoodsView | None


class RulingView(View):
    """An answer and the rule that gave it."""

    question: str
    answer: str
    rule: str


class LotVerdictView(View):
    """What the law asked of a leg of a lot's collection, under the rules of that day, and of what.

    `leg` 1 is from the door or the drive onto the vehicle, 2 from there to where it was put down.
    `holder`, `condition`, `place` and `central_store` are the facts that collection recorded.
    """

    lot_id: str
    leg: int
    material: str
    waste_code: str | None
    un_number: str | None
    holder: str
    condition: str
    place: str
    central_store: bool
    on: date
    table: str
    needs: NeedsView
    rulings: list[RulingView]


class LotVerdictsView(View):
    """The verdicts on a pickup's hazardous lots."""

    pickup_id: str
    items: list[LotVerdictView]


def router(
    exemptions: Exemptions, journals: Journals, *, stores: CentralStores, clock: Clock
) -> APIRouter:
    """Return the routes that decide, recording nothing, and that tell what was recorded."""
    routes = APIRouter(prefix="/v1/exemptions", tags=["exemptions"])

    @routes.get("/decision")
    def decide(_caller: Anybody, asked: Annotated[LegQuery, Query()]) -> DecisionView:
        day = asked.on or legal_day(clock.now())
        table = exemptions.table(asked.jurisdiction)
        named = [] if asked.place_id is None else [asked.place_id]
        place = LegPlace(asked.place, asked.central_store or bool(stores(named)))
        verdict = decide_leg(_facts(asked, place, day, exemptions), table=table, on=day)
        return _view(verdict, table)

    @routes.get("/verdicts/{pickup_id}")
    def recorded(pickup_id: OpaqueId, caller: Watcher) -> LotVerdictsView:
        journal = journals.get(pickup_id).state
        code = journal.weighed.community_code if journal.weighed else ""
        if not code.startswith(caller.area_code or ""):
            raise NotFound("journal.not_found", "there is no such thing")
        verdicts = [_lot_verdict(each) for each in journal.verdicts]
        return LotVerdictsView(pickup_id=pickup_id, items=verdicts)

    return routes


def _facts(asked: LegQuery, place: LegPlace, day: date, exemptions: Exemptions) -> LegFacts:
    entry = None if asked.code is None else code_entry(asked.system, asked.code, day)
    material = asked.material or _material_of(entry, day)
    if material not in materials():
        raise NotFound("materials.unknown", "this material is not in the table of materials")
    waste_code, un_number = exemptions.codes(material, day)
    if entry is not None and asked.system == "un":
        un_number = entry.code
    return LegFacts(
        material=material,
        waste_code=waste_code,
        un_number=un_number,
        leg=asked.leg,
        holder=asked.holder,
        condition=asked.condition,
        place=place,
        vehicle=LegVehicle(
            rain_proof=asked.rain_proof,
            leak_proof=asked.leak_proof,
            spill_proof=asked.spill_proof,
            sorting_rules=asked.sorting_rules,
            licensed=asked.licensed,
        ),
        volume_ml=asked.volume_ml,
        jurisdiction=asked.jurisdiction,
    )


def _material_of(entry: CodeEntry | None, day: date) -> str:
    named = [] if entry is None else materials_of_code(entry.system, entry.code, day)
    if len(named) != 1:
        raise Invalid(
            "exemptions.material_needed",
            "this code names several materials, or none: say which",
            materials=tuple(named),
        )
    return named[0]


def _view(verdict: Verdict, table: DecisionTable) -> DecisionView:
    facts = verdict.facts
    return DecisionView(
        material=facts.material,
        condition=facts.condition,
        waste_code=facts.waste_code,
        un_number=facts.un_number,
        on=verdict.on,
        jurisdiction=facts.jurisdiction,
        table=verdict.table,
        needs=_needs(verdict),
        answers=[_answer(row) for row in explained(verdict, table=table)],
        dangerous_goods=_dangerous(facts.un_number, verdict.on),
    )


def _lot_verdict(held: LotVerdict) -> LotVerdictView:
    verdict, facts = held.verdict, held.verdict.facts
    return LotVerdictView(
        lot_id=held.lot_id,
        leg=held.leg,
        material=facts.material,
        waste_code=facts.waste_code,
        un_number=facts.un_number,
        holder=facts.holder,
        condition=facts.condition,
        place=facts.place.kind,
        central_store=facts.place.central_store,
        on=verdict.on,
        table=verdict.table,
        needs=_needs(verdict),
        rulings=[RulingView.model_validate(r, from_attributes=True) for r in verdict.rulings],
    )


def _needs(verdict: Verdict) -> NeedsView:
    return NeedsView(
        manifest=verdict.needs_manifest,
        dangerous_goods_waybill=verdict.needs_waybill,
        licence=verdict.needs_licence,
        label=verdict.needs_label,
        label_size=verdict.answer("label-size"),
        packing=verdict.answer("packing"),
        vehicle=verdict.answer("vehicle"),
        handover=verdict.answer("handover"),
    )


def _answer(row: Row) -> AnswerView:
    return AnswerView(
        question=row.question,
        answer=row.answer,
        rule=row.rule,
        words=dict(row.words),
        certainty=row.certainty,
        source=row.source,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def _dangerous(un_number: str | None, on: date) -> DangerousGoodsView | None:
    if un_number is None:
        return None
    entry = code_entry("un", un_number, on)
    details = {name: cell for name, cell in entry.details.items() if cell}
    return DangerousGoodsView(
        code=entry.code, name_zh=entry.name_zh, name_en=entry.name_en, details=details
    )
