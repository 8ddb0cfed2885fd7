"""Series when a process ends in the middle, or is slow while another goes on."""

import pytest

from services.collection.domain.booking import Item
from tests.unit.collection.builders import Crash
from tests.unit.collection.series_house import FIRST, SeriesHouse
from tests.unit.collection.test_series import SECOND, TEXTILES


@pytest.mark.parametrize(
    "label",
    [
        "series.read.after",
        "series.act.before",
        "slot.hold.after",
        "slot.decide.after",
        "series.act.after",
        "series.note.before",
        "series.note.after",
    ],
)
def test_a_crash_while_booking_is_healed_by_the_worker(label):
    house = SeriesHouse()
    house.crash_at = label
    with pytest.raises(Crash):
        house.begin()

    house.heal()
    house.work()

    assert house.booked_days() == [FIRST, SECOND]
    assert house.holds() == house.used()


@pytest.mark.parametrize("label", ["series.act.before", "slot.hold.after", "slot.decide.before"])
def test_a_slow_booking_of_a_day_that_is_skipped_meanwhile_comes_too_late(label):
    house = SeriesHouse()
    house.meanwhile[label] = lambda: house.skip(FIRST)

    house.begin()
    house.heal()
    house.work()

    assert house.booked_days() == [SECOND]
    assert house.holds() == []


def test_a_slow_change_does_not_undo_a_later_one():
    house = SeriesHouse()
    house.begin()
    last = (Item("glass", 1_000, hazardous=False),)
    house.meanwhile["series.act.before"] = lambda: house.change(items=last)

    house.change(items=TEXTILES)
    house.work()

    assert [house.live(day)[0].booking.items for day in (FIRST, SECOND)] == [last, last]
