"""Nothing names an erased person: no document, no event, no log line, of any service.

The replica set's own oplog is left out: it is a rolling copy of all writes, which no erasure can
reach; how long it holds them is a setting (docs/privacy.md).
"""

import base64
import hashlib
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from kafka import KafkaConsumer, TopicPartition
from PIL import Image

from services.collection.application.photographing import check_photos
from shared.kernel.clock import ManualClock, SystemClock
from shared.kernel.ids import new_id
from tests.chaos.processes import started
from tests.integration.collection_house import COMMUNITY, free_port, house_of, is_ready
from tests.polling import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

LOTS = [{"material": "cardboard", "grade": "A", "mass_g": 4_000}]
WEIGH_IN = {
    "vehicle_id": "van-1",
    "scale_id": "scale-1",
    "gross_g": 4_500,
    "tare_g": 500,
    "weighed_at": "2026-11-26T01:30:00Z",
    "lots": LOTS,
}
OTHERS = ("pricing", "tracking", "routing")


@dataclass
class Secrets:
    """What nobody else in the world is called."""

    mark: str = field(default_factory=lambda: new_id().replace("-", "")[-12:])

    @property
    def subject(self):
        return f"subject-{self.mark}"

    @property
    def person(self):
        number = int(self.mark, 16) % 10**9
        return {
            "name": f"陈-{self.mark}",
            "phone": f"+861{number:09}",
            "email": f"{self.mark}@example.org",
        }

    @property
    def home(self):
        return {"address": f"Gulou 12-{self.mark}", "access": f"ring at {self.mark}"}

    @property
    def exif(self):
        return f"exif of {self.mark}"

    def traces(self):
        """Return the secrets in all forms in which they could be written down."""
        said = [self.mark, self.subject, self.person["phone"][1:], self.person["name"]]
        digests = [hashlib.sha256(each.encode()).hexdigest() for each in said]
        coded = [base64.b64encode(each.encode()).decode().rstrip("=")[:-1] for each in said]
        return [each.encode() for each in (*said, *digests, *coded)]


@dataclass
class World:
    """Collection and the services around it as processes, and all that they write down."""

    house: object
    kafka: str
    client: httpx.Client
    logs: Path
    begins: dict

    def documents(self):
        """Return every document of every database, as MongoDB keeps it, by collection."""
        client = self.house.wiring.client
        for name in client.list_database_names():
            if name == "local":
                continue
            for collection in client[name].list_collection_names():
                for batch in client[name][collection].find_raw_batches():
                    yield f"{name}.{collection}", batch

    def records(self):
        """Return keys, values and headers of every record since the test began."""
        consumer = KafkaConsumer(bootstrap_servers=self.kafka, enable_auto_commit=False)
        consumer.assign(list(self.begins))
        for place, offset in self.begins.items():
            consumer.seek(place, offset)
        upto = consumer.end_offsets(list(self.begins))
        while any(consumer.position(place) < upto[place] for place in upto):
            for found in consumer.poll(timeout_ms=300).values():
                for record in found:
                    headers = b"".join(name.encode() + value for name, value in record.headers)
                    yield record.topic, (record.key or b"") + (record.value or b"") + headers
        consumer.close()

    def lines(self):
        """Return what all processes said, MongoDB and Kafka too."""
        for path in self.logs.rglob("*"):
            if path.is_file():
                yield path.name, path.read_bytes()

    def places_of(self, traces):
        """Return where any of the traces is."""
        everywhere = (*self.documents(), *self.records(), *self.lines())
        return sorted({place for place, held in everywhere if any(t in held for t in traces)})


def ends(kafka):
    consumer = KafkaConsumer(bootstrap_servers=kafka)
    places = [
        TopicPartition(topic, partition)
        for topic in consumer.topics()
        for partition in consumer.partitions_for_topic(topic)
    ]
    found = consumer.end_offsets(places)
    consumer.close()
    return found


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
                *("-m", f"services.{name}", part),
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


class Life:
    """All that a resident does, each step by a key of its own so that it can be repeated."""

    def __init__(self, world, secrets):
        self.world, self.secrets = world, secrets
        self.household_id = self.pickups = None

    def say(self, path, body, *, key, role="resident", subject=None):
        subject = subject or (self.secrets.subject if role == "resident" else None)
        return self.world.house.post(
            path, body, role=role, key=key, subject=subject, call=self.world.client.request
        )

    def photo(self, pickup_id, key):
        exif = Image.Exif()
        exif[0x010E] = self.secrets.exif
        drawn = BytesIO()
        Image.new("RGB", (64, 64), "green").save(drawn, "JPEG", exif=exif)
        headers = self.world.house.headers("resident", key=key, subject=self.secrets.subject)
        headers["Content-Type"] = "image/jpeg"
        path = f"/v1/pickups/{pickup_id}/photos"
        return self.world.client.post(path, content=drawn.getvalue(), headers=headers)

    def book(self, key):
        slot = self.world.house.open_slot(capacity=2_000).json()["slot_id"]
        body = {
            "household_id": self.household_id,
            "slot_id": slot,
            "items": [{"material": "cardboard", "estimated_mass_g": 4_000}],
            "note": f"beware of {self.secrets.mark}",
        }
        return self.say("/pickups", body, key=key)

    def live(self):
        """Register, book, weigh, dispute, correct, show a card and a photo: all that there is."""
        place = {"community_code": COMMUNITY, "latitude": 26.0812, "longitude": 119.2967}
        registered = self.say(
            "/households", {**place, **self.secrets.person, **self.secrets.home}, key="register"
        )
        self.household_id = registered.json()["household_id"]
        answers = [registered, self.say("/person", self.secrets.person, key="introduce")]
        answers.append(
            self.say(f"/households/{self.household_id}/home", self.secrets.home, key="h")
        )
        answers += [booked := self.book("book-1"), self.book("book-2")]
        path = f"/pickups/{booked.json()['pickup_id']}"
        answers.append(self.photo(booked.json()["pickup_id"], "photo"))
        answers.append(self.say(f"/households/{self.household_id}/invites", {}, key="invite"))
        answers.append(self.say("/card", {"household_id": self.household_id}, key="card"))
        answers.append(self.say(f"{path}/weigh-ins", WEIGH_IN, key="weigh", role="collector"))
        answers.append(self.say(f"{path}/disputes", {"reason": "too-heavy"}, key="dispute"))
        return answers

    def read(self):
        """Read all that a resident may read."""
        who = {"subject": self.secrets.subject}
        paths = ["/person", "/person/export", "/households", "/pickups"]
        paths.append(f"/households/{self.household_id}")
        return [self.world.house.get(each, **who) for each in paths]

    def erase(self):
        return self.say("/person/erasure", {}, key="erase")

    def is_erased(self, erasure_id):
        path = f"/erasures/{erasure_id}"
        return self.world.house.get(path, role="operator").json()["state"] == "erased"

    def end(self):
        """Erase, and wait until all is done and told."""
        answer = self.erase()
        assert answer.status_code == 202
        erasure_id = answer.json()["erasure_id"]
        eventually(lambda: self.is_erased(erasure_id), within_s=60)
        self.drain()

    def drain(self):
        pickups = self.world.house.wiring.pickups.collection
        eventually(
            lambda: pickups.count_documents({"outbox.0": {"$exists": True}}) == 0, within_s=60
        )


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
        life.say(
            "/households",
            {
                "community_code": COMMUNITY,
                "latitude": 26.0812,
                "longitude": 119.2967,
                **secrets.person,
                **secrets.home,
            },
            key="register",
        ),
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
