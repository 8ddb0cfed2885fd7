"""Booking: never oversold, never leaked, one effect for a key."""

import threading
from datetime import timedelta

import pytest

from services.collection.application import places
from services.collection.domain.pools import household_pool
from services.collection.domain.states import State
from shared.kernel.errors import Conflict, Invalid, NotFound
from tests.unit.collection.builders import AFTERNOON, MORNING, NOW, Crash, House

CRASHES = ("slot.hold.before", "slot.hold.after", "slot.decide.before", "slot.decide.after")


def test_books_a_place_and_says_so_once():
    house = House()

    booked = house.book()
    again = house.book()

    assert booked.state.state is State.BOOKED
    assert again.answer == booked.answer
    assert [each.headers["ce_type"] for each in house.pickups.announced] == [
        "recycling.pickup.booked.v1"
    ]
    assert house.holds() == ["p-1"]


def test_refuses_a_full_slot_and_leaves_nothing_but_a_lapsed_draft_for_a_while():
    house = House(capacity=1)
    house.book("p-1")

    with pytest.raises(Conflict, match="no place left"):
        house.book("p-2")

    assert house.share() == ["p-1"]
    assert places.forget_lapsed(desk=house.desk) == 0
    house.lease_clock.advance(timedelta(days=9))
    assert places.forget_lapsed(desk=house.desk) == 1
    assert [pickup.pickup_id for pickup in house.search.all()] == ["p-1"]


@pytest.mark.parametrize("slot_id", ["", "nonsense", "350102001001.2026-11-26.night", "a.b.c.d"])
def test_knows_no_slot_of_a_strange_name(slot_id):
    with pytest.raises(NotFound):
        House().book(slot=slot_id)


def test_knows_no_slot_that_was_never_opened():
    with pytest.raises(NotFound):
        House().book(slot="350102001001.2026-11-27.morning")


def test_refuses_another_communitys_slot_before_it_takes_a_place():
    house = House()

    with pytest.raises(Conflict) as refused:
        house.book(slot="350102001002.2026-11-26.morning")

    assert refused.value.code == "collection.other_community"


def test_refuses_after_the_cut_off_but_repeats_an_answer():
    house = House()
    booked = house.book("p-1")
    house.clock.instant = NOW.replace(day=25, hour=12)  # 20:00 in Shanghai, the day before

    with pytest.raises(Conflict) as refused:
        house.book("p-2")

    assert refused.value.code == "collection.too_late"
    assert house.book("p-1").answer == booked.answer
    assert house.holds() == ["p-1"]


def test_refuses_a_household_with_its_share_of_open_bookings():
    house = House(capacity=9, open_bookings_max=2)
    house.book("p-1")
    house.book("p-2")

    with pytest.raises(Conflict) as refused:
        house.book("p-3")

    house.cancel("p-1")
    assert refused.value.code == "collection.too_many_open"
    assert house.book("p-2").state.state is State.BOOKED  # a repeat is no new booking
    assert house.book("p-3").state.state is State.BOOKED
    assert house.share() == house.used(household_pool("home")) == ["p-2", "p-3#1"]


def test_another_residents_household_is_not_found():
    with pytest.raises(NotFound):
        House().book(caller="resident-2")


def test_two_hundred_callers_get_exactly_the_twenty_places():
    house = House(capacity=20)
    outcomes = []

    def call(number):
        try:
            house.book(f"p-{number}")
        except Conflict as full:
            outcomes.append(full.code)
        else:
            outcomes.append("booked")

    threads = [threading.Thread(target=call, args=(number,)) for number in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes.count("booked") == 20
    assert outcomes.count("collection.slot_full") == 180
    assert house.holds() == house.used()


def test_twenty_places_are_free_again_after_a_crash_with_twenty_holds():
    house = House(capacity=20)
    for number in range(20):
        house.crash_at = "slot.decide.before"
        with pytest.raises(Crash):
            house.book(f"dead-{number}")
    with pytest.raises(Conflict):
        house.book("p-0")

    house.heal()

    assert house.holds() == []
    assert [house.book(f"p-{n}").state.state for n in range(20)] == [State.BOOKED] * 20


@pytest.mark.parametrize("label", CRASHES)
def test_a_repeat_after_a_crash_books_exactly_once(label):
    house = House()
    house.crash_at = label
    with pytest.raises(Crash):
        house.book()

    house.book()

    assert house.holds() == house.used() == ["p-1"]
    assert len(house.pickups.announced) == 1


@pytest.mark.parametrize("label", CRASHES)
def test_a_repeat_after_the_hold_lapsed_asks_for_the_place_again(label):
    house = House(capacity=1)
    house.crash_at = label
    with pytest.raises(Crash):
        house.book()
    house.heal()

    booked = house.book()

    assert booked.state.state is State.BOOKED
    assert len(house.holds()) == 1
    assert house.holds() == house.used()
    assert len(house.pickups.announced) == 1


def test_a_lapsed_booking_of_a_slot_that_is_full_now_is_refused():
    house = House(capacity=1)
    house.crash_at = "slot.decide.before"
    with pytest.raises(Crash):
        house.book("p-1")
    house.heal()
    house.book("p-2")

    with pytest.raises(Conflict) as refused:
        house.book("p-1")

    assert refused.value.code == "collection.slot_full"
    assert house.holds() == ["p-2"]


def test_a_lapsed_draft_is_no_pickup():
    house = House()
    house.crash_at = "slot.decide.before"
    with pytest.raises(Crash):
        house.book()
    house.heal()

    with pytest.raises(NotFound):
        house.cancel()

    assert house.search.all()[0].state is State.LAPSED
    assert house.pickups.announced == []


def test_sweeping_keeps_used_places_and_changes_no_version():
    house = House()
    booked = house.book()

    house.heal()
    house.heal()

    assert house.holds() == ["p-1"]
    assert house.pools.get(MORNING.slot_id).holds[0].expires_at is None
    assert house.pickups.get("p-1").version == booked.version


def test_a_repeat_of_a_cancelled_booking_takes_no_place():
    house = House(capacity=1)
    booked = house.book()
    house.cancel()

    again = house.book()

    assert again.answer == booked.answer
    assert house.holds() == []


def test_a_key_with_another_body_takes_no_place():
    house = House()
    house.book()

    with pytest.raises(Invalid):
        house.book(slot=AFTERNOON)

    assert (house.holds(MORNING), house.holds(AFTERNOON)) == (["p-1"], [])


def test_a_note_stays_with_the_people_and_out_of_the_events():
    house = House()

    house.book(note="ring at Chen's")

    assert house.people.note("p-1") == "ring at Chen's"
    assert b"Chen" not in house.pickups.announced[0].value


def test_a_repeat_gets_its_answer_also_when_the_household_is_closed():
    house = House()
    first = house.book(caller="city-1", is_staff=True)
    house.households.change("home", lambda held: held.erase({held.members[0].person_id}, now=NOW))

    again = house.book(caller="city-1", is_staff=True)

    assert again.answer == first.answer
    with pytest.raises(Conflict) as refused:
        house.book("p-2", caller="city-1", is_staff=True)
    assert refused.value.code == "household.closed"
