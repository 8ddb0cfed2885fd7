"""What the law asks of a leg: the notable cases, by rule, and the days on which rules change."""

from dataclasses import replace
from datetime import date

import msgspec
import pytest

from services.tracking.application.exemptions import (
    Collected,
    decide_leg,
    explained,
    judge_collected,
)
from services.tracking.domain.exemptions import LegFacts, LegPlace, LegVehicle, Verdict
from shared.kernel.errors import Invalid
from tests.unit.tracking.builders import LEAD, LITHIUM, SORTING
from tests.unit.tracking.legs import (
    AT_DRIVE,
    BOARDS,
    CENTRAL,
    CRT,
    EXEMPTIONS,
    LAMPS,
    METAL,
    PROOF,
    TABLE,
    TODAY,
    leg,
    rules,
    verdict,
)

TO_PLANT = {"leg": "transport", "place": CENTRAL}
BARE = LegVehicle()
NO_SORTING = LegVehicle(**PROOF)


def needs(decided):
    return "".join(
        letter if needed else "-"
        for letter, needed in (
            ("M", decided.needs_manifest),
            ("W", decided.needs_waybill),
            ("L", decided.needs_licence),
            ("T", decided.needs_label),
        )
    )


# M manifest, W dangerous-goods waybill, L licence, T label (tag).
GOLDEN = [
    ("an intact lead battery from the door", LEAD, {}, "----"),
    ("inside household waste", LEAD, {"leg": "mixed", "vehicle": BARE}, "----"),
    ("a broken one from the door is dangerous goods", LEAD, {"condition": "broken"}, "-W--"),
    ("so is one of unknown condition", LEAD, {"condition": "unknown"}, "-W--"),
    ("a vehicle without the sorting rules", LEAD, {"vehicle": NO_SORTING}, "M-LT"),
    ("a vehicle of which nothing is known", LEAD, {"vehicle": BARE}, "MWLT"),
    ("the central store ends the household exemption", LEAD, {"place": CENTRAL}, "M-LT"),
    ("also inside household waste", LEAD, {"leg": "mixed", "place": CENTRAL}, "M-LT"),
    ("exempt carriage is not exempt from the manifest", LEAD, TO_PLANT, "M-LT"),
    ("a broken one to the plant", LEAD, {**TO_PLANT, "condition": "broken"}, "MWLT"),
    ("unknown counts as broken", LEAD, {**TO_PLANT, "condition": "unknown"}, "MWLT"),
    ("not spill-proof", LEAD, {**TO_PLANT, "vehicle": LegVehicle(True, True)}, "MWLT"),
    ("after collection, not from a central store", LEAD, {"leg": "transport"}, "M-LT"),
    ("an organisation's battery from its door", LEAD, {"holder": "organisation"}, "M-LT"),
    ("CRT glass to the plant, broken", CRT, {**TO_PLANT, "condition": "broken"}, "M-LT"),
    ("circuit boards to the plant", BOARDS, {**TO_PLANT, "condition": "unknown"}, "M-LT"),
    ("boards in an open vehicle", BOARDS, {**TO_PLANT, "vehicle": BARE}, "MWLT"),
    ("lamps from the door", LAMPS, {"condition": "broken"}, "----"),
    ("lamps to the plant have no exempt carriage", LAMPS, TO_PLANT, "MWLT"),
    ("Ni-Cd shares the CRT's code, not its exemption", "ni-cd-batteries", TO_PLANT, "MWLT"),
    ("Ni-Cd from the door stays dangerous goods", "ni-cd-batteries", {}, "-W--"),
    ("lithium has no manifest and always a waybill", LITHIUM, {}, "-W--"),
    ("lithium to the plant", LITHIUM, TO_PLANT, "-W--"),
    ("an organisation's lithium", LITHIUM, {**TO_PLANT, "holder": "organisation"}, "-W--"),
    ("cardboard", "cardboard", TO_PLANT, "----"),
]


@pytest.mark.parametrize(("case", "material", "facts"), [row[:3] for row in GOLDEN])
def test_the_notable_cases(case, material, facts):
    wanted = next(row[3] for row in GOLDEN if row[0] == case)

    assert needs(verdict(material, **facts)) == wanted


@pytest.mark.parametrize(
    ("facts", "question", "rule"),
    [
        ({}, "household-exemption", "household.collection"),
        ({"leg": "mixed"}, "household-exemption", "household.unsorted"),
        ({"place": CENTRAL}, "household-exemption", "household.central-store"),
        ({"holder": "organisation"}, "household-exemption", "household.organisation"),
        ({"vehicle": BARE}, "household-exemption", "household.vehicle"),
        ({"leg": "transport"}, "household-exemption", "household.after-collection"),
        ({"condition": "unknown"}, "transport-exemption", "transport.condition-unknown"),
        ({"place": CENTRAL}, "manifest", "manifest.exempt-carriage"),
        ({"condition": "broken"}, "waybill", "waybill.household-dangerous"),
        ({"vehicle": BARE}, "vehicle", "vehicle.unlicensed"),
        ({"vehicle": LegVehicle(licensed=True)}, "vehicle", "vehicle.licensed"),
        ({}, "vehicle", "vehicle.ordinary"),
    ],
)
def test_each_answer_tells_its_rule(facts, question, rule):
    assert rules(verdict(**facts))[question] == rule


@pytest.mark.parametrize("material", [LEAD, LITHIUM, LAMPS, "ni-cd-batteries"])
def test_an_organisations_at_a_drive_is_refused_or_it_becomes_the_consignor(material):
    at_drive = verdict(material, holder="organisation", place=AT_DRIVE)
    at_its_door = verdict(material, holder="organisation")

    assert at_drive.answer("handover") == "refused-or-consignor"
    assert at_its_door.answer("handover") == "consignor"
    assert verdict(material, place=AT_DRIVE).answer("handover") == "accepted"


def test_an_organisations_cardboard_at_a_drive_is_accepted():
    decided = verdict("cardboard", holder="organisation", place=AT_DRIVE)

    assert decided.answer("handover") == "accepted"


@pytest.mark.parametrize("material", [LITHIUM, METAL])
@pytest.mark.parametrize(
    ("condition", "packing"),
    [("intact", "un-instruction"), ("broken", "P908-or-LP904"), ("unknown", "P908-or-LP904")],
)
def test_lithium_is_packed_by_its_condition(material, condition, packing):
    assert verdict(material, condition=condition).answer("packing") == packing


@pytest.mark.parametrize(
    ("condition", "packing"),
    [
        ("intact", "apart-from-broken"),
        ("broken", "apart-leak-proof"),
        ("unknown", "apart-leak-proof"),
    ],
)
def test_intact_and_broken_lead_batteries_are_kept_apart(condition, packing):
    assert verdict(condition=condition).answer("packing") == packing


@pytest.mark.parametrize(
    ("volume_ml", "size"),
    [
        (None, "by-volume"),
        (1, "100x100"),
        (50_000, "100x100"),
        (50_001, "150x150"),
        (449_999, "150x150"),
        (450_000, "200x200"),
        (450_001, "200x200-two-sides"),
        (10**9, "200x200-two-sides"),
    ],
)
def test_the_label_has_the_size_of_the_containers_volume(volume_ml, size):
    assert verdict(**TO_PLANT, volume_ml=volume_ml).answer("label-size") == size


def test_no_label_has_no_size():
    assert verdict(volume_ml=60_000).answer("label-size") == "none"


def test_a_manifest_is_owed_to_the_rules_of_its_day():
    rows = [TABLE.row("manifest.hazardous-waste", day) for day in _around(2022, 1, 1)]
    decided = [
        decide_leg(leg(on=day, condition="broken", **TO_PLANT), table=TABLE, on=day)
        for day in _around(2022, 1, 1)
    ]

    assert ["1999" in row.source for row in rows] == [True, False]
    assert all(each.needs_manifest for each in decided)


def test_label_sizes_begin_with_their_standard():
    before, after = (verdict(on=day, **TO_PLANT, volume_ml=60_000) for day in _around(2023, 7, 1))

    assert (before.answer("label-size"), after.answer("label-size")) == ("not-known", "150x150")


def test_an_exemption_is_that_of_the_days_edition_of_the_catalogue():
    before, after = (TABLE.row("household.collection", day) for day in _around(2025, 1, 1))

    assert ("2021" in before.source, before.certainty) == (True, "V")
    assert ("2025" in after.source, after.certainty) == (True, "M")


def test_there_are_no_rules_before_the_first_day_of_the_table():
    day = date(2020, 12, 31)

    with pytest.raises(Invalid) as refused:
        decide_leg(leg(), table=TABLE, on=day)

    assert refused.value.code == "exemptions.not_covered"
    assert refused.value.facts["valid_from"] == "2021-01-01"
    assert decide_leg(leg(), table=TABLE, on=date(2021, 1, 1)).rulings


def test_there_are_no_rules_for_another_jurisdiction():
    with pytest.raises(Invalid) as refused:
        EXEMPTIONS.table("FR")

    assert refused.value.code == "exemptions.jurisdiction"


@pytest.mark.parametrize(
    "facts",
    [
        {"condition": "leaking"},
        {"leg": "return"},
        {"holder": "school"},
        {"place": LegPlace("kerb")},
        {"condition": ""},
    ],
)
def test_refuses_a_fact_that_the_rules_do_not_know(facts):
    with pytest.raises(Invalid) as refused:
        verdict(**facts)

    assert refused.value.code == "exemptions.fact"


@pytest.mark.parametrize("missing", ["rain_proof", "leak_proof", "spill_proof"])
def test_a_vehicle_is_proof_only_if_all_three_are_known(missing):
    vehicle = replace(SORTING, **{missing: False})

    assert verdict(**TO_PLANT).answer("transport-exemption") == "yes"
    assert verdict(**TO_PLANT, vehicle=vehicle).answer("transport-exemption") == "no"


def test_every_answer_is_explained_in_two_languages_with_its_source():
    decided = verdict(**TO_PLANT, condition="unknown")
    rows = explained(decided, table=TABLE)

    assert [row.ruling for row in rows] == list(decided.rulings)
    assert all(row.words["zh-CN"] and row.words["en"] and row.source for row in rows)
    told = next(row for row in rows if row.question == "transport-exemption")
    assert "unknown counts as broken" in told.words["en"]


def test_a_verdict_survives_being_stored():
    decided = verdict(**TO_PLANT, volume_ml=60_000)

    stored = msgspec.to_builtins(decided)

    assert msgspec.convert(stored, Verdict) == decided


def test_a_verdict_names_the_version_of_its_table():
    assert verdict().table == TABLE.version
    assert len(TABLE.version) == 12


def test_a_collected_lot_of_unknown_condition_counts_as_broken():
    lot = Collected("lot-1", LEAD, None)
    decided = judge_collected(lot, SORTING, exemptions=EXEMPTIONS, on=TODAY)

    assert decided.facts.condition == "unknown"
    assert rules(decided)["transport-exemption"] == "transport.condition-unknown"


@pytest.mark.parametrize(
    ("material", "on"),
    [(LEAD, date(2020, 12, 31)), ("kryptonite", TODAY), ("cardboard", TODAY)],
)
def test_a_collected_lot_is_not_refused_where_the_tables_say_nothing(material, on):
    lot = Collected("lot-1", material, "intact")

    assert judge_collected(lot, SORTING, exemptions=EXEMPTIONS, on=on) is None


def test_facts_default_to_what_exempts_from_nothing():
    facts = LegFacts(LEAD, "900-052-31", "UN2794", "collection", "household")

    decided = decide_leg(facts, table=TABLE, on=TODAY)

    assert needs(decided) == "MWLT"


def _around(year, month, day):
    first = date(year, month, day)
    return date.fromordinal(first.toordinal() - 1), first
