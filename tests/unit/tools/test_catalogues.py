"""Catalogues: every word in every language, with the same facts in it, compiled and not stale."""

import re

import pytest
from babel.messages.catalog import Catalog

from services.collection.adapters.wording import LOCALE_OF, LOCALES
from tools.generate.catalogues import catalogue, files, template

SOURCES = {name: LOCALES / name / "LC_MESSAGES" / "collection.po" for name in LOCALE_OF.values()}
FACT = re.compile(r"%\(\w+\)s|%")


def words(held: Catalog) -> dict[str, str]:
    return {each.id: each.string for each in held if each.id}


def gaps(wanted: Catalog, held: Catalog) -> set[str]:
    """What is missing, empty, unsure, or not wanted any more."""
    told = words(held)
    empty = {word for word, string in told.items() if not string}
    unsure = {each.id for each in held if each.id and each.fuzzy}
    return (words(wanted).keys() ^ told.keys()) | empty | unsure | set(held.obsolete)


def facts(text: str) -> list[str]:
    return sorted(FACT.findall(text))


@pytest.mark.parametrize("name", SOURCES)
def test_a_catalogue_has_every_word_with_the_same_facts(name):
    held = catalogue(SOURCES[name])

    assert gaps(template(LOCALES.parent), held) == set()
    assert [word for word, text in words(held).items() if facts(word) != facts(text)] == []


def test_the_chinese_catalogues_are_not_english_and_differ():
    english, mainland, taiwan = (
        words(catalogue(SOURCES[each])) for each in ("en", "zh_CN", "zh_TW")
    )

    assert [word for word in english if english[word] in (mainland[word], taiwan[word])] == []
    assert sum(mainland[word] != taiwan[word] for word in english) > len(english) / 2


def test_sees_a_gap_and_a_fact_that_is_left_out():
    wanted, held = Catalog(), Catalog()
    wanted.add("on %(day)s")
    wanted.add("by van")
    held.add("on %(day)s", "am %(tag)s")
    held.add("by car", "mit dem Auto")

    assert gaps(wanted, held) == {"by van", "by car"}
    assert facts("on %(day)s") != facts("am %(tag)s")


def test_compiled_catalogues_are_the_same_each_time_and_not_stale():
    made = files()

    assert made == files()
    assert [path for path, content in made.items() if path.read_bytes() != content] == []
