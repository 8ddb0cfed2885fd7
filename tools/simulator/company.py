"""A sample recycling company: reads all public topics from the start, as docs/consume.md says.

It has no group and no database. It dedups by sequence per partition, and measures how long events
took: from being accepted (ce_recordedtime) to being on the topic (the record's timestamp).
"""

import json
import threading
from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from shared.contracts.catalogue import TOPICS
from shared.contracts.consignment import ConsignmentReceived, ConsignmentReturned, ConsignmentSealed
from shared.contracts.drive import VisitWeighed
from shared.contracts.pickup import PickupBooked, PickupWeighed
from shared.contracts.settlement import SettlementSettled
from tools.simulator.persons import names_somebody

POLL_MS = 200
RECORDS_MAX = 2000
Place = tuple[str, int]


class Company:
    """Consumes in a thread of its own until `stop`. Read the results after that, or at any time."""

    def __init__(self, bootstrap_servers: str) -> None:
        """Begin at the start of all topics that are not compacted."""
        self._bootstrap = bootstrap_servers
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="company", daemon=True)
        self.failure: BaseException | None = None
        self.last_sequence: Counter[Place] = Counter()
        self.duplicates = 0
        self.gaps: list[str] = []
        self.events: Counter[str] = Counter()
        self.records = 0
        self.named = 0
        self.booked_to_topic_s: list[float] = []
        self.weighed_to_settled_s: list[float] = []
        self._weighed_at_s: dict[str, float] = {}
        self._settled_at_s: dict[str, float] = {}
        self.volume_g: dict[str, tuple[int, int]] = {}
        self.manifest_g: Counter[str] = Counter()
        self.manifest_numbers: set[str] = set()

    def start(self) -> None:
        """Start consuming."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, and wait for the thread's end, 10 s at most."""
        self._stopping.set()
        self._thread.join(10)

    def published(self) -> dict[str, int]:
        """Return the sum of last sequences per topic: how many events are on it."""
        sums: dict[str, int] = defaultdict(int)
        for (topic, _), last in list(self.last_sequence.items()):
            sums[topic] += last
        return dict(sums)

    def volume_by_material(self) -> dict[str, int]:
        """Return grams per material of the newest rows of the compacted volume topic."""
        sums: dict[str, int] = defaultdict(int)
        for key, (_, mass_g) in list(self.volume_g.items()):
            sums[key.split("|")[1]] += mass_g
        return dict(sums)

    def manifests(self) -> dict[str, int]:
        """Return how many different numbers were sealed, and the grams of loads that ended."""
        return {**self.manifest_g, "numbers": len(self.manifest_numbers)}

    def _run(self) -> None:
        consumer = KafkaConsumer(
            bootstrap_servers=self._bootstrap, enable_auto_commit=False, group_id=None
        )
        try:
            places = [TopicPartition(t.name, p) for t in TOPICS for p in range(t.partitions)]
            consumer.assign(places)
            consumer.seek_to_beginning(*places)
            while not self._stopping.is_set():
                polled = consumer.poll(timeout_ms=POLL_MS, max_records=RECORDS_MAX)
                for records in polled.values():
                    for record in records:
                        self._take(record)
        except Exception as error:  # noqa: BLE001 - shown in the report: a company saw an error
            self.failure = error
        finally:
            consumer.close()

    def _take(self, record: Any) -> None:  # noqa: ANN401 - kafka-python is untyped
        self._look_for_names(record)
        headers = {name: value.decode() for name, value in record.headers}
        if record.topic == "recycling.volume.hourly.v1":
            self._take_volume(record)
            return
        place = (record.topic, record.partition)
        sequence = int(headers["ce_sequence"])
        if sequence <= self.last_sequence[place]:
            self.duplicates += 1
            return
        if sequence != self.last_sequence[place] + 1:
            self.gaps.append(f"{place}: {sequence} follows {self.last_sequence[place]}")
        self.last_sequence[place] = sequence
        self.events[headers["ce_type"]] += 1
        self._measure(headers, record)
        if ".consignment." in headers["ce_type"]:
            self._take_manifest(headers["ce_type"], json.loads(record.value))

    def _look_for_names(self, record: Any) -> None:  # noqa: ANN401 - as above
        """Count what names a resident: no topic may."""
        self.records += 1
        said = b"".join(value for _, value in record.headers)
        self.named += names_somebody(said + (record.key or b"") + (record.value or b""))

    def _take_volume(self, record: Any) -> None:  # noqa: ANN401 - as above
        if record.value is None:
            self.volume_g.pop(record.key.decode(), None)
            return
        row = json.loads(record.value)
        held = self.volume_g.get(record.key.decode(), (0, 0))
        if row["revision"] >= held[0]:
            self.volume_g[record.key.decode()] = (row["revision"], row["mass_g"])

    def _take_manifest(self, event_type: str, said: dict[str, Any]) -> None:
        """Sum what was decided: a load that was refused as a whole goes on, and ends later."""
        if event_type == ConsignmentSealed.TYPE:
            self.manifest_numbers.add(said["number"])
        elif event_type == ConsignmentReturned.TYPE:
            self.manifest_g["returned_g"] += said["received_g"]
        elif event_type == ConsignmentReceived.TYPE and said["outcome"] != "refused":
            self.manifest_g["accepted_g"] += said["accepted_g"]
            self.manifest_g["refused_g"] += said["refused_g"]

    def _measure(self, headers: dict[str, str], record: Any) -> None:  # noqa: ANN401 - as above
        recorded_s = datetime.fromisoformat(headers["ce_recordedtime"]).timestamp()
        if headers["ce_type"] == PickupBooked.TYPE:
            self.booked_to_topic_s.append(record.timestamp / 1000 - recorded_s)
        elif headers["ce_type"] == PickupWeighed.TYPE:
            self._pair(self._weighed_at_s, json.loads(record.value)["pickup_id"], recorded_s)
        elif headers["ce_type"] == VisitWeighed.TYPE:
            self._pair(self._weighed_at_s, json.loads(record.value)["visit_id"], recorded_s)
        elif headers["ce_type"] == SettlementSettled.TYPE:
            settled = json.loads(record.value)
            if settled["revision"] == 1:
                self._pair(self._settled_at_s, settled["pickup_id"], recorded_s)

    def _pair(self, held: dict[str, float], pickup_id: str, at_s: float) -> None:
        held[pickup_id] = at_s
        if pickup_id in self._weighed_at_s and pickup_id in self._settled_at_s:
            took_s = self._settled_at_s[pickup_id] - self._weighed_at_s[pickup_id]
            self.weighed_to_settled_s.append(took_s)
