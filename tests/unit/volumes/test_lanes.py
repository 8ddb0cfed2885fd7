"""Lanes: a drive's lots are counted as a pickup's, each topic's types on its own topic."""

import pytest

from services.volumes.adapters.lanes import SOURCES, lane_of, source_of
from services.volumes.adapters.wire import count, lots_total
from services.volumes.application.intake import PartitionIntake
from services.volumes.domain.delta import Position
from services.volumes.domain.sums import hour_of_instant
from shared.contracts import drive, pickup
from shared.kernel.errors import Invalid
from tests.unit.volumes.records import AT, COMMUNITY, lot, raw, weighed

ROW = (COMMUNITY, hour_of_instant(AT))
DRIVE_LANE = lane_of(drive.TOPIC.name, 0)


def visit(offset, *masses_g):
    lots = [lot(m) for m in masses_g]
    body = {"community_code": COMMUNITY, "weighed_at": AT, "lots": lots}
    return raw(offset, drive.VisitWeighed.TYPE, body)


def corrected(offset, before, after):
    body = {
        "community_code": COMMUNITY,
        "weighed_at": AT,
        "lots_before": [lot(before)],
        "lots_after": [lot(after)],
    }
    return raw(offset, drive.VisitCorrected.TYPE, body)


def test_each_partition_of_each_topic_has_a_lane_of_its_own():
    places = [(s.topic.name, p) for s in SOURCES for p in range(s.topic.partitions)]
    lanes = [lane_of(topic, partition) for topic, partition in places]

    assert lanes == list(range(len(places)))
    found = [source_of(lane) for lane in lanes]
    assert [(source.topic.name, partition) for source, partition in found] == places
    assert lane_of(pickup.TOPIC.name, 5) == 5  # the lanes that are in logs of old


def test_visits_and_their_corrections_are_counted():
    intake = PartitionIntake(DRIVE_LANE, Position())

    for record in (visit(0, 1_200, 300), corrected(1, 300, 250)):
        count(record, intake)

    assert intake.sums == {ROW: {"cardboard|A": [1_450, 2]}}
    assert [each[2] for each in lots_total(visit(0, 7).headers, visit(0, 7).value)] == [7]
    told = corrected(1, 300, 250)
    assert [each[2] for each in lots_total(told.headers, told.value)] == [-50]


def test_a_drives_life_and_totals_count_for_nothing():
    intake = PartitionIntake(DRIVE_LANE, Position())
    totals = {"lines": [{"material": "cardboard", "grade": "A", "mass_g": 9, "lots": 1}]}

    count(raw(0, drive.DriveClosed.TYPE, {"totals": totals}), intake)

    assert intake.sums == {}
    assert intake.last_sequence == 1


@pytest.mark.parametrize(
    ("lane", "record"), [(0, visit(0, 5)), (DRIVE_LANE, weighed(0, 5))], ids=["pickup", "drive"]
)
def test_a_type_belongs_on_its_own_topic(lane, record):
    with pytest.raises(Invalid) as refused:
        count(record, PartitionIntake(lane, Position()))
    assert refused.value.code == "contract.unknown_type"
