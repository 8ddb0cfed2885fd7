"""House style 9 and 10: what is too large to read at once is split."""

import pytest

from tests.architecture.size_rules import broken_size_rules
from tests.architecture.source_tree import ROOT, python_files


@pytest.mark.parametrize("path", python_files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_keeps_the_size_rules(path):
    broken = broken_size_rules(path.read_text(encoding="utf-8"))

    assert broken == []


def test_refuses_a_file_of_301_lines():
    assert broken_size_rules("x = 1\n" * 301) == ["file of 301 lines"]


def test_refuses_a_function_of_51_lines():
    source = "def long():\n" + "    x = 1\n" * 50

    assert broken_size_rules(source) == ["long: 51 lines"]


def test_refuses_a_fifth_positional_parameter():
    assert broken_size_rules("def wide(a, b, c, d, e): ...\n") == ["wide: 5 positional parameters"]


def test_does_not_count_self_or_keyword_only_parameters():
    assert broken_size_rules("def method(self, a, b, c, d, *, e): ...\n") == []
