"""Nothing names an erased person: no document, no event, no log line, of any service.

The replica set's own oplog is left out: it is a rolling copy of all writes, which no erasure can
reach; how long it holds them is a setting (docs/privacy.md).
"""

import threading
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from services.collection.application.photographing import check_photos
from shared.kernel.clock import ManualClock, SystemClock
from tests.chaos.processes import started
from tests.integration.collection_house import house_of
from tests.integration.leaks import Life, Secrets, World, ends
from tests.integration.service_processes import free_port, is_ready
from tests.polling import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

OTHERS = ("pricing", "tracking", "routing")


@pytest.fixture
def world(infra, tmp_path):
    logs = infra.supervisor.layout.logs
    begins = ends(infra.kafka_bootstrap)
    with house_of(infra.mongodb_uri, tmp_path) as house, ExitStack() as running:
        common = {"mongodb": infra.mongodb_uri, "kafka": infra.kafka_bootstrap}
        common |= {"state_dir": str(tmp_path), "log_level": "DEBUG"}
        port = free_port()
        parts = [("collection", "api", house.settings.database, port)]
        parts.append(("collection", "worker", house.settings.database, free_port()))
        parts += [
            (name, "worker", f"{name}_{house.settings.database}", free_port()) for name in OTHERS
        ]
        for name, part, database, number in parts:
            process = started(
                f"services.{name}",
                part,
                log=logs / f"{name}-{part}-of-leaks.log",
                database=database,
                instance=f"{database}-{part}",
                http_port=str(number),
                **common,
            )
            running.enter_context(process)
        client = running.enter_context(
            httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
        )
        eventually(lambda: is_ready(client), within_s=60)
        yield World(house, infra.kafka_bootstrap, client, logs, begins)
        for name in OTHERS:
            house.wiring.client.drop_database(f"{name}_{house.settings.database}")


def test_nothing_names_who_was_erased(world):
    secrets = Secrets()
    life = Life(world, secrets)
    answers = life.live()
    read = life.read()
    life.drain()
    database = world.house.settings.database

    before = world.places_of(secrets.traces())
    life.end()
    repeats = [life.book("book-1")]

    assert {each.status_code for each in answers} <= {200, 201}
    assert {each.status_code for each in read} == {200}
    assert before == [f"{database}.people"]  # one collection, while the person is here
    assert {each.status_code for each in repeats} <= {404, 409}
    assert world.places_of(secrets.traces()) == []
    assert sum(1 for _ in world.records()) >= 5
    assert any(b"/v1/person/erasure" in said for _, said in world.lines())  # it does look there
    assert all(world.house.wiring.invariants().values())
    books = world.house.wiring.books()["facts"]
    assert books["counts"]["collected"] == books["counts"]["cancelled"] == 1
    assert books["collected_g"] == {"cardboard": 4_000}


def test_late_repeats_of_all_that_was_asked_bring_nothing_back(world):
    secrets = Secrets()
    life = Life(world, secrets)
    life.live()
    life.end()

    repeated = [
        life.say("/person", secrets.person, key="introduce"),
        life.say(f"/households/{life.household_id}/home", secrets.home, key="h"),
        life.book("book-1"),
        life.book("book-2"),
        life.say("/card", {"household_id": life.household_id}, key="card"),
        life.register(),
    ]

    assert {each.status_code for each in repeated} <= {404, 409}
    assert life.erase().status_code == 202  # its own answer is kept
    assert world.places_of(secrets.traces()) == []


def test_what_is_on_its_way_while_a_person_is_erased_leaves_nothing(world):
    secrets = Secrets()
    life = Life(world, secrets)
    life.live()
    pickup_id = life.book("book-3").json()["pickup_id"]
    ended, statuses = threading.Event(), []

    def insist(name, act):
        for number in range(400):
            if ended.is_set():
                return
            statuses.append((name, act(f"{name}-{number}").status_code))

    acts = {
        "note": life.book,
        "photo": lambda key: life.photo(pickup_id, key),
        "card": lambda key: life.say("/card", {"household_id": life.household_id}, key=key),
        "home": lambda key: life.say(
            f"/households/{life.household_id}/home", secrets.home, key=key
        ),
    }
    threads = [threading.Thread(target=insist, args=each) for each in acts.items()]
    for thread in threads:
        thread.start()
    eventually(lambda: {name for name, status in statuses if status < 300} == set(acts))
    life.end()
    ended.set()
    for thread in threads:
        thread.join()
    later = ManualClock(SystemClock().now() + timedelta(hours=1))
    check_photos(desk=replace(world.house.wiring.desk, lease_clock=later))
    world.house.heal()
    life.drain()

    assert {status for _, status in statuses} <= {200, 201, 404, 409}
    assert world.places_of(secrets.traces()) == []
    assert world.house.wiring.db["photos"].count_documents({}) == 0
    counts = world.house.wiring.search.counts()
    assert counts["open"] == 0
    assert all(world.house.wiring.invariants().values())
