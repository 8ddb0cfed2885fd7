"""Tracking's worker over its own Kafka, killed while it tells the registry or makes a child."""

import pytest

from tests.chaos.processes import KILLED
from tests.integration.consignment_house import house_of
from tests.polling import eventually

pytestmark = [pytest.mark.integration, pytest.mark.chaos]

TAGS = ("crate-0", "crate-1", "crate-2")
DEATHS = (
    "registry.declare.after:1",
    "reaction.effect.before:1",
    "reaction.cursor.before:1",
    "consignment.errand.after:1",
)


@pytest.fixture
def house(own_infra, tmp_path):
    with house_of(own_infra.mongodb_uri, tmp_path) as held:
        yield held.registry().boxes(*TAGS)


@pytest.mark.timeout(400)
def test_a_worker_that_dies_at_every_step_makes_one_child_and_tells_each_manifest(house, own_infra):
    consignment_id = house.arrived(*TAGS[:2])
    told = house.receive(consignment_id, TAGS[1]).json()["receptions"][0]
    waiting = house.draft(TAGS[2])
    number = house.seal(waiting)["number"]

    for label in DEATHS:
        with house.working(kafka=own_infra.kafka_bootstrap, crash_at=label) as process:
            assert process.wait(timeout=60) == KILLED, label
    with house.working(kafka=own_infra.kafka_bootstrap):
        eventually(lambda: house.holders().get(TAGS[1]) == told["child_id"], within_s=90)
        eventually(lambda: all(registered(house, n) for n in (told["child_number"], number)))
        eventually(lambda: house.state(told["child_id"]).errands == (), within_s=30)

    children = list(house.wiring.db["consignments"].find({"state.parent": {"$ne": None}}))
    assert [each["_id"] for each in children] == [told["child_id"]]
    assert house.holders() == {TAGS[1]: told["child_id"], TAGS[2]: waiting}
    assert house.wiring.db["sandbox_registry"].count_documents({}) == 3
    assert all(house.wiring.invariants().values())


def registered(house, number):
    found = house.wiring.db["consignments"].find_one({"state.number": number})
    return found and found["state"]["registration"]["registered_at"]
