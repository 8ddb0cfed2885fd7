"""CSV and XLSX: what they hold, and what no spreadsheet makes of it."""

import csv
import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from services.tracking.adapters.register_csv import BOM, csv_sheet
from services.tracking.adapters.register_xlsx import xlsx_sheet
from services.tracking.domain.register_columns import Column, Type
from shared.kernel.clock import SHANGHAI
from tests.unit.tracking.register_fakes import INCOMING

AT = datetime(2026, 11, 24, 2, 15, 0, 5_000, tzinfo=UTC).astimezone(SHANGHAI)
COLUMNS = tuple(
    Column(name, kind, "", lambda line, _: line)
    for name, kind in (
        ("document_id", Type.TEXT),
        ("happened_at", Type.INSTANT),
        ("day", Type.DAY),
        ("mass_g", Type.INTEGER),
    )
)
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|'/c calc'!A1")


def written(sheet, *rows, **order):
    return b"".join(sheet(replace(INCOMING, **order), COLUMNS, rows))


def row(text="p-1", mass_g=-70):
    return [text, AT, date(2026, 11, 24), mass_g]


def test_csv_is_as_rfc_4180_says():
    content = written(csv_sheet, row('a "b",\r\nc'), [None, AT, None, 0])

    head, rest = content.decode().split("\r\n", 1)
    assert head == "document_id,happened_at,day,mass_g"
    assert rest == (
        '"a ""b"",\r\nc",2026-11-24T10:15:00.005+08:00,2026-11-24,-70\r\n'
        ",2026-11-24T10:15:00.005+08:00,,0\r\n"
    )


def test_csv_begins_with_a_mark_where_excel_is_to_read_it():
    plain, marked = written(csv_sheet, row("纸")), written(csv_sheet, row("纸"), with_bom=True)

    assert marked == BOM + plain
    assert "纸" in plain.decode("utf-8")


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_is_taken_for_a_formula(text):
    (_, in_csv) = csv.reader(io.StringIO(written(csv_sheet, row(text)).decode(), newline=""))
    book = load_workbook(io.BytesIO(written(xlsx_sheet, row(text.strip()))))
    cell = book.active["A2"]

    assert in_csv[0] == f"'{text}"
    assert (cell.data_type, cell.value) == ("s", text.strip())


def test_negative_grams_stay_numbers():
    (_, in_csv) = csv.reader(io.StringIO(written(csv_sheet, row()).decode(), newline=""))
    cell = load_workbook(io.BytesIO(written(xlsx_sheet, row()))).active["D2"]

    assert in_csv[3] == "-70"
    assert (cell.data_type, cell.value) == ("n", -70)


def test_xlsx_cells_have_types_and_the_legal_time():
    sheet = load_workbook(io.BytesIO(written(xlsx_sheet, row("0012345")))).active

    assert [each.value for each in sheet[1]] == [each.name for each in COLUMNS]
    assert sheet["A2"].value == "0012345"
    assert sheet["B2"].value.isoformat(timespec="seconds") == "2026-11-24T10:15:00"
    assert sheet["C2"].value.date() == date(2026, 11, 24)


def test_xlsx_has_no_time_of_its_making():
    archive = zipfile.ZipFile(io.BytesIO(written(xlsx_sheet, row())))

    assert {each.date_time for each in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}
    assert b"2000-01-01T00:00:00Z" in archive.read("docProps/core.xml")


@given(st.lists(st.text(st.characters(blacklist_categories=("Cs", "Cc"))), max_size=20))
def test_whatever_text_there_is_comes_back(texts):
    content = written(csv_sheet, *(row(text) for text in texts))

    read = [each[0] for each in csv.reader(io.StringIO(content.decode(), newline=""))][1:]
    assert [each.removeprefix("'") for each in read] == [each.removeprefix("'") for each in texts]


def test_sheets_come_in_chunks():
    rows = [row("x" * 1_000)] * 500

    assert max(len(chunk) for chunk in csv_sheet(INCOMING, COLUMNS, rows)) < 100_000
    assert max(len(chunk) for chunk in xlsx_sheet(INCOMING, COLUMNS, rows)) <= 256 * 1024
