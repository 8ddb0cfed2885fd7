"""A lookup on a day gives that day's code; another day's is refused, and what to take is named."""

from datetime import date, timedelta

import pytest

from shared.kernel.errors import Invalid, NotFound
from shared.reference.codes import (
    CodeEntry,
    code_entries,
    code_entries_on,
    code_entry,
    entry_on,
    systems,
)
from shared.reference.material_codes import code_of_material, codes_of_material, materials_of_code
from shared.reference.tables import Period

EU_DAY = date(2026, 11, 9)
BASEL_DAY = date(2025, 1, 1)
DAY = timedelta(days=1)


def refused(system, code, on):
    with pytest.raises((Invalid, NotFound)) as error:
        code_entry(system, code, on)
    return error.value


@pytest.mark.parametrize(
    ("system", "code", "last_day", "successors"),
    [
        ("basel", "A1180", BASEL_DAY - DAY, ("A1181",)),
        ("basel", "B1110", BASEL_DAY - DAY, ("Y49",)),
        ("basel", "B4030", BASEL_DAY - DAY, ("Y49",)),
        ("eu", "16 06 04", EU_DAY - DAY, ("16 06 04*",)),
        ("eu", "20 01 33*", EU_DAY - DAY, ("20 01 42*",)),
        ("eu", "20 01 34", EU_DAY - DAY, ("20 01 42*", "20 01 43*", "20 01 44")),
    ],
)
def test_a_code_holds_to_its_last_day_and_then_names_its_successors(
    system, code, last_day, successors
):
    assert code_entry(system, code, last_day).code == code
    error = refused(system, code, last_day + DAY)

    assert (error.code, error.facts["valid_to"]) == ("codes.expired", str(last_day + DAY))
    assert error.facts["successor"] == successors[0]
    assert error.facts["successors"] == successors


@pytest.mark.parametrize(
    ("system", "code", "first_day", "predecessor"),
    [
        ("basel", "A1181", BASEL_DAY, "A1180"),
        ("basel", "Y49", BASEL_DAY, "B1110"),
        ("eu", "16 06 04*", EU_DAY, "16 06 04"),
        ("eu", "20 01 43*", EU_DAY, "20 01 34"),
        ("eu", "19 14 02*", EU_DAY, None),
        ("cn", "900-052-31", date(2021, 1, 1), None),
    ],
)
def test_a_code_is_refused_before_its_first_day(system, code, first_day, predecessor):
    assert code_entry(system, code, first_day).code == code
    error = refused(system, code, first_day - DAY)

    assert (error.code, error.facts["valid_from"]) == ("codes.not_yet_valid", str(first_day))
    assert error.facts["predecessor"] == predecessor


def test_a_new_edition_of_the_catalogue_is_another_entry_under_the_same_code():
    before = code_entry("cn", "900-044-49", date(2024, 12, 31))
    after = code_entry("cn", "900-044-49", date(2025, 1, 1))

    assert (before.code, before.certainty) == ("900-044-49", "V")
    assert (after.code, after.certainty) == ("900-044-49", "M")
    assert "2021" in before.source
    assert "2025" in after.source


def test_every_successor_holds_on_the_day_on_which_its_predecessor_ends():
    ended = [e for s in systems() for e in code_entries(s) if e.successors]

    assert len(ended) >= 7
    assert all(
        code_entry(entry.system, code, entry.period.valid_to).code == code
        for entry in ended
        for code in entry.successors
    )


def chain(*ends):
    """Codes C0, C1, … where each takes the place of the one before on a day."""
    starts = [date(2001, 1, 1), *ends]
    stops = [*ends, None]
    return [
        CodeEntry(
            system="x",
            code=f"C{n}",
            name_zh="",
            name_en="",
            details={},
            period=Period(starts[n], stops[n]),
            successors=() if stops[n] is None else (f"C{n + 1}",),
            certainty="V",
            source="test",
        )
        for n in range(len(starts))
    ]


def test_the_successor_is_the_one_of_the_day_and_not_one_that_ended_too():
    entries = chain(date(2010, 1, 1), date(2020, 1, 1))

    with pytest.raises(Invalid) as soon:
        entry_on(entries, "C0", date(2015, 1, 1))
    with pytest.raises(Invalid) as late:
        entry_on(entries, "C0", date(2025, 1, 1))

    assert (soon.value.facts["successor"], late.value.facts["successor"]) == ("C1", "C2")


@pytest.mark.parametrize(
    ("system", "written", "code"),
    [
        ("eu", "160601*", "16 06 01*"),
        ("eu", "16 06 01", "16 06 01*"),
        ("eu", "160604", "16 06 04"),
        ("un", "2794", "UN2794"),
        ("un", "un 3480", "UN3480"),
        ("cn", "90005231", "900-052-31"),
        ("basel", "a1160", "A1160"),
        ("treatment", "r13", "R13"),
    ],
)
def test_a_code_is_found_however_it_is_written(system, written, code):
    assert code_entry(system, written, date(2026, 1, 1)).code == code


@pytest.mark.parametrize("code", ["", "A", "A1180; drop", "A118", "１１８０", "*"])
def test_a_code_that_never_was_is_unknown(code):
    assert refused("basel", code, BASEL_DAY).code == "codes.unknown"


def test_an_unknown_system_is_not_found():
    assert refused("../un", "UN2794", BASEL_DAY).code == "codes.unknown_system"


def test_a_list_is_that_of_the_day():
    before = {entry.code for entry in code_entries_on("basel", BASEL_DAY - DAY)}
    after = {entry.code for entry in code_entries_on("basel", BASEL_DAY)}

    assert before - after == {"A1180", "B1110", "B4030"}
    assert after - before == {"A1181", "Y49"}


def test_treatment_codes_say_which_are_interim():
    codes = {entry.code: entry.details["interim"] for entry in code_entries("treatment")}

    assert len(codes) == 28
    assert {code for code, interim in codes.items() if interim == "yes"} == {
        *("D13", "D14", "D15", "R12", "R13")
    }


def test_the_catalogue_of_e_waste_has_fourteen_kinds():
    assert len(code_entries_on("cn-ewaste", date(2016, 3, 1))) == 14
    assert code_entries_on("cn-ewaste", date(2016, 2, 29)) == []


def test_damaged_lithium_has_its_own_provision_and_packing():
    for number in ("UN3090", "UN3091", "UN3480", "UN3481"):
        details = code_entry("un", number, date(2026, 1, 1)).details

        assert details["class"] == "9"
        assert details["damaged_special_provision"] == "376"
        assert details["damaged_packing"] == "P908|LP904"


@pytest.mark.parametrize(
    ("use", "codes", "day"),
    [
        (("lithium-ion-batteries", "eu", "household"), ("20 01 34", "20 01 43*"), EU_DAY),
        (("lithium-ion-batteries", "eu", "any"), ("16 06 05", "16 06 07*"), EU_DAY),
        (("alkaline-batteries", "eu", "any"), ("16 06 04", "16 06 04*"), EU_DAY),
        (("lead-acid-batteries", "eu", "household"), ("20 01 33*", "20 01 42*"), EU_DAY),
        (("lead-acid-batteries", "eu", "any"), ("16 06 01*", "16 06 01*"), EU_DAY),
        (("circuit-boards", "basel", "any"), ("A1180", "A1181"), BASEL_DAY),
    ],
)
def test_a_material_has_the_code_of_the_day(use, codes, day):
    material, system, context = use
    found = [
        code_of_material(material, system, on, context=context).code for on in (day - DAY, day)
    ]

    assert found == list(codes)


def test_lithium_has_no_entry_in_the_catalogue_and_is_dangerous_goods():
    day = date(2026, 11, 24)

    assert code_of_material("lithium-ion-batteries", "cn", day).code is None
    assert code_of_material("lithium-ion-batteries", "un", day).code == "UN3480"
    packed = code_of_material("lithium-ion-batteries", "un", day, context="with-equipment")
    assert packed.code == "UN3481"


def test_a_context_without_a_row_of_its_own_is_any():
    day = date(2026, 11, 24)

    assert code_of_material("crt-glass", "cn", day, context="household").code == "900-044-49"
    assert code_of_material("cardboard", "cn", day) is None


def test_a_code_names_its_materials():
    named = materials_of_code("cn", "900-044-49", date(2026, 11, 24))

    assert sorted(named) == ["crt-glass", "ni-cd-batteries"]


def test_a_material_has_each_system_and_context_once_a_day():
    for day in (date(2021, 1, 1), date(2024, 12, 31), BASEL_DAY, EU_DAY):
        rows = codes_of_material("lead-acid-batteries", day)

        assert len({(row.system, row.context) for row in rows}) == len(rows)


FACTS = {
    "cn": "900-052-31 900-044-49 900-045-49 900-023-29 900-024-29 900-008-10 900-041-49",
    "basel": "A1160 A1170 A1180 A1181 Y49 B1090 B1110 B4030",
    "un": "UN2794 UN2795 UN2800 UN3480 UN3481 UN3090 UN3091 UN3496 UN3551 UN3552 UN3509",
    "weee": "1 2 3 4 5 6",
}
EUROPEAN = (
    *("16 06 01*", "16 06 02*", "16 06 03*", "16 06 04", "16 06 05", "16 06 06*"),
    *("16 02 09*", "16 02 10*", "16 02 11*", "16 02 12*", "16 02 13*", "16 02 14"),
    *("16 02 15*", "16 02 16", "20 01 21*", "20 01 23*", "20 01 33*", "20 01 34"),
    *("20 01 35*", "20 01 36"),
)


@pytest.mark.parametrize(
    ("system", "code"),
    [(system, code) for system, codes in FACTS.items() for code in codes.split()]
    + [("eu", code) for code in EUROPEAN],
)
def test_every_code_of_the_projects_facts_is_in_its_table(system, code):
    assert code in {entry.code for entry in code_entries(system)}
