"""A reader that dies, pauses or is told everything twice counts each event once (P3, P7)."""

import signal

import pytest

from shared.messaging.mongo_client import connect, database
from tests.chaos.processes import died_at, started
from tests.chaos.topic_writer import Writer
from tests.polling import eventually

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(180)]

PROCESS = "tests.chaos.reaction_process"
LABELS = ["reaction.poll.after:2"] + [
    f"reaction.{step}.{side}:1" for step in ("effect", "cursor") for side in ("before", "after")
]


class House:
    """One topic partition that grows over the module, and fresh readers of it."""

    def __init__(self, infra):
        self.infra = infra
        self.writer = Writer(infra.kafka_bootstrap)
        self.expected = {}

    def write(self, *names):
        self.writer.add(*names)
        for name in names:
            self.expected[name] = self.expected.get(name, 0) + 1

    def environment(self, name, **more):
        return {
            "mongodb": self.infra.mongodb_uri,
            "kafka": self.infra.kafka_bootstrap,
            "database": name,
            "instance": name,
            **more,
        }

    def counted(self, name, generation=1):
        with connect(self.infra.mongodb_uri, name="reader") as client:
            found = database(client, name)[f"counted_{generation}"].find()
            return {held["_id"]: held["state"]["total"] for held in found}

    def letters(self, name):
        with connect(self.infra.mongodb_uri, name="reader") as client:
            return list(database(client, name)["dead_letters"].find(sort=[("offset", 1)]))

    def counts_all(self, name, generation=1):
        eventually(lambda: self.counted(name, generation) == self.expected, within_s=60)


@pytest.fixture(scope="module")
def house(own_infra):
    made = House(own_infra)
    made.write("a", "b", "a", "c")
    return made


@pytest.mark.parametrize("label", LABELS)
def test_a_death_at_a_step_counts_each_event_once(house, label):
    name = label.replace(".", "-").replace(":", "-")
    environment = house.environment(name)

    died_at(label, PROCESS, **environment)
    house.write("a", "d")
    with started(PROCESS, **environment):
        house.counts_all(name)

    assert house.counted(name) == house.expected


def test_the_whole_topic_sent_again_counts_nothing(house):
    with started(PROCESS, **house.environment("again")):
        house.counts_all("again")
        house.writer.again()
        house.write("e")
        house.counts_all("again")


def test_a_paused_reader_that_wakes_after_its_session_counts_nothing_twice(house):
    first = house.environment("paused")
    with started(PROCESS, **first) as sleeper:
        house.counts_all("paused")
        sleeper.send_signal(signal.SIGSTOP)
        house.write("f", "a")
        with started(PROCESS, **house.environment("paused", instance="successor")):
            house.counts_all("paused")
            sleeper.send_signal(signal.SIGCONT)
            house.write("g")
            house.counts_all("paused")

    assert house.counted("paused") == house.expected  # nor did the sleeper add to it until its end


def test_a_rebuild_in_a_new_generation_comes_to_the_same_totals(house):
    with started(PROCESS, **house.environment("rebuilt")):
        house.counts_all("rebuilt")
    with started(PROCESS, **house.environment("rebuilt", generation="2")):
        house.counts_all("rebuilt", generation=2)


def test_poison_is_kept_once_and_blocks_nobody(house):
    type_ = "recycling.pickup.cancelled.v1"
    house.writer.poison(b"{", type_=type_)
    house.writer.poison(b"{}", type_=type_)
    house.writer.poison(None, type_=type_)
    house.writer.poison(b"{}", type_="com.example.unknown.v1")
    house.writer.poison(b" " * 950_000, type_=type_)
    house.writer.poison(b"{}", type_=type_, numbered=False)
    house.writer.add("reject-1", "bug-1")
    house.write("after-poison")
    environment = house.environment("poisoned")

    for _ in range(2):
        with started(PROCESS, **environment) as crashing:
            assert crashing.wait(timeout=60) == 1
    with started(PROCESS, **environment):
        house.counts_all("poisoned")

    codes = [letter["code"] for letter in house.letters("poisoned")]
    assert codes == [
        "contract.not_json",
        "contract.invalid_data",
        "contract.tombstone",
        "contract.unknown_type",
        "contract.too_large",
        "contract.missing_header",
        "counter.refused",
        "bug",
    ]
