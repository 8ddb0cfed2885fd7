"""A relay that dies at any labelled step loses nothing and renumbers nothing (P1, P2)."""

import signal
from collections import defaultdict

import pytest

from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.reconciliation import reconcile
from shared.observability.settings import ServiceSettings
from tests.chaos.processes import died_at, started
from tests.chaos.relay_process import LEASE_MS, relay
from tests.chaos.topic_reader import ends, read_from
from tests.fakes.counters import Counter, announce
from tests.polling import eventually

pytestmark = pytest.mark.chaos

STEPS = ("name", "send", "clear")
LABELS = [
    *(f"relay.{step}.{side}:1" for step in STEPS for side in ("before", "after")),
    *(f"relay.{step}.after:2" for step in STEPS),
]
PROCESS = "tests.chaos.relay_process"


@pytest.fixture
def house(fresh_database, mongodb_uri, kafka_bootstrap):
    counters = MongoAggregates(
        fresh_database["counters"], kind="counter", state_type=Counter, announce=announce
    )
    counters.prepare()
    environment = {
        "mongodb": mongodb_uri,
        "kafka": kafka_bootstrap,
        "database": fresh_database.name,
        "instance": "dying-relay",
    }
    return counters, environment


def accept(counters, names):
    for name in names:
        counters.create(name, Counter(name).add(events=3))


def drain(environment, database, *, owner="successor"):
    settings = ServiceSettings(**environment)
    taking_over = relay(settings, owner=owner)
    taking_over._leases.prepare()

    def emptied():
        taking_over._claimed_at_s = float("-inf")
        taking_over.run_round()
        return not reconcile(database, collections=["counters"])["pending"]

    eventually(emptied, within_s=LEASE_MS / 1000 + 20)


def check_topic(found, accepted):
    """Each accepted event is there; each sequence is one event; they are dense and in order."""
    by_place = defaultdict(list)
    for partition, sequence, event_id, _ in found:
        by_place[partition].append((sequence, event_id))
    for numbered in by_place.values():
        assert len(dict(numbered)) == len({event_id for _, event_id in numbered})
        first_met = list(dict.fromkeys(sequence for sequence, _ in numbered))
        assert first_met == list(range(1, len(first_met) + 1))
    assert len({event_id for _, _, event_id, _ in found}) == accepted


@pytest.mark.parametrize("label", LABELS)
def test_a_death_at_a_step_loses_and_renumbers_nothing(label, house, fresh_database):
    counters, environment = house
    starts = ends(environment["kafka"])
    accept(counters, ["a", "b"])
    if label.endswith(":2"):
        with started(PROCESS, **environment):
            eventually(lambda: not reconcile(fresh_database, collections=["counters"])["pending"])
        accept(counters, ["c"])
        label = label.replace(":2", ":1")

    died_at(label, PROCESS, **environment)
    accept(counters, ["d"])
    drain(environment, fresh_database)

    check_topic(read_from(environment["kafka"], starts), accepted=reconciled(fresh_database))


def reconciled(database):
    books = reconcile(database, collections=["counters"])
    assert sum(books["published"].values()) == books["accepted"]
    return books["accepted"]


def test_a_paused_owner_that_wakes_after_its_lease_changes_nothing(house, fresh_database):
    counters, environment = house
    starts = ends(environment["kafka"])
    accept(counters, ["a"])
    with started(PROCESS, **environment) as owner:
        eventually(lambda: not reconcile(fresh_database, collections=["counters"])["pending"])
        owner.send_signal(signal.SIGSTOP)
        accept(counters, ["b"])
        drain(environment, fresh_database)
        owner.send_signal(signal.SIGCONT)
        accept(counters, ["c"])
        drain(environment, fresh_database)
        assert owner.poll() is None

    check_topic(read_from(environment["kafka"], starts), accepted=reconciled(fresh_database))


def test_an_entry_that_cannot_be_sent_is_set_apart_and_blocks_nobody(house, fresh_database):
    counters, environment = house
    accept(counters, ["a", "b"])
    fresh_database["counters"].update_one(
        {"_id": "a"}, {"$set": {"outbox.0.value": b"x" * 1_100_000}}
    )

    drain(environment, fresh_database)

    books = reconcile(fresh_database, collections=["counters"])
    assert books["quarantined"] == 1
    assert sum(books["published"].values()) == 5
    assert fresh_database["quarantine"].find_one()["key"]
