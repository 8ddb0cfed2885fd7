"""Every list walks along its index: no scan of all, no sorting, no document read in vain.

On some 20,000 pickups of a year; `make bench PART=search` does the same on a million and times it.
"""

from datetime import timedelta
from itertools import product

import pytest

from services.collection.adapters import pickup_lists
from services.collection.adapters.announcements import announce
from services.collection.adapters.mongo_pickups import (
    LAPSED,
    MISFILED,
    NEVER_BOOKED,
    MongoPickupSearch,
)
from services.collection.application.listing import (
    LISTED,
    BehindReview,
    OfArea,
    OfCommunity,
    OfHouseholds,
    Wanted,
    key_of,
)
from services.collection.application.rebooking import REBOOKED_OUTCOMES
from services.collection.domain.pickup import Pickup
from services.collection.domain.states import OPEN, State
from shared.kernel.ids import new_id
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import database
from tests.bench.many_pickups import TODAY, fill
from tests.bench.plans import plan_of

pytestmark = pytest.mark.integration

COUNT = 20_000
CODES = [
    f"3501{county:02}{street:03}{n:03}" for county in (2, 3) for street in (1, 2) for n in range(9)
]
MONTH = timedelta(days=30)
SCOPES = {
    "household": OfHouseholds((f"home-{CODES[0]}-1",)),
    "households": OfHouseholds(tuple(f"home-{code}-{n}" for code in CODES[:10] for n in range(5))),
    "nobodys": OfHouseholds(()),
    "community": OfCommunity(CODES[3]),
    "everywhere": OfArea(""),
    "city": OfArea("3501"),
    "county": OfArea("350103"),
    "street": OfArea("350102001"),
    "elsewhere": OfArea("99"),
}
STATES = {
    "all": LISTED,
    "rare": (State.DISPUTED,),
    "some": (State.STANDS, State.BOOKED, State.MISSED),
}
DAYS = {
    "ever": (None, None),
    "month": (TODAY - MONTH, TODAY),
    "to-come": (TODAY, None),
    "past": (None, TODAY),
    "day": (TODAY, TODAY),
}
WANTED = {
    "-".join([*names, way]): Wanted(SCOPES[names[0]], STATES[names[1]], *DAYS[names[2]], newest)
    for names in product(SCOPES, STATES, DAYS)
    for way, newest in (("oldest", False), ("newest", True))
}


@pytest.fixture(scope="module")
def pickups(mongo_client):
    made = database(mongo_client, f"test_{new_id().replace('-', '')}")
    held = MongoAggregates(made["pickups"], kind="pickup", state_type=Pickup, announce=announce)
    lists = pickup_lists.MongoPickupLists(held)
    lists.prepare()
    MongoPickupSearch(held).prepare()
    fill(made["pickups"], COUNT, communities=CODES, households_each=40)
    yield held
    mongo_client.drop_database(made.name)


def check(pickups, step, limit=21):
    plan = plan_of(pickups.collection, step, limit=limit)
    assert {"COLLSCAN", "SORT"}.isdisjoint(plan.stages), plan
    assert plan.indexes == {step.index}
    assert plan.examined == plan.returned, plan
    return plan


@pytest.mark.parametrize("wanted", WANTED.values(), ids=WANTED)
def test_a_page_of_pickups_walks_along_one_index(pickups, wanted):
    lists = pickup_lists.MongoPickupLists(pickups)
    first = lists.page(wanted, behind=None, limit=20)
    keys = [None, *(key_of(each.state) for each in (first[:1] + first[-1:]))]

    for behind in keys:
        for step in pickup_lists.steps_of(wanted, behind):
            check(pickups, step)


@pytest.mark.parametrize("code", [None, "pickup.disputed"])
def test_a_page_of_reviews_walks_along_one_index(pickups, code):
    first = pickup_lists.MongoPickupLists(pickups).reviews(code, behind=None, limit=20)
    last = first[-1].state
    behind = BehindReview(last.waiting.since, last.pickup_id, last.waiting.since)

    returned = [
        check(pickups, step).returned
        for where in (None, behind)
        for step in pickup_lists.review_steps(code, where)
    ]

    assert returned[0] > 0
    assert returned[-1] > 0


def test_stops_walk_along_one_index(pickups):
    tour = pickups.collection.find_one({"state.tour": {"$ne": None}})["state"]["tour"]

    by_collector = check(
        pickups, pickup_lists.stops_step(tour["collector_id"], day_of(tour)), limit=500
    )
    by_tour = check(pickups, pickup_lists.tour_step(tour["tour_id"]), limit=500)

    assert by_collector.returned >= by_tour.returned > 0


def test_whether_a_tour_has_open_stops_beside_one_is_what_its_list_says(pickups):
    search, lists = MongoPickupSearch(pickups), pickup_lists.MongoPickupLists(pickups)
    where = {"state.tour": {"$ne": None}, "state.state": {"$in": list(OPEN)}}
    seen = set()

    for held in pickups.collection.find(where, limit=40):
        tour_id = held["state"]["tour"]["tour_id"]
        stops = lists.tour(tour_id)
        others_open = any(e.state.state in OPEN and e.id != held["_id"] for e in stops)
        assert search.has_open(tour_id, beside=held["_id"]) is others_open
        assert search.has_open(tour_id, beside="another")
        seen.add(others_open)

    assert False in seen
    assert not search.has_open("of-nobody", beside="p-1")


def day_of(tour):
    return TODAY.fromisoformat(tour["service_day"])


def test_every_index_of_the_lists_is_there_and_few_are_written_by_a_booking(pickups):
    there = pickups.collection.index_information()

    assert pickup_lists.INDEXES.keys() <= there.keys()
    assert {name for name, index in there.items() if "partialFilterExpression" not in index} == {
        "_id_",
        "by_household",
        "by_community",
        "by_day",
    }


def test_a_list_without_its_index_is_seen(pickups):
    step = pickup_lists.tour_step("none")
    plan = plan_of(
        pickups.collection, pickup_lists.Step("$natural", step.where, step.order), limit=9
    )

    assert plan.stages >= {"COLLSCAN", "SORT"}


def test_the_conservation_of_counts_is_checked_without_reading_what_was_booked(pickups):
    search = MongoPickupSearch(pickups)
    lapsed = pickups.collection.count_documents(LAPSED)
    assert search.misfiled() == 0

    for index, where in MISFILED.items():
        plan = plan_of(pickups.collection, pickup_lists.Step(index, where, ()), limit=9)
        assert plan.indexes == {index}
        assert plan.examined <= lapsed < COUNT // 2, plan
    broken = {"state.state": State.STANDS.value}
    changed = pickups.collection.update_one(broken, {"$set": {"state.booking_version": 0}})

    assert (changed.modified_count, search.misfiled()) == (1, 1)
    back = {"$set": {"state.booking_version": 1}}
    pickups.collection.update_one({**NEVER_BOOKED, **broken}, back)
    assert search.misfiled() == 0


def test_what_is_to_be_rebooked_is_found_by_day(pickups):
    every, found = (
        MongoPickupSearch(pickups).to_rebook(
            TODAY - timedelta(days=7), outcomes=REBOOKED_OUTCOMES, skip=skip, limit=50
        )
        for skip in (0, 2)
    )

    days = [each.state.booking.service_day for each in found]
    assert days == sorted(days)
    assert days[0] >= TODAY - timedelta(days=7)
    assert [e.id for e in found[: len(every) - 2]] == [e.id for e in every[2:]]
