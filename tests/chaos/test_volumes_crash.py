"""The volumes worker that dies at a step, or is paused past its session, counts each gram once."""

import signal
import zlib
from datetime import UTC, datetime

import pytest

from shared.contracts.codec import encode, wire_headers
from shared.contracts.lots import Lot
from shared.contracts.pickup import PickupWeighed
from shared.messaging.mongo_client import connect, database
from tests.chaos.processes import died_at, started
from tests.chaos.topic_writer import Writer
from tests.polling import eventually

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(180)]

PROCESS = ("services.volumes", "worker")
COMMUNITY = "350102001001"
LABELS = [
    "volumes.flush.before:1",
    "volumes.flush.after:2",
    "volumes.fold.before:1",
    "volumes.fold.after:2",
    "volumes.delete.before:1",
    "volumes.delete.after:1",
]


class House:
    """One partition of weighings that grows over the module, and fresh workers that sum it."""

    def __init__(self, infra, state_dir):
        self.infra = infra
        self.state_dir = state_dir
        self.writer = Writer(infra.kafka_bootstrap)
        self.weighed_g = 0

    def weigh(self, *masses_g):
        for mass_g in masses_g:
            self.writer.last += 1
            record = weighing(mass_g)
            headers = wire_headers(record.headers, sequence=self.writer.last)
            self.writer._send(record.value, headers)
            self.weighed_g += mass_g

    def environment(self, name, *, instance=None):
        return {
            "mongodb": self.infra.mongodb_uri,
            "kafka": self.infra.kafka_bootstrap,
            "database": name,
            "instance": instance or name,
            "generation": str(zlib.crc32(name.encode()) % 900_000 + 1),
            "http_port": "0",
            "state_dir": str(self.state_dir),
        }

    def summed_g(self, name):
        rows = f"rows_{self.environment(name)['generation']}"
        with connect(self.infra.mongodb_uri, name="reader") as client:
            found = database(client, name)[rows].find()
            return sum(cell["g"] for row in found for cell in row["cells"].values())

    def sums_all(self, name):
        eventually(lambda: self.summed_g(name) == self.weighed_g, within_s=60)


def weighing(mass_g):
    at = datetime.now(UTC)
    payload = PickupWeighed(
        pickup_id="p",
        household_id="h",
        community_code=COMMUNITY,
        revision=1,
        vehicle_id="v",
        collector_id="c",
        scale_id="s",
        gross_g=mass_g,
        tare_g=0,
        net_g=mass_g,
        lots=(Lot(lot_id="l", material="cardboard", grade="A", mass_g=mass_g),),
        weighed_at=at,
    )
    return encode(payload, key=COMMUNITY, subject="p", time=at, source="greenloop/test")


@pytest.fixture(scope="module")
def house(own_infra, tmp_path_factory):
    made = House(own_infra, tmp_path_factory.mktemp("volumes"))
    made.weigh(1, 20, 300)
    return made


@pytest.mark.parametrize("label", LABELS)
def test_a_death_at_a_step_counts_each_gram_once(house, label):
    name = label.replace(".", "-").replace(":", "-")
    environment = house.environment(name)
    if label.endswith(":2"):
        with started(*PROCESS, **environment):
            house.sums_all(name)
        house.weigh(7)
        label = label.replace(":2", ":1")

    died_at(label, *PROCESS, **environment)
    house.weigh(4_000)
    with started(*PROCESS, **environment):
        house.sums_all(name)

    assert house.summed_g(name) == house.weighed_g


def test_a_paused_worker_that_wakes_after_its_session_counts_nothing_twice(house):
    with started(*PROCESS, **house.environment("paused")) as sleeper:
        house.sums_all("paused")
        sleeper.send_signal(signal.SIGSTOP)
        house.weigh(50_000)
        with started(*PROCESS, **house.environment("paused", instance="successor")):
            house.sums_all("paused")
            sleeper.send_signal(signal.SIGCONT)
            house.weigh(600_000)
            house.sums_all("paused")

    assert house.summed_g("paused") == house.weighed_g  # nor did the sleeper add to it


def test_the_whole_topic_sent_again_counts_nothing(house):
    with started(*PROCESS, **house.environment("again")):
        house.sums_all("again")
        house.writer.again()
        house.weigh(9)
        house.sums_all("again")


def test_poison_is_kept_once_and_the_sums_go_on(house):
    house.writer.poison(b"{", type_=PickupWeighed.TYPE)
    house.writer.poison(b"null", type_=PickupWeighed.TYPE)
    house.weigh(11)

    with started(*PROCESS, **house.environment("poisoned")):
        house.sums_all("poisoned")

    with connect(house.infra.mongodb_uri, name="reader") as client:
        letters = database(client, "poisoned")["dead_letters"].find(sort=[("offset", 1)])
        assert [held["code"] for held in letters] == ["contract.not_json", "contract.invalid_data"]
