"""Residents of simulated cities: what names one names nobody else, and is found wherever it is."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.collection.adapters.recurrences import RuleDays
from services.collection.domain.recurrence import rule_of
from tools.simulator.persons import Person, names_somebody
from tools.simulator.recurring import rule_on

NUMBERS = st.integers(min_value=0, max_value=20_999)


@given(one=NUMBERS, other=NUMBERS)
def test_a_persons_words_name_this_person_only(one, other):
    person, words = Person("1128s1", one), Person("1128s1", other)

    for said in (words.trace, words.phone, words.note, *words.contact().values()):
        if said not in ("zh-CN", "zh-TW", "en"):
            assert person.is_named_in(said) is (one == other)
            assert names_somebody(f"before {said} behind".encode())


def test_what_names_nobody_is_not_taken_for_a_name():
    assert not names_somebody(b'{"pickup_id": "0193-86190731-84", "mass_g": 8619073}')


@given(day=st.dates(date(2026, 1, 1), date(2099, 12, 31)), number=NUMBERS)
def test_a_series_that_begins_on_a_day_has_a_pickup_on_it(day, number):
    rule = rule_of(rule_on(day, number))

    assert RuleDays().days(rule.text, start=day, first=day, last=day) == [day]
