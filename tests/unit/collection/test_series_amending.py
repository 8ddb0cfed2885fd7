"""Changing a series: what is booked and not under way follows, the rest says why not."""

from datetime import timedelta

import pytest

from shared.kernel.errors import Stale
from tests.unit.collection.builders import COMMUNITY, weigh_in
from tests.unit.collection.series_house import FIRST, THURSDAYS, TODAY, SeriesHouse, Standing
from tests.unit.collection.test_series import SECOND, TEXTILES


def test_an_amendment_changes_what_is_booked():
    house = SeriesHouse()
    house.begin()

    house.change(items=TEXTILES, band="afternoon")

    pickup = house.live(FIRST)[0]
    assert (pickup.booking.items, pickup.booking.band) == (TEXTILES, "afternoon")
    assert (pickup.booking_version, house.holds()) == (2, [])


def test_a_change_of_the_rule_moves_days():
    house = SeriesHouse()
    house.begin()

    house.change(rule="FREQ=WEEKLY;BYDAY=FR")
    fridays = house.booked_days()
    house.change(rule=THURSDAYS)

    assert fridays == [FIRST + timedelta(days=1), SECOND + timedelta(days=1)]
    assert house.booked_days() == [FIRST, SECOND]


def test_a_move_into_a_full_slot_keeps_the_day_as_it_is_and_says_so():
    house = SeriesHouse(capacity=1)
    house.book("other", slot=f"{COMMUNITY}.{FIRST.isoformat()}.afternoon")
    house.begin()

    house.change(band="afternoon")

    assert house.live(FIRST)[0].booking.band == "morning"
    told = house.standing()
    assert (told.standing, told.reason) == (Standing.CHANGING, "collection.slot_full")
    assert house.live(SECOND)[0].booking.band == "afternoon"
    house.work(later=timedelta(days=1, hours=12))
    assert (house.standing().standing, house.standing().reason) == (
        Standing.BOOKED,
        "collection.too_late",
    )


def test_what_is_under_way_stays():
    house = SeriesHouse()
    house.begin()
    house.weigh(weigh_in(), house.live(FIRST)[0].pickup_id)

    house.end(TODAY)

    assert house.booked_days() == [FIRST]
    assert house.standing().reason == "collection.not_possible"


def test_an_amendment_says_its_edition():
    house = SeriesHouse()
    house.begin()

    with pytest.raises(Stale):
        house.change(band="afternoon", edition=2)

    assert house.change(band="afternoon", edition=1).state.edition == 2


def test_a_series_ends_with_its_household():
    house = SeriesHouse()
    house.begin()
    house.households._documents.clear()

    house.work(later=timedelta(days=8))

    assert house.booked_days() == [FIRST]  # its day is over, whatever became of it
    assert house.said().due_at.year == 9999
