"""`greenloop codes` as a person calls it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from shared.kernel.errors import Invalid, NotFound
from tests.unit.reference.broken import Tables
from tools.cli.__main__ import app


def run(*arguments):
    return CliRunner().invoke(app, ["codes", *arguments])


def test_sound_tables_say_nothing_and_end_with_0():
    done = run("check")

    assert (done.exit_code, done.output) == (0, "")


def test_findings_are_printed_and_end_with_1(tmp_path):
    tables = Tables(tmp_path)
    tables.edit("code_tables/basel.csv", "2025-01-01,A1181", "2025-01-01,")

    done = run("check", "--folder", str(tmp_path))

    assert done.exit_code == 1
    assert "A1180 from 1998-11-06: ends without a successor" in done.output
    assert "1 findings" in done.output


def test_a_folder_without_tables_is_not_sound(tmp_path):
    assert run("check", "--folder", str(tmp_path)).exit_code == 1


@pytest.mark.parametrize(
    ("on", "shown", "hidden"),
    [("2024-12-31", "A1180", "A1181"), ("2025-01-01", "A1181", "B4030")],
)
def test_shows_the_entries_of_a_day(on, shown, hidden):
    lines = run("show", "basel", "--on", on).output.splitlines()
    codes = {line.split("│")[1].strip() for line in lines if line.startswith("│")}

    assert shown in codes
    assert hidden not in codes


def test_shows_all_entries_with_what_follows_them():
    shown = run("show", "basel", "--on", "all").output

    assert all(code in shown for code in ("A1180", "A1181", "B4030", "Y49"))


@pytest.mark.parametrize(
    ("arguments", "family", "code"),
    [
        (("show", "oecd"), NotFound, "codes.unknown_system"),
        (("show", "eu", "--on", "soon"), Invalid, "codes.day"),
    ],
)
def test_refuses_what_it_does_not_know(arguments, family, code):
    problem = run(*arguments).exception

    assert isinstance(problem, family)
    assert problem.code == code


def test_make_check_runs_it():
    makefile = Path(__file__).resolve().parents[3] / "Makefile"

    assert "codes check" in makefile.read_text(encoding="utf-8")
