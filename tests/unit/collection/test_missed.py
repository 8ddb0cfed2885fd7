"""Missed reports: two working days, not while the tour runs, not past a logged reason."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.collection.domain.states import State
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict, Invalid
from shared.reference.working_days import ChinaWorkingDays
from tests.unit.collection.builders import MORNING, House, place

WINDOW_END = MORNING.window[1]


def booked(at, *, tour=None):
    house = House()
    house.book()
    if tour is not None:
        house.pickups.change("p-1", lambda held: Decision(held.assign(tour, at=at).state))
    house.clock.instant = at
    return house


def refused(house):
    with pytest.raises(Conflict) as refused:
        house.report_missed()
    return refused.value.code


def test_is_taken_after_the_window():
    missed = booked(WINDOW_END).report_missed()

    assert missed.state.state is State.MISSED


def test_is_refused_while_the_window_is_open():
    assert refused(booked(WINDOW_END - timedelta(minutes=1))) == "collection.tour_unfinished"


def test_is_refused_while_the_tour_runs_but_not_for_ever():
    tour = place(ends=6)  # 15:30

    assert refused(booked(WINDOW_END, tour=tour)) == "collection.tour_unfinished"
    assert booked(tour.tour_ends_at, tour=tour).report_missed()
    assert booked(WINDOW_END + timedelta(hours=12), tour=place(ends=99)).report_missed()


def test_is_taken_until_the_end_of_the_second_working_day():
    ends = datetime(2026, 11, 28, 16, 0, tzinfo=UTC)  # the end of the 28th in Shanghai

    assert booked(ends - timedelta(milliseconds=1)).report_missed()
    assert refused(booked(ends)) == "collection.too_late"


def test_is_refused_where_the_crew_logged_a_reason():
    house = booked(WINDOW_END)
    house.fail("no_access")

    assert refused(house) == "collection.outcome_logged"


def test_refuses_an_outcome_that_the_trade_does_not_know():
    with pytest.raises(Invalid):
        booked(WINDOW_END).fail("rainy")


@pytest.mark.parametrize(
    ("day", "last"),
    [
        (date(2026, 11, 26), date(2026, 11, 30)),  # Thursday: Friday, then Monday
        (date(2025, 9, 30), date(2025, 10, 10)),  # National Day: 1st to 8th are off, 9th and 10th
        (date(2025, 9, 26), date(2025, 9, 29)),  # Sunday the 28th is a make-up workday
        (date(2025, 1, 24), date(2025, 1, 27)),  # so is Sunday the 26th, before Spring Festival
    ],
)
def test_counts_chinas_working_days(day, last):
    assert ChinaWorkingDays().add(day, 2) == last
