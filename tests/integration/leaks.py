"""What to look for, where to look for it, and a life that leaves it everywhere."""

import base64
import hashlib
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import httpx
from kafka import KafkaConsumer, TopicPartition
from PIL import Image

from shared.kernel.ids import new_id
from tests.integration.collection_house import COMMUNITY
from tests.polling import eventually

LOTS = [{"material": "cardboard", "grade": "A", "mass_g": 4_000}]
WEIGH_IN = {
    "vehicle_id": "van-1",
    "scale_id": "scale-1",
    "gross_g": 4_500,
    "tare_g": 500,
    "weighed_at": "2026-11-26T01:30:00Z",
    "lots": LOTS,
}


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

    def register(self):
        place = {"community_code": COMMUNITY, "latitude": 26.0812, "longitude": 119.2967}
        body = {**place, **self.secrets.person, **self.secrets.home}
        return self.say("/households", body, key="register")

    def live(self):
        """Register, book, weigh, dispute, correct, show a card and a photo: all that there is."""
        registered = self.register()
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
