"""Working days: the State Council's notices as a table, and years that are told later."""

from datetime import date, timedelta

import holidays
import pytest

from shared.kernel.errors import Invalid
from shared.reference.working_days import (
    ChinaWorkingDays,
    SpecialDay,
    WorkingYear,
    check_year,
    published_year,
    published_years,
)

PUBLISHED = (2024, 2025, 2026)


def told(*days, year=2027):
    return WorkingYear(year, "a notice", False, days)


@pytest.mark.parametrize("year", PUBLISHED)
def test_the_table_says_what_the_notices_say(year):
    china = holidays.country_holidays("CN", years=year)
    days = [date(year, 1, 1) + timedelta(days=ahead) for ahead in range(365)]

    held = published_year(year)

    assert [held.works(day) for day in days] == [china.is_working_day(day) for day in days]
    assert not held.provisional
    assert str(year) in held.source


def test_a_year_without_a_notice_is_provisional():
    assert published_year(2027).provisional
    assert not published_year(2027).works(date(2027, 2, 8))  # Spring Festival, by law
    assert published_year(2090) == WorkingYear(2090, "plain weeks", True, ())


def test_every_row_is_of_its_year_and_says_its_source():
    for year in published_years().values():
        check_year(year)
        assert year.source


@pytest.mark.parametrize(
    ("day", "count", "later"),
    [
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # a Saturday that is a workday
        (date(2026, 2, 13), 2, date(2026, 2, 24)),  # then nine days of Spring Festival
        (date(2025, 12, 31), 1, date(2026, 1, 4)),  # over the year's end, to a Sunday
        (date(2026, 9, 30), 2, date(2026, 10, 9)),
        (date(2026, 5, 1), 0, date(2026, 5, 1)),
    ],
)
def test_counts_over_holidays_and_years(day, count, later):
    assert ChinaWorkingDays().add(day, count) == later


def test_subtracting_is_adding_backwards():
    calendar = ChinaWorkingDays()
    working = [day for day in every_day(2026) if calendar.is_working_day(day)]

    assert [calendar.subtract(calendar.add(day, 7), 7) for day in working] == working


def every_day(year):
    return [date(year, 1, 1) + timedelta(days=ahead) for ahead in range(365)]


def test_a_told_year_is_asked_again_at_each_count():
    years = {2027: published_year(2027)}
    calendar = ChinaWorkingDays(lambda year: years.get(year, published_year(year)))
    before = calendar.add(date(2027, 2, 10), 1)

    years[2027] = told(SpecialDay(date(2027, 2, 11), False, "Spring Festival"))

    assert (before, calendar.add(date(2027, 2, 10), 1)) == (date(2027, 2, 11), date(2027, 2, 12))


@pytest.mark.parametrize(
    ("days", "code"),
    [
        ([SpecialDay(date(2027, 2, 8), False, "a")] * 2, "working_days.twice"),
        ([SpecialDay(date(2026, 2, 8), False, "a")], "working_days.other_year"),
        ([SpecialDay(date(2027, 2, 8), True, "a Monday")], "working_days.not_a_weekend"),
        (
            [SpecialDay(day, False, "a") for day in every_day(2027)[:121]],
            "working_days.too_many",
        ),
    ],
)
def test_refuses_a_year_that_no_notice_can_have_made(days, code):
    with pytest.raises(Invalid) as refused:
        check_year(told(*days))

    assert refused.value.code == code


@pytest.mark.parametrize("count", [-1, 501])
def test_refuses_counts_that_are_no_deadline(count):
    with pytest.raises(ValueError, match="at the most"):
        ChinaWorkingDays().add(date(2026, 1, 1), count)
