"""What is told of a container is keyed by it, what is told of a manifest by that: each in order."""

from tests.unit.tracking.builders import event_of
from tests.unit.tracking.depot import Depot


def test_events_are_keyed_by_container_and_by_manifest():
    depot = Depot()
    depot.arrived()
    depot.receive("c-1", "box-2")
    depot.heal()

    manifests = [(each.key, event_of(each).data) for each in depot.consignments.announced]
    boxes = [(each.key, event_of(each).data) for each in depot.containers.containers.announced]

    assert {key for key, _ in manifests} == {"c-1", depot.held().receptions[-1].child_id}
    assert all(key == data.consignment_id for key, data in manifests)
    assert {key for key, _ in boxes} == {"box-1", "box-2", "box-3"}
    assert all(key == data.container_id for key, data in boxes)
