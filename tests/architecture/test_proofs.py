"""What the promises are proven by exists: a renamed test leaves no promise behind without one."""

import ast
import re

import pytest

from tests.architecture.source_tree import ROOT, parse

PAGES = (ROOT / "README.md", *sorted((ROOT / "docs" / "proofs").glob("*.md")))
QUOTED = re.compile(r"`([^`]+)`")
PATH = re.compile(r"[\w-]+(/[\w.-]+)+/?")
TEST = re.compile(r"(tests/[\w/]+\.py)::(\w+)")
TARGET = re.compile(r"^([a-z-]+):", re.MULTILINE)
TARGETS = set(TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))


def tables(page):
    """The rows of a page's tables that name a proof, without heads."""
    lines = page.splitlines()
    heads = [number for number, line in enumerate(lines) if "proof |" in line]
    for head in heads:
        for line in lines[head + 2 :]:
            if not line.startswith("|"):
                break
            yield line


def is_there(quoted):
    """Say whether a test, a file or a target that is quoted exists; other words are."""
    test = TEST.fullmatch(quoted)
    if test is not None:
        held = ROOT / test[1]
        return held.is_file() and test[2] in _functions(held)
    if quoted.startswith("make "):
        return quoted.split()[1] in TARGETS
    return not PATH.fullmatch(quoted) or (ROOT / quoted).exists()


def _functions(path):
    return {each.name for each in parse(path).body if isinstance(each, ast.FunctionDef)}


def missing(page):
    """What a page's tables name that is not there, and rows that name nothing that proves them."""
    for row in tables(page):
        quoted = QUOTED.findall(row)
        if not any(each.startswith(("tests/", "make ")) for each in quoted):
            yield row
        yield from (each for each in quoted if not is_there(each))


@pytest.mark.parametrize("path", PAGES, ids=lambda each: str(each.relative_to(ROOT)))
def test_each_promise_has_a_proof_that_is_there(path):
    page = path.read_text(encoding="utf-8")

    assert list(tables(page))
    assert list(missing(page)) == []


def test_sees_a_proof_that_is_gone_and_a_promise_without_one():
    here = "tests/architecture/test_proofs.py"
    rows = [
        f"| kept | `{here}::test_each_promise_has_a_proof_that_is_there`, `make test` |",
        f"| renamed | `{here}::test_gone` |",
        "| moved | `tests/nowhere/test_gone.py::test_gone`, `make gone`, `services/gone/x.py` |",
        "| believed | `kill -9` |",
    ]

    found = list(missing("\n".join(["| promise | proof |", "| --- | --- |", *rows])))

    gone = ["tests/nowhere/test_gone.py::test_gone", "make gone", "services/gone/x.py"]
    assert found == [f"{here}::test_gone", *gone, rows[-1]]
