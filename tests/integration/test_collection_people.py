"""Persons, households and photos: the real adapters and their twins keep the same rules."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from services.collection.adapters.mongo_households import MongoHouseholds
from services.collection.adapters.mongo_people import MongoPeople
from services.collection.adapters.mongo_photos import PICTURE_BYTES_MAX, MongoPhotos
from services.collection.application.people_ports import PhotoOf
from services.collection.domain.cards import Card
from services.collection.domain.households import Household, Invite, Member
from services.collection.domain.people import Contact, Home, Note, Person
from shared.kernel.aggregate import Answer, Decision, Request
from shared.kernel.errors import Conflict
from tests.unit.collection.people_fakes import (
    InMemoryHouseholds,
    InMemoryPeople,
    InMemoryPhotos,
)

pytestmark = pytest.mark.integration

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
CARD = Card("c" * 64, "scope", "h-1", NOW, NOW + timedelta(days=1))
CHEN = Person(
    "p-1",
    NOW,
    subject="resident-1",
    contact=Contact("Chen Wei", "+8613800000000", "chen@example.org", "zh-CN"),
    homes=(Home("h-1", "Gulou 12-3", None),),
    notes=(Note("pickup-1", "ring twice"), Note("pickup-2", "dog")),
    cards=(CARD,),
)


@pytest.fixture(params=["memory", "mongodb"])
def stores(request):
    if request.param == "memory":
        return InMemoryPeople(), InMemoryHouseholds(), InMemoryPhotos()
    database = request.getfixturevalue("fresh_database")
    made = (
        MongoPeople(database["people"]),
        MongoHouseholds(database["households"]),
        MongoPhotos(database["photos"]),
    )
    for each in made:
        each.prepare()
    return made


@pytest.fixture
def people(stores):
    stores[0].create("p-1", Decision(CHEN))
    return stores[0]


@pytest.fixture
def households(stores):
    return stores[1]


@pytest.fixture
def photos(stores):
    return stores[2]


def asked(scope):
    return Request(scope, "body", lambda _stored: Answer(202, b"{}"))


def test_a_person_comes_back_as_it_was_kept(people):
    assert people.get("p-1").state == people.of("resident-1").state == CHEN


def test_a_person_is_found_by_card_note_and_answered_request(people):
    people.change("p-1", Decision, request=asked("scope-1"))

    assert people.by_card("c" * 64).id == people.answered("scope-1").id == "p-1"
    assert people.note("pickup-2") == "dog"
    nobody = (people.by_card("d" * 64), people.answered("scope-2"), people.note("pickup-3"))
    assert nobody == (None, None, None)
    assert people.of("resident-2") is None


def test_a_subject_is_one_person(people):
    with pytest.raises(Conflict) as refused:
        people.create("p-2", Decision(Person("p-2", NOW, subject="resident-1")))

    assert refused.value.code == "person.exists"


def test_persons_without_a_subject_are_many(people):
    for number in (2, 3):
        people.create(f"p-{number}", Decision(Person(f"p-{number}", NOW)))

    assert set(people.get_many(["p-2", "p-3", "p-4"])) == {"p-2", "p-3"}


def test_of_many_at_once_one_makes_the_person(people):
    barrier = threading.Barrier(8)

    def make(number):
        barrier.wait()
        try:
            people.create(f"n-{number}", Decision(Person(f"n-{number}", NOW, subject="new")))
        except Conflict:
            return 0
        return 1

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(make, range(8))) == 1


def test_an_erased_person_leaves_the_subject_to_another(people):
    people.change("p-1", lambda p: p.erase(now=NOW), request=asked("erase"))
    people.create("p-2", Decision(Person("p-2", NOW, subject="resident-1")))

    assert people.of("resident-1").id == "p-2"
    assert [each.id for each in people.erasing(limit=9)] == ["p-1"]
    assert people.by_card("c" * 64) is None
    assert people.note("pickup-1") is None
    people.change("p-1", lambda p: p.erased(now=NOW))
    assert list(people.erasing(limit=9)) == []
    assert people.answered("erase").id == "p-1"


def test_households_are_found_by_member_and_by_invite(households):
    for number in (2, 1):
        held = Household(
            f"h-{number}",
            "350102001001",
            "8941a6d2d6fffff",
            members=(Member("p-1", "owner", NOW), Member(f"q-{number}", "member", NOW)),
            invites=(Invite(f"{number}" * 64, "member", NOW),),
        )
        households.create(held.household_id, Decision(held))

    assert [each.id for each in households.of_person("p-1")] == ["h-1", "h-2"]
    assert [each.id for each in households.of_person("q-2")] == ["h-2"]
    assert households.by_invite("2" * 64).id == "h-2"
    assert (households.by_invite("3" * 64), list(households.of_person("p-9"))) == (None, [])


def test_a_photo_comes_back_byte_for_byte_and_goes(photos):
    picture = bytes(range(256)) * (PICTURE_BYTES_MAX // 256)
    photos.put(PhotoOf("f-1", "pickup-1", "p-1"), picture)

    assert photos.get("f-1") == picture
    photos.delete("f-1")
    photos.delete("f-1")
    assert photos.get("f-1") is None


def test_photos_are_found_by_person(photos):
    for number in range(3):
        photos.put(PhotoOf(f"f-{number}", "pickup-1", f"p-{number % 2}"), b"x")

    assert [each.photo_id for each in photos.of_person("p-0", limit=9)] == ["f-0", "f-2"]
    assert len(photos.of_person("p-0", limit=1)) == 1


def test_a_photo_waits_for_its_check_once_it_is_old_enough(photos):
    photos.put(PhotoOf("f-1", "pickup-1", "p-1"), b"x")
    later = datetime.now(UTC) + timedelta(minutes=1)

    early = photos.unchecked(before=datetime.now(UTC) - timedelta(minutes=1), limit=9)
    found = photos.unchecked(before=later, limit=9)
    photos.checked("f-1")

    assert (list(early), [each.photo_id for each in found]) == ([], ["f-1"])
    assert list(photos.unchecked(before=later, limit=9)) == []


@pytest.mark.parametrize(
    "where",
    [
        {"state.subject": "resident-1"},
        {"state.notes.pickup_id": "pickup-1"},
        {"state.cards.token_sha256": "c" * 64},
        {"requests.scope": "scope"},
        {"state.status": "erasing"},
    ],
)
def test_no_look_up_of_a_person_reads_them_all(fresh_database, where):
    people = MongoPeople(fresh_database["people"])
    people.prepare()

    plan = people.collection.find(where).explain()["queryPlanner"]["winningPlan"]

    assert "IXSCAN" in str(plan)
    assert "COLLSCAN" not in str(plan)
