"""Amending and cancelling: places follow decisions, versions tell the truth."""

from dataclasses import replace

import pytest

from services.collection.domain.booking import Item
from services.collection.domain.states import State
from shared.kernel.errors import Conflict, NotFound, Stale
from tests.unit.collection.builders import AFTERNOON, MORNING, NOW, Crash, House

OTHER_ITEMS = (Item("textiles", 2_000, hazardous=False),)
LABELS = ("slot.hold.before", "slot.hold.after", "slot.free.before", "slot.free.after")


def types(house):
    return [each.headers["ce_type"] for each in house.pickups.announced]


def test_a_move_takes_the_new_place_and_frees_the_old_one():
    house = House(capacity=1)
    house.book()

    moved = house.amend(slot=AFTERNOON)

    assert (moved.state.booking.band, moved.state.booking_version) == ("afternoon", 2)
    assert house.holds(MORNING) == []
    assert house.holds(AFTERNOON) == house.used(AFTERNOON.slot_id)
    assert types(house)[-1] == "recycling.pickup.amended.v1"


def test_the_version_of_an_answer_fits_the_next_change():
    house = House()
    house.book()

    moved = house.amend(slot=AFTERNOON, version=1)
    again = house.amend(items=OTHER_ITEMS, version=moved.version, scope="second")

    assert again.state.booking.items == OTHER_ITEMS
    assert again.version == house.pickups.get("p-1").version


def test_another_version_is_stale_and_takes_no_place():
    house = House()
    house.book()

    with pytest.raises(Stale):
        house.amend(slot=AFTERNOON, version=7)

    assert house.holds(AFTERNOON) == []


def test_a_move_into_a_full_slot_changes_nothing():
    house = House(capacity=1)
    house.book("p-1")
    house.book("p-2", slot=AFTERNOON)

    with pytest.raises(Conflict) as refused:
        house.amend("p-1", slot=AFTERNOON)

    assert refused.value.code == "collection.slot_full"
    assert (house.holds(MORNING), house.holds(AFTERNOON)) == (["p-1"], ["p-2"])


def test_a_move_into_a_slot_that_was_never_opened_is_not_found():
    house = House()
    house.book()

    with pytest.raises(NotFound):
        house.amend(slot=replace(AFTERNOON, band="evening"))


def test_a_move_that_may_not_be_made_takes_no_place():
    house = House()
    house.book()
    house.cancel()

    with pytest.raises(Conflict):
        house.amend(slot=AFTERNOON)

    assert house.holds(AFTERNOON) == []


@pytest.mark.parametrize("label", LABELS)
def test_a_repeat_of_a_move_after_a_crash_leaves_one_place(label):
    house = House(capacity=1)
    house.book()
    house.crash_at = label
    with pytest.raises(Crash):
        house.amend(slot=AFTERNOON)

    moved = house.amend(slot=AFTERNOON)

    assert moved.state.booking_version == 2
    assert (house.holds(MORNING), house.holds(AFTERNOON)) == ([], house.used(AFTERNOON.slot_id))


@pytest.mark.parametrize("label", LABELS)
def test_a_move_that_crashed_and_is_not_repeated_heals(label):
    house = House(capacity=1)
    house.book()
    house.crash_at = label
    with pytest.raises(Crash):
        house.amend(slot=AFTERNOON)

    house.heal()

    for slot in (MORNING, AFTERNOON):
        assert house.holds(slot) == house.used(slot.slot_id)
    assert len(house.used() + house.used(AFTERNOON.slot_id)) == 1


def test_a_late_repeat_of_a_move_gets_its_answer_and_no_place():
    house = House()
    house.book()
    moved = house.amend(slot=AFTERNOON)
    house.amend(slot=MORNING, scope="back")

    again = house.amend(slot=AFTERNOON)

    assert again.answer == moved.answer
    assert house.holds(AFTERNOON) == []


def test_a_repeat_of_an_amendment_gets_its_answer_after_the_cut_off():
    house = House()
    house.book()
    moved = house.amend(slot=AFTERNOON)
    house.clock.instant = NOW.replace(day=25, hour=13)

    assert house.amend(slot=AFTERNOON).answer == moved.answer
    with pytest.raises(Conflict):
        house.amend(items=OTHER_ITEMS, scope="late")


def test_cancelling_frees_the_place_once():
    house = House(capacity=1)
    house.book("p-1")

    cancelled = house.cancel("p-1")
    house.book("p-2")
    again = house.cancel("p-1")

    assert again.answer == cancelled.answer
    assert house.holds() == ["p-2"]
    assert types(house).count("recycling.pickup.cancelled.v1") == 1


def test_a_cancellation_that_crashed_before_freeing_heals():
    house = House(capacity=1)
    house.book()
    house.crash_at = "slot.free.before"
    with pytest.raises(Crash):
        house.cancel()

    house.heal()

    assert house.holds() == []
    assert house.pickups.get("p-1").state.state is State.CANCELLED


def test_a_resident_cancels_until_the_morning_and_staff_later():
    house = House()
    house.book("p-1")
    house.book("p-2")
    house.clock.instant = NOW.replace(day=25, hour=22)  # 06:00 in Shanghai, on the day

    with pytest.raises(Conflict):
        house.cancel("p-1")

    assert house.cancel("p-1", caller="city-1", is_staff=True).state.cancelled_by == "city"
