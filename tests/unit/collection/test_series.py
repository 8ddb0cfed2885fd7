"""Series: the days within reach are booked, follow changes, are withdrawn; none is lost."""

from datetime import date, timedelta

import pytest

from services.collection.domain.booking import Item
from services.collection.domain.occurrences import CANCELLED_ALONE
from services.collection.domain.states import State
from shared.kernel.errors import Conflict, Invalid, NotFound
from shared.kernel.ids import derived_id
from tests.unit.collection.builders import COMMUNITY, weigh_in
from tests.unit.collection.series_house import FIRST, TODAY, SeriesHouse, Standing

WEEK = timedelta(days=7)
SECOND = FIRST + WEEK
TEXTILES = (Item("textiles", 2_000, hazardous=False),)


def test_books_all_days_within_the_horizon_at_once():
    house = SeriesHouse()

    begun = house.begin()
    again = house.begin()

    assert house.booked_days() == [FIRST, SECOND]
    pickup = house.live(FIRST)[0]
    assert pickup.pickup_id == derived_id("occurrence", "s-1", FIRST.isoformat())
    assert (pickup.booking.slot_id, pickup.booking.series_id) == (
        f"{COMMUNITY}.{FIRST.isoformat()}.morning",
        "s-1",
    )
    assert again.answer == begun.answer


def test_reaches_further_each_day():
    house = SeriesHouse()
    house.begin()

    house.work(later=timedelta(days=7))

    assert house.booked_days() == [FIRST, SECOND, SECOND + WEEK]
    assert house.said().due_at > house.clock.now()


def test_the_note_of_a_series_is_kept_with_personal_data():
    house = SeriesHouse()

    house.begin(note="ring twice")

    assert house.people.note("s-1") == "ring twice"


def test_a_full_slot_is_told_and_tried_again_until_there_is_a_place():
    house = SeriesHouse(capacity=1)
    house.book("other")
    house.begin()

    told = house.standing()
    house.cancel("other")
    house.work(later=timedelta(minutes=6))

    assert (told.standing, told.reason) == (Standing.UNPLACED, "collection.slot_full")
    assert house.standing().standing is Standing.BOOKED
    assert house.booked_days() == [FIRST, SECOND]


def test_a_day_without_a_place_is_given_up_at_the_cut_off_and_says_why():
    house = SeriesHouse(capacity=1)
    house.book("other")
    house.begin()

    house.work(later=timedelta(days=2))

    assert house.standing().standing is Standing.GIVEN_UP
    assert house.standing().reason == "collection.slot_full"


def test_a_slot_that_is_not_open_yet_is_waited_for():
    house = SeriesHouse(opened=3)
    house.begin()

    assert house.standing(SECOND).reason == "slot.not_found"


def test_the_cap_of_open_bookings_starves_no_day_silently():
    house = SeriesHouse(open_bookings_max=1)
    house.begin()
    told = house.standing(SECOND)
    house.weigh(weigh_in(), house.live(FIRST)[0].pickup_id)
    house.work(later=timedelta(minutes=6))

    assert (told.standing, told.reason) == (Standing.UNPLACED, "collection.too_many_open")
    assert house.standing(SECOND).standing is Standing.BOOKED


def test_a_closed_day_is_cancelled_and_not_booked_again():
    house = SeriesHouse()
    house.begin()
    house.pools.close(f"{COMMUNITY}.{FIRST.isoformat()}.morning", "typhoon")
    pickup = house.live(FIRST)[0]
    house.desk.pickups.change(
        pickup.pickup_id,
        lambda held: held.cancel(by="city", reason="typhoon", now=house.clock.now()),
    )

    house.work(later=timedelta(hours=1))

    assert house.live(FIRST) == []
    assert house.standing().standing is Standing.BOOKED  # its pickup tells the rest


def test_a_skipped_day_is_withdrawn_and_comes_not_back():
    house = SeriesHouse()
    house.begin()

    house.skip(FIRST)
    house.skip(FIRST)
    house.work(later=timedelta(hours=1))

    assert house.booked_days() == [SECOND]
    assert house.made(FIRST)[0].state is State.CANCELLED
    assert house.said().skipped == (FIRST,)
    assert house.holds() == []


def test_a_day_beyond_the_horizon_can_be_skipped_ahead():
    house = SeriesHouse()
    house.begin()
    third = SECOND + WEEK

    house.skip(third)
    house.work(later=timedelta(days=8))

    assert third not in house.booked_days()


@pytest.mark.parametrize("day", [FIRST + timedelta(days=1), TODAY - timedelta(days=5), date.max])
def test_only_a_day_of_the_series_can_be_skipped(day):
    house = SeriesHouse()
    house.begin()

    with pytest.raises(Invalid) as refused:
        house.skip(day)

    assert refused.value.code == "series.not_a_day"


def test_a_day_past_its_cut_off_is_withdrawn_by_staff_only():
    house = SeriesHouse()
    house.begin()
    house.clock.instant = house.clock.instant.replace(day=25, hour=23)

    with pytest.raises(Conflict) as refused:
        house.skip(FIRST)
    house.skip(FIRST, is_staff=True, caller="city-1")

    assert refused.value.code == "collection.too_late"
    assert house.booked_days() == [SECOND, SECOND + WEEK]


def test_ending_withdraws_what_is_to_come():
    house = SeriesHouse()
    house.begin()

    house.end(FIRST)

    assert house.booked_days() == [FIRST]
    with pytest.raises(Invalid):
        house.end(SECOND)


def test_an_ended_series_takes_no_more_orders():
    house = SeriesHouse()
    house.begin()
    house.end(TODAY - timedelta(days=1))

    with pytest.raises(Conflict) as refused:
        house.pause(FIRST)

    assert refused.value.code == "series.ended"
    assert (house.booked_days(), house.said().due_at.year) == ([], 9999)


def test_a_pause_withdraws_and_a_resumption_books_again_under_other_ids():
    house = SeriesHouse()
    house.begin()

    house.pause(TODAY)
    paused = house.booked_days()
    house.resume()

    assert paused == []
    assert house.booked_days() == [FIRST, SECOND]
    assert [each.state for each in house.made(FIRST)] == [State.CANCELLED, State.BOOKED]


def test_a_pause_with_an_end_ends_by_itself():
    house = SeriesHouse()
    house.begin()

    house.pause(TODAY, FIRST)

    assert house.booked_days() == [SECOND]


def test_a_cancelled_pickup_is_an_exception():
    house = SeriesHouse()
    house.begin()
    house.cancel(house.live(FIRST)[0].pickup_id)

    house.pause(TODAY)
    house.resume()

    assert house.booked_days() == [SECOND]
    assert house.standing().reason == CANCELLED_ALONE


def test_another_resident_finds_nothing():
    house = SeriesHouse()
    house.begin()

    with pytest.raises(NotFound) as refused:
        house.skip(FIRST, caller="resident-2")

    assert refused.value.code == "series.not_found"


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ({"first": TODAY + timedelta(days=400)}, "series.first"),
        ({"first": TODAY - timedelta(days=2_000)}, "series.first"),
        ({"band": "night"}, "series.band"),
        ({"rule": "FREQ=WEEKLY;UNTIL=20261101"}, "series.no_days"),
        ({"rule": "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31"}, "series.no_days"),
    ],
)
def test_refuses_what_cannot_recur(what, code):
    with pytest.raises(Invalid) as refused:
        SeriesHouse().begin(**what)

    assert refused.value.code == code


def test_a_hazardous_item_is_asked_its_question():
    house = SeriesHouse()
    house.begin()

    with pytest.raises(Invalid) as refused:
        house.change(items=(Item("lead-acid-batteries", 9_000, hazardous=True),))

    assert refused.value.code == "collection.condition"


def test_a_household_has_ten_series_at_a_time():
    house = SeriesHouse(open_bookings_max=1)
    for number in range(10):
        house.begin(series_id=f"s-{number}")

    with pytest.raises(Conflict) as refused:
        house.begin(series_id="s-10")

    assert refused.value.code == "series.too_many"
    assert house.begin(series_id="s-9").state.series_id == "s-9"  # a repeat has its answer
