"""Rules: the strict part of RFC 5545, and the days that it means."""

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collection.adapters.recurrences import RuleDays
from services.collection.domain.recurrence import MONTHLY, WEEKDAYS, WEEKLY, Rule, rule_of
from shared.kernel.errors import Invalid

DAYS = st.dates(date(2026, 1, 1), date(2029, 12, 31))
IN_MONTH = [f"{nth}{name}" for nth in (1, 2, 3, 4, -1) for name in WEEKDAYS]


def some(values):
    return st.lists(st.sampled_from(values), unique=True, max_size=4).map(tuple)


def ended(rule):
    return st.tuples(rule, st.none() | st.integers(1, 20), st.none() | DAYS).map(
        lambda held: Rule(**held[0], count=held[1], until=None if held[1] else held[2])
    )


WEEKLY_RULES = ended(
    st.fixed_dictionaries(
        {"frequency": st.just(WEEKLY), "interval": st.integers(1, 12), "weekdays": some(WEEKDAYS)}
    )
)
MONTHLY_RULES = ended(
    st.fixed_dictionaries(
        {"frequency": st.just(MONTHLY), "interval": st.integers(1, 12)},
        optional={"month_days": some([*range(1, 32), -1])},
    )
    | st.fixed_dictionaries(
        {"frequency": st.just(MONTHLY), "interval": st.integers(1, 12), "weekdays": some(IN_MONTH)}
    )
)


def plainly(rule, start, last):
    """The days of a rule by looking at each day."""
    found = []
    day = start
    while day <= last:
        if rule.until is not None and day > rule.until:
            break
        if (is_in_week if rule.frequency == WEEKLY else is_in_month)(rule, start, day):
            found.append(day)
        day += timedelta(days=1)
    return found[: rule.count]


def is_in_week(rule, start, day):
    monday = start - timedelta(days=start.weekday())
    weeks = (day - monday).days // 7
    names = rule.weekdays or (WEEKDAYS[start.weekday()],)
    return weeks % rule.interval == 0 and WEEKDAYS[day.weekday()] in names


def is_in_month(rule, start, day):
    months = (day.year - start.year) * 12 + day.month - start.month
    length = calendar.monthrange(day.year, day.month)[1]
    name = WEEKDAYS[day.weekday()]
    names = {f"{(day.day - 1) // 7 + 1}{name}"} | ({f"-1{name}"} if day.day > length - 7 else set())
    wanted = rule.month_days or (() if rule.weekdays else (start.day,))
    is_day = day.day in wanted or (-1 in wanted and day.day == length)
    return months % rule.interval == 0 and (is_day or bool(names & set(rule.weekdays)))


@settings(max_examples=300, deadline=None)
@given(WEEKLY_RULES | MONTHLY_RULES, DAYS, st.integers(0, 400), st.integers(0, 400))
def test_the_days_of_a_rule_are_those_that_one_would_count(rule, start, skip, reach):
    first, last = start + timedelta(days=skip), start + timedelta(days=reach)

    found = RuleDays().days(rule.text, start=start, first=first, last=last)

    assert found == [day for day in plainly(rule, start, last) if day >= first]


@given(WEEKLY_RULES | MONTHLY_RULES)
def test_a_rule_is_read_as_it_is_written(rule):
    assert rule_of(rule.text) == rule
    assert rule_of(f"RRULE:{rule.text};WKST=MO") == rule


@pytest.mark.parametrize(
    "text",
    [
        "",
        "WEEKLY",
        "FREQ=DAILY",
        "FREQ=YEARLY",
        "FREQ=SECONDLY;COUNT=3",
        "freq=weekly",
        "FREQ=WEEKLY;FREQ=WEEKLY",
        "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=WEEKLY;INTERVAL=13",
        "FREQ=WEEKLY;INTERVAL=-1",
        "FREQ=WEEKLY;INTERVAL=1.5",
        "FREQ=WEEKLY;INTERVAL=٣",
        "FREQ=WEEKLY;BYDAY=",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=WEEKLY;BYDAY=MO,MO",
        "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=WEEKLY;COUNT=0",
        "FREQ=WEEKLY;COUNT=157",
        "FREQ=WEEKLY;COUNT=99999999999999999999",
        "FREQ=WEEKLY;UNTIL=2027",
        "FREQ=WEEKLY;UNTIL=20270230",
        "FREQ=WEEKLY;UNTIL=20270101T000000Z",
        "FREQ=WEEKLY;COUNT=3;UNTIL=20270101",
        "FREQ=WEEKLY;WKST=SU",
        "FREQ=WEEKLY;BYSETPOS=1",
        "FREQ=WEEKLY;BYHOUR=1",
        "FREQ=MONTHLY;BYDAY=MO",
        "FREQ=MONTHLY;BYDAY=5MO",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTHDAY=-2",
        "FREQ=MONTHLY;BYMONTHDAY=1;BYDAY=1MO",
        "FREQ=WEEKLY;",
        "FREQ=WEEKLY\nCOUNT=3",
        "FREQ=WEEKLY;BYDAY=" + "MO," * 100,
    ],
)
def test_refuses_what_no_household_needs(text):
    with pytest.raises(Invalid) as refused:
        rule_of(text)

    assert refused.value.code == "series.rule"
