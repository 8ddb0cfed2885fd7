"""All combinations of facts: one row decides each question, and the law's great lines hold."""

from datetime import date
from itertools import product

import pytest

from services.tracking.domain.exemptions import (
    CONDITIONS,
    HOLDERS,
    LEGS,
    PLACES,
    LegFacts,
    LegPlace,
    LegVehicle,
    inputs_of,
)
from shared.kernel.decision_checks import combinations, epochs, findings
from tests.unit.tracking.builders import LEAD, LITHIUM
from tests.unit.tracking.legs import BOARDS, CRT, METAL, TABLE

MATERIALS = (LEAD, CRT, BOARDS, LITHIUM, METAL, "fluorescent-lamps", "cardboard")
CODES = tuple(product(("900-052-31", None), ("UN2794", None)))
VEHICLES = tuple(LegVehicle(*known) for known in product((False, True), repeat=5))
VOLUMES = (None, 1, 50_000, 50_001, 449_999, 450_000, 450_001)


def test_one_row_decides_each_question_for_all_combinations_and_no_row_is_dead():
    assert findings(TABLE) == []


def test_the_facts_reach_every_value_of_every_input_and_no_other():
    reached = {name: set() for name in TABLE.inputs}
    for material, (waste_code, un_number) in product(MATERIALS, CODES):
        for condition, leg, holder, place in product(CONDITIONS, LEGS, HOLDERS, PLACES):
            for vehicle, volume_ml in zip(VEHICLES, VOLUMES * 5, strict=False):
                facts = LegFacts(
                    material=material,
                    waste_code=waste_code,
                    un_number=un_number,
                    leg=leg,
                    holder=holder,
                    condition=condition,
                    place=LegPlace(place, central_store=vehicle.licensed),
                    vehicle=vehicle,
                    volume_ml=volume_ml,
                )
                for name, value in inputs_of(facts, TABLE.inputs).items():
                    reached[name].add(value)

    assert {name: sorted(values) for name, values in reached.items()} == {
        name: sorted(values) for name, values in TABLE.inputs.items()
    }


@pytest.mark.parametrize("day", epochs(TABLE), ids=str)
def test_the_great_lines_hold_for_all_combinations(day):
    """Over everything but the volume, which only the label's size asks for (tried above)."""
    decide = TABLE.on(day).decide
    inputs = {**TABLE.inputs, "volume": ("unknown",)}
    for given in combinations(inputs):
        broken = _broken_lines(given, {row.question: row.answer for row in decide(given)})
        assert not broken, (given, broken)


def _broken_lines(given, answers):
    lines = {
        "each question is answered once": len(answers) == len(TABLE.questions),
        "no manifest without a catalogue entry": _in_catalogue(given)
        or answers["manifest"] == "not-required",
        "a manifest unless the household exemption holds": not _in_catalogue(given)
        or (answers["manifest"] == "required") == (answers["household-exemption"] == "none"),
        "no household exemption at or from a central store": given["central_store"] == "no"
        or answers["household-exemption"] == "none",
        "no household exemption for an organisation": given["holder"] == "household"
        or answers["household-exemption"] == "none",
        "lithium always has its waybill": given["regime"] != "dangerous"
        or answers["waybill"] == "required",
        "licence, label and manifest go together": answers["manifest"]
        == answers["licence"]
        == answers["label"],
        "an organisation is never simply accepted with what is regulated": answers["handover"]
        != "accepted"
        or given["holder"] == "household"
        or given["regime"] == "ordinary",
        "a waybill needs a licensed vehicle": (answers["vehicle"] == "any")
        == (answers["waybill"] == "not-required"),
    }
    return [line for line, holds in lines.items() if not holds]


def _in_catalogue(given):
    return given["regime"].startswith("catalogue")


@pytest.mark.parametrize("day", epochs(TABLE), ids=str)
def test_unknown_is_answered_as_broken_in_all_combinations(day):
    decide = TABLE.on(day).decide
    inputs = {**TABLE.inputs, "volume": ("unknown",), "condition": ("broken",)}
    for given in combinations(inputs):
        known = [row.answer for row in decide(given)]
        unknown = [row.answer for row in decide({**given, "condition": "unknown"})]

        assert known == unknown, given


def test_the_table_begins_with_the_catalogue_of_2021():
    assert epochs(TABLE) == [
        date(2021, 1, 1),
        date(2022, 1, 1),
        date(2023, 7, 1),
        date(2025, 1, 1),
    ]
