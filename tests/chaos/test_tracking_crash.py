"""Tracking's worker dies between documents, topics and ledger: no gram, no crate counts twice."""

from functools import partial

import pytest
from kafka import KafkaProducer

from services.tracking.domain import container_sealing as sealing
from services.tracking.domain.container import SYSTEM
from shared.contracts.codec import encode, wire_headers
from tests.chaos.processes import KILLED
from tests.integration.tracking_house import house_of
from tests.polling import eventually
from tests.unit.tracking.builders import FACILITY, LATER, LEAD, history, lot, unloading

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]

ROUND = 8
LABELS = [
    *(f"outbox.write.{side}:{nth}" for side in ("before", "after") for nth in (1, 5)),
    *(f"reaction.{step}.{side}:1" for step in ("effect", "cursor") for side in ("before", "after")),
    *(f"relay.{step}.after:1" for step in ("name", "send", "clear")),
]


class Street:
    """Writes the events of pickups and vehicles as their services' relays do."""

    def __init__(self, bootstrap):
        self._producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
        self._sequences = {}

    def tell(self, *payloads):
        for payload in payloads:
            made = encode(payload, key="k", subject="s", time=LATER, source="greenloop/test")
            place = (made.topic, made.partition)
            self._sequences[place] = self._sequences.get(place, 0) + 1
            headers = wire_headers(made.headers, sequence=self._sequences[place])
            self._producer.send(
                made.topic, key=b"k", value=made.value, headers=headers, partition=made.partition
            ).get(timeout=10)


def weighings(number):
    """A round of pickups: fitting, stray and corrected lots, and their unloading."""
    ids = [f"pickup-{number}-{n}" for n in range(ROUND)]
    events = []
    for n, pickup_id in enumerate(ids):
        tag = "GL-LOST" if n % 4 == 0 else "GL-1"
        first = (lot("lot-1", 100 + n, material=LEAD, tag=tag), lot("lot-2", 50))
        after = (lot("lot-1", 90 + n, material=LEAD, tag=tag), lot("lot-2", 50))
        events += history(first, after, pickup_id=pickup_id)[: 2 if n % 3 == 0 else 1]
    return [*events, unloading(*ids, unloading_id=f"unloading-{number}")]


def expected_g(rounds):
    """The grams of batteries, fitting and stray, by the last word of each pickup."""
    fitting = stray = 0
    for n in range(ROUND):
        mass_g = (90 if n % 3 == 0 else 100) + n
        fitting, stray = (fitting, stray + mass_g) if n % 4 == 0 else (fitting + mass_g, stray)
    return fitting * rounds, stray * rounds


def test_a_worker_that_dies_at_each_step_counts_each_gram_once(own_infra, tmp_path):
    street = Street(own_infra.kafka_bootstrap)
    with house_of(own_infra.mongodb_uri, tmp_path) as house:
        house.register(limit_g=1_000_000)
        environment = {"kafka": own_infra.kafka_bootstrap, "instance": "tracking-worker-0"}
        for number, label in enumerate(LABELS):
            street.tell(*weighings(number))
            crates = {"crate_type": "crate-60l", "grade": "A", "pieces": 1 + number}
            body = {"happened_at": LATER.isoformat(), "lines": [crates]}
            house.post("/v1/parties/party-1/crate-issues", body)
            with house.working(**environment, crash_at=label) as worker:
                assert worker.wait(timeout=90) == KILLED, label
        with house.working(**environment):
            fitting_g, stray_g = expected_g(len(LABELS))
            eventually(lambda: house.facts()["journals"] == len(LABELS) * ROUND, within_s=120)
            eventually(
                lambda: house.facts()["tasks_hold_g"] == {LEAD: stray_g} and house.books_agree(),
                within_s=120,
            )
            seal = partial(sealing.seal, weighing=sealing.Weighing(4_000 + fitting_g - 7, "s"))
            house.wiring.containers.change("GL-1", partial(seal, at=LATER, by=SYSTEM))
            eventually(lambda: house.balances_g("difference/"), within_s=60)
            pieces = {"crate-60l": sum(1 + number for number in range(len(LABELS)))}
            eventually(lambda: house.facts()["crates_held_in_ledger"] == pieces, within_s=60)

        assert house.facts()["crates_held"] == pieces
        assert house.balances_g("difference/") == {("difference/GL-1", LEAD): 7}
        assert house.container().content_g == fitting_g - 7
        assert house.container().holder == f"place/{FACILITY}"
        assert house.facts()["quarantined_lots"] == len(LABELS) * ROUND // 4
        assert house.books_agree()
        assert house.wiring.db["dead_letters"].count_documents({}) == 0
