"""The check of the tables sees what is wrong, and says where."""

import pytest

from shared.reference.checking import code_findings, exemption_findings, findings
from tests.unit.reference.broken import Tables

BASEL, CROSSWALK, RULES = "code_tables/basel.csv", "material_codes.csv", "exemptions.csv"


@pytest.fixture
def tables(tmp_path):
    return Tables(tmp_path)


def said(tables):
    return "\n".join(code_findings(tables.folder))


def said_of_rules(tables):
    return "\n".join(exemption_findings(tables.folder))


def test_the_tables_of_the_house_are_sound():
    assert findings() == []


def test_the_copy_is_sound_before_it_is_broken(tables):
    assert findings(tables.folder) == []


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("2025-01-01,A1181", "2024-12-31,A1181", "A1181 does not hold on 2024-12-31"),
        ("2025-01-01,A1181", "2025-01-01,", "ends without a successor"),
        ("2025-01-01,A1181", "2025-01-01,A9999", "its successor A9999 does not hold"),
        ("2025-01-01,A1181", ",A1181", "has a successor, and does not end"),
        ("A1160,", "1160,", "not of the form"),
        ("A1170,", "A1160,", "A1160 overlaps with its row from 1998-11-06"),
        ("Y49,其他电子废物", "Y49,", "no name_zh"),
        ("waste,II,2025-01-01", "waste,,2025-01-01", "no annex"),
        ("waste,II,2025-01-01", "waste,II,2025-13-01", "a day is not of the form"),
        ("waste,II,2025-01-01", "waste,II,20250101", "a day is not of the form"),
        ("waste,II,2025-01-01,", "waste,II,2025-01-01,2024-01-01", "ends before it begins"),
    ],
)
def test_sees_a_broken_table_of_codes(tables, old, new, finding):
    tables.edit(BASEL, old, new)

    assert finding in said(tables)


def test_sees_a_row_without_a_source_or_with_a_made_up_certainty(tables):
    row = tables.line(BASEL, "A1181")
    tables.edit(BASEL, row, row.split(",X,")[0] + ",sure,\n")

    assert f"{BASEL} A1181 from 2025-01-01: no source" in said(tables)
    assert "certainty is none of V, X, M" in said(tables)


def test_sees_a_cell_too_many(tables):
    row = tables.line(BASEL, "A1160")
    tables.edit(BASEL, row, row.strip() + ",more\n")

    assert "more cells than columns" in said(tables)


@pytest.mark.parametrize(
    ("table", "column", "finding"),
    [
        (BASEL, ",successor,", "basel.csv A1160 from 1998-11-06: no column successor"),
        (BASEL, ",valid_to,", "no column valid_to"),
        (CROSSWALK, ",valid_to,", "no column valid_to"),
        ("materials.csv", ",hazardous,", "no hazardous"),
        ("code_tables/systems.csv", ",needs", "no column needs"),
    ],
)
def test_sees_a_column_that_is_not_there(tables, table, column, finding):
    tables.edit(table, column, column.replace(column.strip(","), "spare"))

    assert finding in said(tables)


def test_sees_a_form_that_is_no_pattern(tables):
    tables.edit("code_tables/systems.csv", r"UN\d{4}", "UN[")

    assert "systems.csv un: its form is no pattern" in said(tables)


def test_sees_what_is_not_text(tables):
    (tables.folder / BASEL).write_bytes(b"code\n\xff\xfe\n")

    assert "basel.csv: cannot be read" in said(tables)


def test_sees_a_gap_between_two_editions(tables):
    edition = "and parts dismantled from them,HW49,T,2025-01-01"
    tables.edit("code_tables/cn.csv", edition, edition.replace("2025-01", "2025-02"))

    assert "has a gap from 2025-01-01 to 2025-02-01" in said(tables)


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("lead-acid-batteries,basel,any,A1160", "lead-acid-batteries,basel,any,A1161", "no code"),
        ("lead-acid-batteries,basel,any,", "lead-bricks,basel,any,", "no such material"),
        ("lead-acid-batteries,basel,any,", "lead-acid-batteries,bale,any,", "no such system"),
        ("lead-acid-batteries,basel,any,", "lead-acid-batteries,basel,now,", "no such context"),
        (
            "crt-glass,basel,any,A1181,2025-01-01",
            "crt-glass,basel,any,A1181,2024-12-01",
            "overlaps",
        ),
        (
            "crt-glass,basel,any,A1181,2025-01-01",
            "crt-glass,basel,any,A1181,2025-02-01",
            "has a gap from 2025-01-01 to 2025-02-01",
        ),
    ],
)
def test_sees_a_broken_crosswalk(tables, old, new, finding):
    tables.edit(CROSSWALK, old, new)

    assert finding in said(tables)


def test_sees_a_material_whose_code_ended_under_it(tables):
    tables.drop(CROSSWALK, "crt-glass,basel,any,A1181")
    row = tables.line(CROSSWALK, "crt-glass,basel,any,A1180")
    tables.edit(CROSSWALK, row, row.replace("2025-01-01", ""))

    assert "A1180 does not hold all that time" in said(tables)


def test_sees_a_material_that_has_no_code_any_more(tables):
    tables.drop(CROSSWALK, "crt-glass,basel,any,A1181")

    assert "crt-glass basel any has a gap from 2025-01-01 on" in said(tables)


@pytest.mark.parametrize("system", ["cn", "un"])
def test_sees_a_hazardous_material_without_an_answer(tables, system):
    tables.drop(CROSSWALK, f"circuit-boards,{system},any")

    assert f"circuit-boards: hazardous, and nothing says its {system} code" in said(tables)


def test_sees_codes_that_begin_on_different_days(tables):
    row = tables.line(CROSSWALK, "circuit-boards,un,any")
    tables.edit(CROSSWALK, row, row.replace("2021-01-01", "2022-01-01"))

    assert "circuit-boards: its codes do not begin on one day" in said(tables)


@pytest.mark.parametrize(
    ("table", "finding"),
    [
        (BASEL, "code_tables/basel.csv: cannot be read"),
        ("materials.csv", "materials.csv: cannot be read"),
        ("code_tables/systems.csv", "code_tables/systems.csv: cannot be read"),
    ],
)
def test_sees_a_table_that_is_not_there(tables, table, finding):
    (tables.folder / table).unlink()

    assert finding in said(tables)


def test_sees_a_table_that_no_system_names(tables):
    (tables.folder / "code_tables" / "oecd.csv").write_text("code\n", encoding="utf-8")

    assert "oecd.csv: no system of that name" in said(tables)


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("central_store=no; leg=transport", "central_store=no; leg=return", "asks for a value"),
        ("waybill=required; licensed=no", "waybill=required", "overlap of"),
        ("waybill=required; licensed=no", "waybill=required; licensed no", "a condition is"),
        ("waybill=required; licensed=no", "waybill=required; licensed!=maybe", "no value maybe"),
        ("regime=dangerous,required", "regime=dangerous; holder=household,required", "gap where"),
    ],
)
def test_sees_a_broken_decision_table(tables, old, new, finding):
    tables.edit_all(RULES, old, new)

    assert finding in said_of_rules(tables)


def test_sees_a_rule_that_has_a_gap_in_time(tables):
    tables.edit_all(RULES, "required,2021-01-01,2022-01-01", "required,2021-01-01,2021-12-31")

    said = said_of_rules(tables)
    assert "manifest.hazardous-waste has a gap from 2021-12-31 to 2022-01-01" in said
    assert "2021-12-31 manifest: gap where" in said


def test_sees_a_rule_that_never_decides(tables):
    row = tables.line(RULES, "vehicle.ordinary")
    tables.add(RULES, row.strip().replace("vehicle.ordinary", "vehicle.dead").replace(
        "waybill=not-required", "waybill=not-required; household-exemption=throughout; "
        "regime=ordinary"))  # fmt: skip

    assert "vehicle.dead" in said_of_rules(tables)


def test_sees_that_the_rules_are_not_there(tables):
    (tables.folder / RULES).unlink()

    assert "exemptions.csv: cannot be read" in said_of_rules(tables)
