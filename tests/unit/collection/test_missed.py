"""Missed reports: two working days, not while the tour runs, not past a logged reason."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.collection.domain.states import State
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict, Invalid
from shared.reference.working_days import ChinaWorkingDays
from tests.unit.collection.builders import AFTERNOON, MORNING, NOW, House, place

WINDOW_END = MORNING.window[1]
DAY_BEFORE, MOMENT = NOW, timedelta(milliseconds=1)


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


SHIFT_END = WINDOW_END + timedelta(hours=7)  # 19:00


def with_another_stop(at, *, tour):
    """The house `booked` on a tour, with another pickup on the same one."""
    house = booked(DAY_BEFORE, tour=tour)
    house.book("p-2", AFTERNOON)
    house.pickups.change("p-2", lambda held: Decision(held.assign(tour, at=DAY_BEFORE).state))
    house.clock.instant = at
    return house


def test_is_refused_until_the_planned_end_of_the_tour():
    tour = place(ends=6, shift_ends_at=SHIFT_END)  # 15:30

    assert refused(booked(tour.tour_ends_at - MOMENT, tour=tour)) == "collection.tour_unfinished"
    assert booked(tour.tour_ends_at, tour=tour).report_missed()


@pytest.mark.parametrize(
    ("shift_ends_at", "counted_from"), [(SHIFT_END, SHIFT_END), (None, WINDOW_END)]
)
def test_a_tour_with_other_stops_is_finished_with_them_or_12_hours_after_the_shift(
    shift_ends_at, counted_from
):
    tour = place(ends=6, shift_ends_at=shift_ends_at)
    latest = counted_from + timedelta(hours=12)

    late = with_another_stop(latest - MOMENT, tour=tour)
    assert refused(late) == "collection.tour_unfinished"
    late.fail("not_out", "p-2")
    assert late.report_missed()
    assert with_another_stop(latest, tour=tour).report_missed()
    assert refused(with_another_stop(WINDOW_END, tour=place(ends=99, shift_ends_at=shift_ends_at)))
    assert booked(latest, tour=place(ends=99, shift_ends_at=shift_ends_at)).report_missed()


def test_no_shift_ends_a_window_before_its_time():
    early = place(ends=-20, shift_ends_at=WINDOW_END - timedelta(hours=20))

    assert refused(booked(WINDOW_END - MOMENT, tour=early)) == "collection.tour_unfinished"
    assert booked(WINDOW_END, tour=early).report_missed()


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
