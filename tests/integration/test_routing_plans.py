"""Routing over real MongoDB: plans up to their publication, races, dropped stops, unloadings."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time

import pytest

from shared.kernel.clock import at_local
from shared.messaging.outbox_bound import AGE_S_MAX
from tests.integration.routing_house import DAY, running

pytestmark = pytest.mark.integration


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with running(mongodb_uri, tmp_path) as held:
        held.fleet()
        yield held


def test_a_day_is_planned_published_and_driven(house):
    house.book("p-1", "p-2")
    plan_id = house.planned()

    published = house.publish(plan_id)

    assert (published.status_code, published.json()["plan_version"]) == (200, 1)
    (tour,) = house.get("/v1/tours", service_day=DAY.isoformat()).json()["items"]
    mine = house.get(f"/v1/tours/{tour['tour_id']}", role="collector", subject="collector-1")
    assert {stop["pickup_id"] for stop in mine.json()["stops"]} == {"p-1", "p-2"}
    other = house.get(f"/v1/tours/{tour['tour_id']}", role="collector", subject="collector-2")
    assert (other.status_code, other.json()["code"]) == (404, "tour.not_found")
    (told,) = [json.loads(value) for type_, value in house.announced() if "assigned" in type_]
    assert datetime.fromisoformat(told["shift_ends_at"]) == at_local(DAY, time(19))


def test_publications_at_the_same_time_have_different_versions(house):
    house.book("p-1")
    plans = [house.planned() for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(house.publish, plans))

    assert [answer.status_code for answer in answers] == [200] * 4
    assert sorted(answer.json()["plan_version"] for answer in answers) == [1, 2, 3, 4]


def test_a_repeated_publication_is_one_version(house):
    plan_id = house.planned()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: house.publish(plan_id, key="key-1"), range(4)))

    assert {answer.content for answer in answers} == {answers[0].content}
    assert house.get(f"/v1/plans/{plan_id}").json()["plan_version"] == 1


def test_a_stop_that_a_later_plan_drops_is_reported_once(house):
    early = house.planned()
    house.book("p-1")
    late = house.planned()
    house.publish(late)
    house.publish(early)

    for _ in range(2):
        house.compare()

    refused = [json.loads(value) for type_, value in house.announced() if "refused" in type_]
    assert [(each["plan_version"], each["stops"]) for each in refused] == [
        (
            2,
            [
                {
                    "pickup_id": "p-1",
                    "community_code": "350102001001",
                    "reason": "routing.not_in_plan",
                }
            ],
        )
    ]
    assert house.get(f"/v1/plans/{early}").json()["dropped"] == 1
    assert house.compare() == 0


def test_with_kafka_down_for_too_long_a_publication_waits(house):
    house.book("p-1")
    first, second = house.planned(), house.planned()
    house.publish(first)
    house.wiring.db["plans"].update_one(
        {"_id": first},
        [{"$set": {"outbox": {"$map": _moved_back(AGE_S_MAX + 60)}}}],
    )
    house.restart()

    refused = house.publish(second)

    assert (refused.status_code, refused.json()["code"]) == (503, "outbox.backlog")
    assert house.get(f"/v1/plans/{second}").json()["state"] == "solved"


def _moved_back(seconds):
    earlier = {"$subtract": ["$$each.at", int(seconds * 1000)]}
    return {
        "input": "$outbox",
        "as": "each",
        "in": {"$mergeObjects": ["$$each", {"at": earlier}]},
    }


@pytest.fixture
def tour(house):
    house.book("p-1", "p-2")
    house.publish(house.planned())
    (found,) = house.get("/v1/tours", service_day=DAY.isoformat()).json()["items"]
    return found["tour_id"]


def unload(house, tour_id, *pickup_ids, key, trip=1, subject="collector-1"):
    body = {"trip": trip, "pickup_ids": pickup_ids, "unloaded_at": f"{DAY}T12:00:00+08:00"}
    path = f"/v1/tours/{tour_id}/unloadings"
    return house.post(path, body, key=key, role="collector", subject=subject)


def test_an_unloading_is_recorded_once_for_its_key(house, tour):
    first = unload(house, tour, "p-1", key="key-1")

    again = unload(house, tour, "p-1", key="key-1")

    assert (first.status_code, again.content) == (201, first.content)
    assert len([1 for type_, _ in house.announced() if "unloaded" in type_]) == 1


@pytest.mark.parametrize(
    ("pickup_id", "key", "answer"),
    [
        ("p-2", "key-1", (422, "idempotency.body_differs")),
        ("p-1", "key-2", (409, "routing.already_unloaded")),
        ("p-9", "key-2", (422, "routing.not_of_this_tour")),
    ],
)
def test_refuses_an_unloading_that_cannot_be(house, tour, *, pickup_id, key, answer):
    unload(house, tour, "p-1", key="key-1")

    refused = unload(house, tour, pickup_id, key=key)

    assert (refused.status_code, refused.json()["code"]) == answer


def test_another_crews_tour_is_not_there(house, tour):
    refused = unload(house, tour, "p-1", key="key-1", subject="collector-2")

    assert (refused.status_code, refused.json()["code"]) == (404, "tour.not_found")


def test_the_books_tell_what_is_open(house):
    house.book("p-1", "p-2")

    facts = house.get("/v1/reconciliation").json()["facts"]

    assert facts["open_by_day"] == {DAY.isoformat(): 2}
