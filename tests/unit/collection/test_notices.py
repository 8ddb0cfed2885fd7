"""Notices: made once of steps and days, void when overtaken, retried under one id, then parked."""

from datetime import timedelta

import pytest

from services.collection.domain.booking import TourPlace
from services.collection.domain.intents import Progress
from services.collection.domain.notices import Kind
from services.collection.domain.outcomes import OUTCOMES
from services.collection.domain.preferences import EMAIL, MESSAGE
from services.collection.domain.slots import SlotName, open_slot
from services.collection.domain.states import Act
from shared.kernel.errors import Unavailable
from tests.unit.collection.builders import (
    AFTERNOON,
    COMMUNITY,
    DAY,
    IN_THE_WINDOW,
    MORNING,
    NOW,
    House,
    lot,
    weigh_in,
)
from tests.unit.collection.notice_fakes import Notices

START = MORNING.window[0]
HOURS = timedelta(hours=1)
NEXT_WEEK = SlotName(COMMUNITY, DAY + timedelta(days=7), "morning")


def told(*, channels=(EMAIL, MESSAGE), **rest):
    house = House(capacity=9, **rest)
    house.clock.instant = START - timedelta(days=5)
    house.book()
    return house, Notices(house, channels=channels)


def at(house, instant):
    """Both clocks go on, as in production."""
    house.lease_clock.advance(max(instant - house.clock.instant, timedelta(0)))
    house.clock.instant = instant


# Reminders


def test_reminds_three_days_and_one_day_before_once_each():
    house, notices = told()
    kinds = []
    for before in (80, 72, 71, 25, 24, 3, 0, -1):
        at(house, START - before * HOURS)
        notices.round()
        kinds.append(len(notices.channels[EMAIL].sent))

    assert kinds == [0, 1, 1, 1, 2, 2, 2, 2]
    assert [each.kind for each in notices.channels[EMAIL].sent] == [Kind.IN_3_DAYS, Kind.IN_1_DAY]


def test_a_clock_that_jumps_over_both_reminds_of_the_next_day_only():
    house, notices = told()

    at(house, START - 5 * HOURS)
    notices.round()

    assert notices.kinds() == ["reminder_1_day to resident-1"]


def test_who_books_after_the_time_of_a_reminder_is_not_reminded_of_it():
    house, notices = told()
    at(house, START - 71 * HOURS)
    house.book("p-2")

    notices.round()

    assert [each.notice.subject.id for each in notices.intents.held.values()] == ["p-1"]


def test_a_moved_or_cancelled_booking_voids_its_reminder():
    for leave in (
        lambda house: house.cancel(),
        lambda house: house.amend(slot=NEXT_WEEK),
    ):
        house, notices = told()
        house.desk.slots.add(open_slot(NEXT_WEEK, capacity=1))
        notices.channels[EMAIL].refusals = [Unavailable("notice.deferred")]
        at(house, START - 72 * HOURS)
        notices.round()
        leave(house)

        at(house, START - 71 * HOURS)
        notices.round()

        assert (notices.only().progress, notices.only().why) == (Progress.VOID, "notice.overtaken")
        assert notices.channels[EMAIL].sent == []


def test_a_booking_that_moved_to_another_band_of_the_day_is_told_of_that_one():
    house, notices = told()
    house.amend(slot=AFTERNOON)

    for before in (72, 60):  # the morning's time, then the afternoon's
        at(house, START - before * HOURS)
        notices.round()

    assert notices.kinds(Progress.SENT) == ["reminder_3_days to resident-1"]


# Steps


def test_every_outcome_tells_whom_its_rule_says():
    for code, outcome in OUTCOMES.items():
        house, notices = told()
        at(house, IN_THE_WINDOW)
        house.fail(code)

        notices.round()

        to = {"resident": "resident-1", "operator": "operators"}
        expected = sorted(f"outcome to {to[each]}" for each in outcome.told)
        assert notices.kinds(Progress.SENT) == expected


def test_a_weigh_in_asks_for_a_confirmation_until_it_stands():
    house, notices = told()
    at(house, IN_THE_WINDOW)
    house.weigh(weigh_in())
    notices.round()
    house.confirm()
    notices.round()

    assert notices.kinds(Progress.SENT) == ["confirmation_needed to resident-1"]


def test_a_weigh_in_that_was_confirmed_at_once_asks_nobody():
    house, notices = told()
    at(house, IN_THE_WINDOW)
    house.weigh(weigh_in())
    house.confirm()

    notices.round()

    assert notices.only().why == "notice.overtaken"


def test_a_dispute_is_told_how_it_ended():
    upheld, corrected = told(), told()
    for house, notices in (upheld, corrected):
        at(house, IN_THE_WINDOW)
        house.weigh(weigh_in())
        house.dispute()
        notices.round()
    upheld[0].uphold()
    corrected[0].propose(lot(mass_g=3_000))
    corrected[0].approve()

    for _, notices in (upheld, corrected):
        notices.round()

    assert upheld[1].kinds(Progress.SENT) == ["dispute_upheld to resident-1"]
    assert corrected[1].kinds(Progress.SENT) == ["weighing_corrected to resident-1"]


def test_the_citys_cancellation_is_told_and_the_households_own_is_not():
    citys, own = told(), told()
    citys[0].cancel(is_staff=True)
    own[0].cancel()

    for _, notices in (citys, own):
        notices.round()

    assert citys[1].kinds(Progress.SENT) == ["cancelled_by_city to resident-1"]
    assert own[1].kinds() == []


def tour(house, *pickup_ids):
    """Plan a tour in this order."""
    for index, pickup_id in enumerate(pickup_ids):
        warned = pickup_ids[index + 2 : index + 3]
        held = TourPlace(
            plan_id="plan",
            plan_version=1,
            service_day=DAY,
            tour_id="tour-1",
            vehicle_id="van-1",
            collector_id="collector-1",
            eta=IN_THE_WINDOW,
            tour_ends_at=IN_THE_WINDOW + 3 * HOURS,
            warns=warned[0] if warned else None,
        )
        house.pickups.change(pickup_id, lambda p, held=held: p.assign(held, at=NOW))


@pytest.fixture
def on_tour():
    house, notices = told()
    for number in range(2, 6):
        house.book(f"p-{number}")
    tour(house, *(f"p-{number}" for number in range(1, 6)))
    at(house, IN_THE_WINDOW)
    return house, notices


def warned(notices, progress=None):
    return sorted(
        each.notice.subject.id
        for each in notices.intents.held.values()
        if each.notice.kind == Kind.TWO_STOPS_AWAY and progress in (None, each.progress)
    )


def arrive(house, pickup_id):
    house.pickups.change(
        pickup_id, lambda p: p.approach(Act.ARRIVE, collector_id="c", at=house.clock.now())
    )


def test_the_household_two_stops_ahead_is_told_once_whatever_the_crew_reports(on_tour):
    house, notices = on_tour
    arrive(house, "p-1")
    notices.round()
    house.weigh(weigh_in(), "p-1")
    house.fail("not_out", "p-2")
    notices.round()
    house.weigh(weigh_in(), "p-5", scope="last")
    notices.round()

    assert warned(notices, Progress.SENT) == ["p-3", "p-4"]


def test_nobody_is_told_of_a_crew_that_was_near_an_hour_ago_or_is_there(on_tour):
    house, notices = on_tour
    arrive(house, "p-1")
    arrive(house, "p-2")
    arrive(house, "p-4")
    at(house, IN_THE_WINDOW + timedelta(minutes=29))
    notices.round()
    at(house, IN_THE_WINDOW + HOURS)
    house.weigh(weigh_in(), "p-3")  # told now, weighed an hour ago
    notices.round()

    assert warned(notices, Progress.SENT) == ["p-3"]
    why = {each.notice.subject.id: each.why for each in notices.intents.held.values()}
    assert (why["p-4"], why["p-5"]) == ("notice.overtaken", "notice.late")
