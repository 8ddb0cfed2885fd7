"""Rules that no linter knows: no machine's paths, one reader of the environment, no sleeping."""

import ast
import re
import subprocess

import pytest

from tests.architecture.source_tree import ROOT, parse, python_files

# Written apart, so that this file does not match itself.
MACHINE_PATHS = re.compile("/" + "(?:work|root|home)/" + r"[\w.]")
TEXT_ENDINGS = {".py", ".md", ".toml", ".yaml", ".yml", ".sh", ".json", ".xml", ".csv", ".lock"}


def tracked_texts():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [ROOT / line for line in listed if (ROOT / line).suffix in TEXT_ENDINGS]


def test_names_no_path_of_a_machine():
    naming = [
        str(path.relative_to(ROOT))
        for path in tracked_texts()
        if path.is_file() and MACHINE_PATHS.search(path.read_text(encoding="utf-8"))
    ]

    assert naming == []


def test_sees_a_path_of_a_machine():
    assert MACHINE_PATHS.search("open('/" + "home/someone/file')")


def environment_reads(tree: ast.Module) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    ]


@pytest.mark.parametrize("path", python_files("services"), ids=lambda p: str(p.relative_to(ROOT)))
def test_only_settings_read_the_environment(path):
    reads = environment_reads(parse(path))

    assert reads == [] or path.name == "settings.py"


def test_sees_a_read_of_the_environment():
    assert environment_reads(ast.parse("import os\nkey = os.environ['KEY']\n")) == [2]


def sleeps(tree: ast.Module) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "sleep"
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "time"
    ]


@pytest.mark.parametrize("path", python_files("tests"), ids=lambda p: str(p.relative_to(ROOT)))
def test_tests_do_not_sleep(path):
    assert sleeps(parse(path)) == [] or path.name == "polling.py"


def test_sees_a_sleep():
    assert sleeps(ast.parse("import time\ntime.sleep(1)\n")) == [2]
