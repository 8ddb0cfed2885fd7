"""The API or the worker is killed at each step of an erasure; repeat and job make it right."""

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from services.collection.application import erasing
from tests.chaos.processes import KILLED, died_at
from tests.integration.collection_house import house_of, slot_id
from tests.integration.service_processes import free_port
from tests.polling import eventually

pytestmark = [pytest.mark.integration, pytest.mark.chaos]

SECRETS = {
    "name": "Chen Wei",
    "phone": "+8613800000000",
    "email": "chen@example.org",
    "address": "Gulou 12-3",
    "access": "code 7788",
}
TRACES = ("Chen", "13800000000", "chen@", "Gulou", "code 7788", "piano", "resident-1")
DECIDING = ("erasure.decide.before", "outbox.write.before", "outbox.write.after")
FOLLOWING = (
    "slot.free.before",
    "slot.free.after:2",
    "outbox.write.after:2",
    "erasure.cancelled.after",
    "erasure.household.after",
    "erasure.photos.after",
    "erasure.finish.after",
)
WEIGH_IN = {
    "vehicle_id": "van-1",
    "scale_id": "scale-1",
    "gross_g": 4_500,
    "tare_g": 500,
    "weighed_at": "2026-11-26T01:30:00Z",
    "lots": [{"material": "cardboard", "grade": "A", "mass_g": 4_000}],
}


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path) as held:
        held.open_slot()
        yield held


@pytest.fixture
def household(house):
    household_id = house.household(**SECRETS)
    pickups = [house.book(household_id, note="piano").json()["pickup_id"] for _ in range(3)]
    house.post(f"/pickups/{pickups[0]}/weigh-ins", WEIGH_IN, role="collector")
    house.post("/card", {"household_id": household_id})
    return household_id


def erase(house, *, key="erase", call=None):
    return house.post("/person/erasure", {}, key=key, call=call)


def traces(house):
    db = house.wiring.db
    held = "".join(str(each) for name in db.list_collection_names() for each in db[name].find())
    return [trace for trace in TRACES if trace in held]


def expect_erased(house, household_id):
    erasing.finish_erasures(desk=house.wiring.desk)
    house.heal()
    assert traces(house) == []
    counts = house.wiring.search.counts()
    assert (counts["open"], counts["cancelled"], counts["collected"]) == (0, 2, 1)
    assert house.holds() == house.used()
    assert house.holds(f"household.{household_id}") == []
    assert len(house.holds()) == 1
    assert house.wiring.households.get(household_id).state.members == ()
    assert [each["state"]["status"] for each in house.wiring.people.collection.find()] == ["erased"]
    assert all(house.wiring.invariants().values())


@pytest.mark.parametrize("label", DECIDING)
def test_a_killed_request_is_decided_by_its_repeat(house, household, label):
    with house.serving(crash_at=label) as (process, send), pytest.raises(httpx.TransportError):
        erase(house, call=send)
    assert process.wait(timeout=30) == KILLED

    repeated, again = erase(house), erase(house)

    assert (repeated.status_code, again.content) == (202, repeated.content)
    expect_erased(house, household)


@pytest.mark.parametrize("label", FOLLOWING)
def test_a_killed_worker_is_followed_by_another(house, household, kafka_bootstrap, label):
    erase(house)

    died_at(
        label,
        "services.collection",
        "worker",
        mongodb=house.settings.mongodb,
        kafka=kafka_bootstrap,
        database=house.settings.database,
        state_dir=str(house.settings.state_dir),
        http_port=str(free_port()),
    )

    expect_erased(house, household)


def test_many_requests_at_once_erase_one_person_once(house, household):
    barrier = threading.Barrier(16)
    with house.serving() as (_, send):

        def ask(number):
            barrier.wait()
            return erase(house, key=f"key-{number % 4}", call=send)

        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(ask, range(16)))

    done = [each for each in answers if each.status_code == 202]
    assert done
    assert {each.json()["code"] for each in answers if each not in done} <= {"person.not_found"}
    assert len({each.json()["erasure_id"] for each in done}) == 1
    expect_erased(house, household)


def test_a_household_books_no_more_whoever_is_faster(house, household):
    """Bookings race with the erasure and with its job: what got in is cancelled."""
    statuses = []
    with house.serving() as (_, send):

        def insist(number):
            for turn in range(20):
                answer = house.book(household, key=f"{number}-{turn}", call=send)
                statuses.append(answer.status_code)

        threads = [threading.Thread(target=insist, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        eventually(lambda: 201 in statuses)
        erase(house, call=send)
        for thread in threads:
            while thread.is_alive():
                erasing.finish_erasures(desk=house.wiring.desk)
                thread.join(0.01)
    erasing.finish_erasures(desk=house.wiring.desk)
    house.heal()

    counts = house.wiring.search.counts()
    assert set(statuses) <= {201, 404, 409}
    assert (counts["open"], counts["collected"]) == (0, 1)
    assert counts["cancelled"] == 2 + statuses.count(201)
    assert house.holds() == house.used()
    assert house.holds(f"household.{household}") == []
    assert traces(house) == []


def test_an_erased_subject_comes_back_as_somebody_new(house, household):
    old = house.get("/person").json()["person_id"]
    erase(house)
    erasing.finish_erasures(desk=house.wiring.desk)

    new = house.household()

    assert house.get("/person").json()["person_id"] != old
    assert [each["household_id"] for each in house.get("/households").json()["items"]] == [new]
    assert house.get("/pickups").json()["items"] == []
    assert house.book(new, slot=slot_id()).status_code == 201
