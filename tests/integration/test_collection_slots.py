"""Places: the real adapters and their twin keep the same rules."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from services.collection.adapters.mongo_pools import MongoPools
from services.collection.adapters.mongo_slots import MongoSlots
from services.collection.domain.community import Closure
from services.collection.domain.pools import Place, Pool, household_pool
from services.collection.domain.slots import BANDS, Resizing, Slot, SlotName
from shared.kernel.errors import Conflict, NotFound
from tests.unit.collection.fakes import InMemoryPools

pytestmark = pytest.mark.integration

NAME = SlotName("350102001001", date(2026, 11, 26), "morning")
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=2)
HOUSEHOLD = household_pool("home")


class MongoPair(MongoSlots, MongoPools):
    """Both adapters of the one collection, as the twin is."""

    def __init__(self, collection):
        MongoSlots.__init__(self, collection)
        MongoPools.__init__(self, collection, open_bookings_max=2)
        MongoPools.prepare(self)


@pytest.fixture(params=["memory", "mongodb"])
def slots(request):
    if request.param == "memory":
        return InMemoryPools(open_bookings_max=2)
    return MongoPair(request.getfixturevalue("fresh_database")["slots"])


def slot(capacity, name=NAME):
    return Slot(name, Pool(name.slot_id, capacity))


def place(hold_id, slot_id=NAME.slot_id):
    return Place(slot_id, hold_id)


def ids(slots, pool_id=NAME.slot_id):
    return [hold.hold_id for hold in slots.get(pool_id).holds]


def test_opening_again_is_the_same_and_another_capacity_a_conflict(slots):
    slots.add(slot(2))
    slots.hold([place("a")], until=LATER)

    assert slots.add(slot(2)).pool.places_left == 1
    with pytest.raises(Conflict):
        slots.add(slot(3))


def test_a_hold_has_one_place_however_often_it_is_taken(slots):
    slots.add(slot(2))

    slots.hold([place("a")], until=LATER)
    slots.hold([place("a")], until=LATER + timedelta(hours=1))

    held = slots.get(NAME.slot_id).holds
    assert [(each.hold_id, each.expires_at) for each in held] == [("a", LATER)]


def test_refuses_a_full_slot_but_not_who_is_in_it(slots):
    slots.add(slot(1))
    slots.hold([place("a")], until=LATER)

    slots.hold([place("a")], until=LATER)
    with pytest.raises(Conflict) as refused:
        slots.hold([place("b")], until=LATER)

    assert refused.value.code == "collection.slot_full"


def test_a_slot_that_was_never_opened_is_not_found(slots):
    with pytest.raises(NotFound):
        slots.get(NAME.slot_id)
    with pytest.raises(NotFound):
        slots.hold([place("a")], until=LATER)


def test_a_slot_and_a_share_are_taken_together_and_each_once(slots):
    slots.add(slot(9))
    both = [place("a"), place("a", HOUSEHOLD)]

    slots.hold(both, until=LATER)
    slots.hold(both, until=LATER)

    assert ids(slots) == ids(slots, HOUSEHOLD) == ["a"]


def test_refuses_a_household_over_its_share_and_says_which_pool_is_full(slots):
    slots.add(slot(9))
    for hold_id in ("a", "b"):
        slots.hold([place(hold_id), place(hold_id, HOUSEHOLD)], until=LATER)

    with pytest.raises(Conflict) as refused:
        slots.hold([place("c"), place("c", HOUSEHOLD)], until=LATER)

    assert refused.value.code == "collection.too_many_open"
    assert ids(slots, HOUSEHOLD) == ["a", "b"]


def test_many_first_bookings_of_a_household_make_one_pool(slots):
    with ThreadPoolExecutor(16) as pool:
        takes = [
            pool.submit(slots.hold, [place(f"p-{n}", HOUSEHOLD)], until=LATER) for n in range(16)
        ]
    refused = [each.exception() for each in takes if each.exception()]

    assert len(ids(slots, HOUSEHOLD)) == 2
    assert [each.code for each in refused] == ["collection.too_many_open"] * 14


def test_two_first_bookings_of_a_household_at_once_both_have_room(slots):
    with ThreadPoolExecutor(2) as pool:
        for number in range(60):
            home = household_pool(f"home-{number}")
            both = [pool.submit(slots.hold, [place(each, home)], until=LATER) for each in "ab"]
            assert [each.exception() for each in both] == [None, None]
            assert sorted(ids(slots, home)) == ["a", "b"]


def test_a_slot_grows_and_shrinks_but_never_below_what_is_held(slots):
    slots.add(slot(2))
    for hold_id in ("a", "b"):
        slots.hold([place(hold_id)], until=LATER)

    with pytest.raises(Conflict) as refused:
        slots.resize(NAME.slot_id, Resizing(1, "a", ""))

    assert refused.value.code == "collection.slot_in_use"
    assert slots.resize(NAME.slot_id, Resizing(3, "b", "")).pool.places_left == 1


def test_a_closed_slot_gives_no_place_and_keeps_those_it_gave(slots):
    slots.add(slot(5))
    slots.hold([place("a")], until=LATER)
    slots.close(NAME.slot_id, "holiday")
    shut = SlotName(NAME.community_code, NAME.service_day, "evening")
    slots.add(Slot(shut, Pool(shut.slot_id, 2, closed="holiday")))

    slots.hold([place("a")], until=LATER)
    for slot_id in (NAME.slot_id, shut.slot_id):
        with pytest.raises(Conflict):
            slots.hold([place("b", slot_id)], until=LATER)
    slots.close(NAME.slot_id, None)
    slots.hold([place("b")], until=LATER)

    assert ids(slots) == ["a", "b"]


def test_a_closure_closes_what_is_open_of_its_days_and_band_and_nothing_else(slots):
    days = [NAME.service_day + timedelta(days=n) for n in range(3)]
    names = [SlotName(NAME.community_code, day, band) for day in days for band in BANDS]
    other = SlotName("350102001002", days[1], "morning")
    for name in (*names, other):
        slots.add(slot(2, name))
    slots.close(names[0].slot_id, "holiday")

    for _ in range(2):
        slots.close_days(NAME.community_code, Closure(days[0], days[1], "typhoon", "morning"))
        slots.close_days(NAME.community_code, Closure(days[2], date.max, "flood"))

    closed = [slots.get(name.slot_id).closed for name in (*names, other)]
    assert closed == ["holiday", None, None, "typhoon", None, None, *["flood"] * 3, None]


def test_a_freed_place_is_free_once_and_freeing_again_is_nothing(slots):
    slots.add(slot(2))
    slots.hold([place("a")], until=LATER)
    slots.hold([place("b")], until=LATER)

    slots.free(place("a"))
    slots.free(place("a"))
    slots.free(place("never"))

    assert ids(slots) == ["b"]


def test_finds_what_is_past_its_time_and_not_what_is_kept(slots):
    slots.add(slot(5))
    for hold_id in ("a", "b", "c"):
        slots.hold([place(hold_id)], until=LATER)
    slots.hold([place("young")], until=LATER + timedelta(minutes=1))

    slots.keep(NAME.slot_id, ["a", "c", "gone"])

    assert slots.expired(LATER, limit=9) == [(NAME.slot_id, ("b",))]
    assert slots.expired(NOW, limit=9) == []
    assert ids(slots) == ["a", "b", "c", "young"]


def test_keeping_what_was_freed_brings_nothing_back(slots):
    slots.add(slot(1))
    slots.hold([place("a")], until=LATER)
    slots.free(place("a"))

    slots.keep(NAME.slot_id, ["a"])

    assert ids(slots) == []


def test_lists_a_communitys_days(slots):
    for day in (25, 26, 27):
        slots.add(slot(1, SlotName(NAME.community_code, date(2026, 11, day), "evening")))
    slots.add(slot(1, SlotName("350102001002", date(2026, 11, 26), "evening")))

    found = slots.list(NAME.community_code, first=date(2026, 11, 26), last=date(2026, 11, 27))

    assert [each.name.service_day.day for each in found] == [26, 27]


def test_two_hundred_threads_get_exactly_the_twenty_places(slots):
    slots.add(slot(20))
    barrier, got = threading.Barrier(200), []

    def take(number):
        barrier.wait()
        try:
            slots.hold([place(f"p-{number}")], until=LATER)
        except Conflict:
            return
        got.append(f"p-{number}")

    threads = [threading.Thread(target=take, args=(number,)) for number in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(got) == sorted(ids(slots))
    assert len(got) == 20


def test_sees_a_slot_that_was_oversold(fresh_database):
    slots = MongoPair(fresh_database["slots"])
    slots.add(slot(1))
    slots.hold([place("a")], until=LATER)

    before = slots.oversold(since=NAME.service_day)
    fresh_database["slots"].update_one(
        {"_id": NAME.slot_id}, {"$push": {"holds": {"hold_id": "b", "expires_at": None}}}
    )

    assert (before, slots.oversold(since=NAME.service_day)) == (0, 1)


@pytest.mark.parametrize("is_used", [False, True])
def test_a_shut_household_gives_no_place_also_where_it_never_had_one(slots, is_used):
    if is_used:
        slots.hold([place("a", HOUSEHOLD)], until=LATER)

    shut = slots.shut(HOUSEHOLD, "household-closed")

    assert [hold.hold_id for hold in shut.holds] == (["a"] if is_used else [])
    with pytest.raises(Conflict) as refused:
        slots.hold([place("b", HOUSEHOLD)], until=LATER)
    assert refused.value.code == "household.closed"
    slots.free(place("a", HOUSEHOLD))
    assert slots.shut(HOUSEHOLD, "household-closed").holds == ()


def test_a_household_that_is_shut_while_many_book_has_no_place_behind_it(slots):
    booked, barrier = [], threading.Barrier(9)

    def book(number):
        barrier.wait()
        try:
            slots.hold([place(f"p-{number}", HOUSEHOLD)], until=LATER)
        except Conflict:
            return
        booked.append(f"p-{number}")

    with ThreadPoolExecutor(9) as pool:
        asked = [pool.submit(book, number) for number in range(8)]
        barrier.wait()
        shut = slots.shut(HOUSEHOLD, "household-closed")
        for each in asked:
            each.result()

    assert (
        sorted(booked)
        == sorted(hold.hold_id for hold in shut.holds)
        == sorted(ids(slots, HOUSEHOLD))
    )
