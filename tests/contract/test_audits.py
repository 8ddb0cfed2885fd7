"""The audit over real MongoDB: each act once, whatever crashes between its two writes."""

from dataclasses import replace

import pytest

from shared.kernel.aggregate import Decision
from shared.messaging.audits import MongoAudits
from shared.messaging.mongo_aggregates import MongoAggregates
from tests.contract.test_aggregates import COUNTERS, STAFF
from tests.fakes.counters import Counter, request

pytestmark = pytest.mark.integration


class Books:
    def __init__(self, database):
        self.counters = MongoAggregates(database["counters"], **COUNTERS)
        self.audits = MongoAudits(database["audits"], [database["counters"]])
        self.counters.prepare()
        self.audits.prepare()
        self.counters.create("c", Decision(Counter("c")))

    def act(self, scope, actor="city-1"):
        staff = replace(STAFF, actor=actor)
        asked = replace(request(scope=scope), staff=staff)
        self.counters.change("c", lambda held: held.add(), request=asked)

    def recorded(self):
        return self.counters.collection.find_one({"_id": "c"}).get("audits")

    def all(self, **where):
        return [each["_id"] for each in self.audits.page(where, behind=None, limit=100)]


@pytest.fixture
def books(fresh_database):
    return Books(fresh_database)


def test_copies_each_act_once_and_takes_it_out(books):
    books.act("one")
    books.act("two")

    assert (books.audits.collect(), books.audits.collect()) == (2, 0)
    assert sorted(books.all()) == ["one", "two"]
    assert books.recorded() == []


def test_a_copy_that_was_not_taken_out_is_copied_onto_itself(books):
    books.act("one")
    kept = books.recorded()
    books.audits.collect()
    books.counters.collection.update_one({"_id": "c"}, {"$set": {"audits": kept}})

    books.audits.collect()

    assert books.all() == ["one"]
    assert books.recorded() == []


def test_a_change_that_lost_the_race_brings_back_nothing_that_was_taken(books):
    books.act("one")

    def late(held):
        books.audits.collect()
        return held.add()

    asked = replace(request(scope="two"), staff=STAFF)
    books.counters.change("c", late, request=asked)
    books.audits.collect()

    assert sorted(books.all()) == ["one", "two"]
    assert books.recorded() == []


def test_lists_the_newest_first_in_pages_and_by_object_and_actor(books):
    for number in range(5):
        books.act(f"act-{number}", actor=f"city-{number % 2}")
    books.audits.collect()
    found, behind = [], None
    while True:
        page = books.audits.page({}, behind=behind, limit=2)
        found += [each["_id"] for each in page]
        if len(page) < 2:
            break
        behind = page[-1]

    by_time = sorted(books.audits.page({}, behind=None, limit=9), key=lambda e: (e["at"], e["_id"]))
    assert found == [each["_id"] for each in reversed(by_time)]
    assert sorted(books.all(actor="city-1")) == ["act-1", "act-3"]
    assert len(books.all(object_id="c")) == 5
