"""Recurring drives: days by a rule, planned ahead once, left out where nobody works."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from time import process_time

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from services.collection.adapters.recurrences import DAYS_MAX, RuleDays
from services.collection.application import drive_series as series_of
from services.collection.domain.drive_series import Series, check_series
from services.collection.domain.site import Licence, Site, check_site
from shared.kernel.clock import at_local, legal_day
from shared.kernel.errors import Conflict, Invalid, NotFound
from tests.unit.collection.drive_builders import HERE, NOW, SITE, TERMS, DriveHouse

TODAY = legal_day(NOW)
WEEKLY = Series(
    series_id="series-1",
    site_id="site-1",
    rule="FREQ=WEEKLY;BYDAY=SA",
    first_day=date(2026, 11, 1),
    begins_at=time(9),
    lasts_min=180,
    terms=TERMS,
    horizon_days=21,
)


@pytest.fixture
def house():
    return DriveHouse()


def begin(house, series=WEEKLY):
    return series_of.begin_series(series, desk=house.desk, request=house.asked(201))


def planned(house):
    drives = [each for each in house.drives.states() if each.series_id is not None]
    return sorted(legal_day(each.window_start) for each in drives)


def days(rule, *, start=date(2026, 1, 1), first=date(2026, 1, 1), last=date(2026, 12, 31)):
    return RuleDays().days(rule, start=start, first=first, last=last)


def test_drives_are_planned_up_to_the_horizon_and_once(house):
    begin(house)
    first = planned(house)
    series_of.plan_ahead(desk=house.desk)
    again = planned(house)
    house.clock.advance(timedelta(days=7))
    series_of.plan_ahead(desk=house.desk)

    assert first == again == [date(2026, 11, 28), date(2026, 12, 5), date(2026, 12, 12)]
    assert planned(house) == [*first, date(2026, 12, 19)]
    drive = next(each for each in house.drives.states() if each.series_id)
    assert drive.window_start == at_local(legal_day(drive.window_start), time(9))
    assert drive.window_end - drive.window_start == timedelta(hours=3)


def test_exceptions_the_last_day_and_holidays_are_left_out(house):
    house.working_days.is_working_day = lambda day: day != date(2026, 12, 7)
    every_day = replace(
        WEEKLY,
        rule="FREQ=DAILY;INTERVAL=7",
        first_day=date(2026, 11, 30),
        exceptions=(date(2026, 11, 30),),
        ends_on=date(2026, 12, 14),
        on_holidays=False,
        horizon_days=60,
    )
    begin(house, every_day)

    assert planned(house) == [date(2026, 12, 14)]


def test_an_ended_series_plans_no_more(house):
    begin(house)
    series_of.amend_series(
        "series-1", exceptions=(), ends_on=TODAY, desk=house.desk, request=house.asked()
    )
    house.clock.advance(timedelta(days=30))

    assert series_of.plan_ahead(desk=house.desk) == 0


def test_two_series_of_one_site_and_day_are_two_drives(house):
    begin(house)
    begin(house, replace(WEEKLY, series_id="series-2", begins_at=time(14)))

    assert len(planned(house)) == 6


def test_no_drive_is_planned_for_an_hour_that_is_over(house):
    begin(house, replace(WEEKLY, rule="FREQ=DAILY", begins_at=time(9), horizon_days=1))

    assert planned(house) == [TODAY + timedelta(days=1)]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"lasts_min": 0}, "drive.window"),
        ({"horizon_days": 181}, "series.horizon"),
        ({"exceptions": (TODAY,) * 201}, "series.exceptions"),
        ({"terms": replace(TERMS, materials=())}, "drive.materials"),
    ],
)
def test_refuses_a_series_that_cannot_be(change, code):
    with pytest.raises(Invalid) as refused:
        check_series(replace(WEEKLY, **change))
    assert refused.value.code == code


def test_a_series_is_at_a_known_site(house):
    with pytest.raises(NotFound):
        begin(house, replace(WEEKLY, site_id="nowhere"))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=MONTHLY;BYDAY=1SA", [date(2026, 1, 3), date(2026, 2, 7)]),
        ("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TH;COUNT=3", [date(2026, 1, 1), date(2026, 1, 15)]),
        ("FREQ=DAILY;UNTIL=20260103", [date(2026, 1, 1), date(2026, 1, 2)]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", [date(2026, 1, 31), date(2026, 2, 28)]),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=2SU", [date(2026, 3, 8)]),
    ],
)
def test_reads_rules_of_days(rule, expected):
    assert days(rule)[:2] == expected[:2]


def test_counts_from_the_begin_whatever_is_asked_for():
    found = days("FREQ=DAILY;COUNT=10", first=date(2026, 1, 9))

    assert found == [date(2026, 1, 9), date(2026, 1, 10)]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=5",
        "FREQ=MONTHLY;BYMONTHDAY=31;BYSETPOS=2",
        "FREQ=DAILY;UNTIL=20260101",
    ],
)
def test_no_series_begins_by_a_rule_without_days(house, rule):
    before_s = process_time()
    with pytest.raises(Invalid) as refused:
        begin(house, replace(WEEKLY, rule=rule))

    assert refused.value.code == "series.no_days"
    assert process_time() - before_s < 1.5  # looking until the year 9999 took 3 to 5 s


def test_a_leap_day_is_awaited():
    start, last = date(2097, 1, 1), date(2106, 1, 1)
    found = RuleDays().days(
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29", start=start, first=start, last=last
    )

    assert found == [date(2104, 2, 29)]


RULES = st.builds(
    "FREQ={};INTERVAL={}{}".format,
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.integers(1, 3),
    st.sampled_from(
        ["", ";BYDAY=MO,TH", ";BYMONTHDAY=29", ";BYWEEKNO=1,53", ";BYYEARDAY=60,-1", ";BYMONTH=2,3"]
    ),
)


@given(RULES, st.dates(date(1990, 1, 1), date(2110, 1, 1)), st.integers(0, 900))
def test_the_days_are_those_of_dateutil_whatever_the_century(rule, start, lasts):
    last = start + timedelta(days=lasts)
    until = datetime.combine(last, time())
    named = rrulestr(f"{rule};UNTIL={last:%Y%m%d}", dtstart=datetime.combine(start, time()))

    assert RuleDays().days(rule, start=start, first=start, last=last) == [
        each.date() for each in named if each <= until
    ]


def test_an_answer_has_an_end():
    assert len(days("FREQ=DAILY", last=date(2200, 1, 1))) == DAYS_MAX


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "DAILY",
        "FREQ=HOURLY",
        "FREQ=SECONDLY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;BYHOUR=3",
        "FREQ=DAILY;FREQ=WEEKLY",
        "FREQ=DAILY;UNTIL=20261399",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=MONTHLY;BYDAY=0MO",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=1٣",
        "FREQ=DAILY;X=",
        "FREQ=DAILY;",
        "FREQ=DAILY\nDTSTART:20260101",
        "FREQ=DAILY;" + "BYMONTH=1;" * 60,
    ],
)
def test_refuses_what_is_no_rule_of_days(rule):
    with pytest.raises(Invalid) as refused:
        days(rule)
    assert refused.value.code == "series.rule"


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;COUNT=3;UNTIL=20261231",
        "FREQ=MONTHLY;BYMONTHDAY=0",  # each day, by dateutil
        "FREQ=MONTHLY;BYMONTHDAY=1,-32",
        "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=WEEKLY;BYDAY=MO,2TU",  # each Tuesday
        "FREQ=MONTHLY;BYDAY=-6MO",
        "FREQ=YEARLY;BYWEEKNO=3;BYDAY=1MO",
        "FREQ=YEARLY;BYWEEKNO=54",
        "FREQ=MONTHLY;BYWEEKNO=3",
        "FREQ=DAILY;BYYEARDAY=3",
        "FREQ=YEARLY;BYYEARDAY=-367",
        "FREQ=MONTHLY;BYSETPOS=1",
    ],
)
def test_no_series_begins_by_what_the_standard_forbids(house, rule):
    with pytest.raises(Invalid) as refused:
        begin(house, replace(WEEKLY, rule=rule))
    assert refused.value.code == "series.rule"
    assert planned(house) == []


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ("RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", 1),
        ("FREQ=MONTHLY;BYDAY=-1SA;BYMONTH=11,12", 1),
        ("FREQ=YEARLY;BYWEEKNO=49,-4;BYDAY=SU", 2),
        ("FREQ=MONTHLY;BYMONTHDAY=-1,+15;WKST=SU", 2),
    ],
)
def test_a_series_begins_by_whatever_the_standard_allows(house, rule, named):
    begin(house, replace(WEEKLY, rule=rule))

    assert len(planned(house)) == named


@given(st.text(max_size=60))
def test_any_text_is_a_rule_or_refused(text):
    try:
        days(f"FREQ=WEEKLY;{text}")
    except Invalid as refused:
        assert refused.code == "series.rule"  # noqa: PT017 - either is right


def test_a_site_keeps_its_community_and_its_contact_apart(house):
    moved = replace(SITE, community_code="350102001002")
    with pytest.raises(Conflict) as refused:
        series_of.amend_site(moved, HERE, desk=house.desk, request=house.asked())
    renovated = series_of.amend_site(
        replace(SITE, indoor_m2=40), HERE, desk=house.desk, request=house.asked()
    )

    assert refused.value.code == "site.other_community"
    assert (renovated.state.indoor_m2, house.contacts.of("site-1")) == (40, HERE)
    assert house.drive().site.indoor_m2 == 0


@pytest.mark.parametrize(
    ("site", "code"),
    [
        (replace(SITE, kind="pub"), "site.kind"),
        (replace(SITE, indoor_m2=-1), "site.indoor"),
        (
            replace(SITE, licences=(Licence("a", "1", TODAY, TODAY - timedelta(1)),)),
            "site.licences",
        ),
        (replace(SITE, licences=(Licence("a", "1", TODAY, TODAY),) * 17), "site.licences"),
    ],
)
def test_refuses_a_site_that_cannot_be(site: Site, code):
    with pytest.raises(Invalid) as refused:
        check_site(site)
    assert refused.value.code == code
