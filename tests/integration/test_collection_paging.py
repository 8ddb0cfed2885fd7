"""Pages while others write: nothing is told twice, and nothing that stays as it is is missed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.collection.adapters.announcements import announce
from services.collection.adapters.pickup_lists import MongoPickupLists
from services.collection.application.listing import (
    LISTED,
    Behind,
    BehindReview,
    OfArea,
    OfCommunity,
    OfHouseholds,
    Wanted,
    read_page,
    read_reviews,
)
from services.collection.domain import judging
from services.collection.domain import pickup as pickups_of
from services.collection.domain.pickup import Pickup
from services.collection.domain.states import State
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict
from shared.kernel.ids import new_id
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import database
from tests.unit.collection.builders import MORNING, NOW
from tests.unit.collection.test_life import booking

pytestmark = pytest.mark.integration

CODES = ("350102001001", "350102001002", "350103002001")
HOMES = ("home-1", "home-2")
PLACES = st.tuples(st.integers(0, 6), st.sampled_from(CODES), st.sampled_from(HOMES))
NUMBERS = st.integers(0, 40)
ACTS = st.one_of(
    st.tuples(st.just("book"), PLACES),
    st.tuples(st.just("move"), NUMBERS, st.integers(0, 6)),
    st.tuples(st.just("cancel"), NUMBERS),
    st.tuples(st.just("open"), NUMBERS, st.sampled_from(["a", "b"])),
    st.tuples(st.just("resolve"), NUMBERS, st.sampled_from(["a", "b"])),
)
SCOPES = st.sampled_from([OfArea(""), OfArea("350102"), OfCommunity(CODES[0]), OfHouseholds(HOMES)])
STATES = st.sampled_from([LISTED, (State.BOOKED,)])
WANTED = st.builds(Wanted, SCOPES, STATES, newest_first=st.booleans())


class Town:
    """Some pickups, and what is done to them; each act a second later."""

    def __init__(self, pickups):
        self.pickups, self.lists = pickups, MongoPickupLists(pickups)
        self.now, self.ids, self.touched = NOW, [], set()
        pickups.collection.delete_many({})

    def do(self, act):
        self.now += timedelta(seconds=1)
        what, *told = act
        if what == "book":
            self.book(*told[0])
        elif self.ids:
            pickup_id = self.ids[told[0] % len(self.ids)]
            self.touched.add(pickup_id)
            try:
                self.pickups.change(pickup_id, lambda held: self.decide(held, what, *told[1:]))
            except Conflict:
                self.touched.add(pickup_id)

    def book(self, ahead, code, home):
        day = MORNING.service_day + timedelta(days=ahead)
        wanted = replace(booking(), service_day=day, community_code=code, household_id=home)
        pickup_id = new_id()
        self.ids.append(pickup_id)
        self.touched.add(pickup_id)
        decision = pickups_of.book(pickup_id, wanted, places=(), now=self.now)
        self.pickups.create(pickup_id, Decision(decision.state))

    def decide(self, held, what, *told):
        if what == "move":
            day = MORNING.service_day + timedelta(days=told[0])
            return Decision(held.amend(replace(held.booking, service_day=day), now=self.now).state)
        if what == "cancel":
            return Decision(held.cancel(by="resident", reason="none", now=self.now).state)
        if what == "open":
            return Decision(held.to_review(f"review.{told[0]}", at=self.now))
        return Decision(
            judging.resolved(held, f"review.{told[0]}", resolution="done", now=self.now)
        )

    def all(self):
        return {each: stored.state for each, stored in self.pickups.get_many(self.ids).items()}


@pytest.fixture(scope="module")
def pickups(mongo_client):
    made = database(mongo_client, f"test_{new_id().replace('-', '')}")
    held = MongoAggregates(made["pickups"], kind="pickup", state_type=Pickup, announce=announce)
    MongoPickupLists(held).prepare()
    yield held
    mongo_client.drop_database(made.name)


def fits(pickup, wanted):
    code, scope = pickup.booking.community_code, wanted.scope
    is_there = (
        pickup.booking.household_id in scope.household_ids
        if isinstance(scope, OfHouseholds)
        else code.startswith(scope.prefix)
        if isinstance(scope, OfArea)
        else code == scope.community_code
    )
    return is_there and pickup.state in wanted.states


RANDOM = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@RANDOM
@given(
    wanted=WANTED,
    places=st.lists(PLACES, max_size=14),
    limit=st.integers(1, 5),
    acts=st.lists(ACTS, max_size=12),
)
def test_pages_of_pickups(pickups, *, wanted, places, limit, acts):
    town = Town(pickups)
    for place in places:
        town.do(("book", place))
    town.now += timedelta(seconds=1)
    begun_at, town.touched, before = town.now, set(), town.all()
    told, behind, waiting = [], None, list(acts)

    while True:
        page, ended = read_page(wanted, behind=behind, lists=town.lists, limit=limit)
        told += [each.id for each in page]
        if ended is None:
            break
        behind = Behind(ended, begun_at)
        for act in waiting[:2]:
            town.do(act)
        waiting = waiting[2:]

    still = {each for each, pickup in before.items() if fits(pickup, wanted)} - town.touched
    assert len(told) == len(set(told))
    assert still <= set(told)
    assert set(told) - town.touched == still


@RANDOM
@given(
    places=st.lists(st.tuples(PLACES, st.sets(st.sampled_from("ab"))), max_size=12),
    code=st.none() | st.just("review.a"),
    limit=st.integers(1, 4),
    acts=st.lists(ACTS, max_size=12),
)
def test_pages_of_reviews(pickups, *, places, code, limit, acts):
    town = Town(pickups)
    for number, (place, codes) in enumerate(places):
        town.do(("book", place))
        for each in sorted(codes):
            town.do(("open", number, each))
    town.now += timedelta(seconds=1)
    begun_at, town.touched, before = town.now, set(), town.all()
    told, behind, waiting = [], None, list(acts)

    while True:
        page, ended = read_reviews(code, behind=behind, lists=town.lists, limit=limit)
        told += [each.id for each in page]
        if ended is None:
            break
        behind = BehindReview(ended.state.waiting.since, ended.id, begun_at)
        for act in waiting[:2]:
            town.do(act)
        waiting = waiting[2:]

    open_ones = {
        each for each, p in before.items() if p.waiting and (not code or code in p.waiting.codes)
    }
    assert len(told) == len(set(told))
    assert open_ones - town.touched <= set(told)
    assert set(told) - town.touched == open_ones - town.touched
