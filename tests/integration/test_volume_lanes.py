"""A community's hour is one row: both topics are in it, each delta once, and it is told as one."""

import json

import pytest

from services.volumes.adapters.lanes import lane_of
from services.volumes.adapters.mongo_rows import MongoRows
from services.volumes.adapters.row_publisher import RowPublisher
from shared.contracts import drive, pickup

pytestmark = pytest.mark.integration

DOOR, DRIVE = lane_of(pickup.TOPIC.name, 3), lane_of(drive.TOPIC.name, 3)
KEY = ("350102001001", 1_795_600_800)  # an hour of 2026


class FakeSender:
    def __init__(self):
        self.sent = []

    def send(self, topic, **record):
        self.sent.append(json.loads(record["value"]))
        return self

    def get(self, timeout=None):
        return None

    def flush(self, timeout=None):
        return None


@pytest.fixture
def rows(fresh_database):
    made = MongoRows(fresh_database["rows_1"], fresh_database["marks_1"])
    made.prepare()
    return made


def sums(mass_g, material="cardboard"):
    return {KEY: {f"{material}|A": [mass_g, 1]}}


def published(fresh_database):
    sender = FakeSender()
    RowPublisher(fresh_database["rows_1"], sender, generation=1).publish()
    return [(each["material"], each["mass_g"], each["revision"] % 2**32) for each in sender.sent]


@pytest.mark.parametrize("first", [DOOR, DRIVE])
def test_deltas_of_both_topics_are_in_the_row_once_in_either_order(rows, fresh_database, first):
    second = DRIVE if first == DOOR else DOOR
    for _ in range(2):
        rows.add(first, 1, sums(100))
        rows.add(second, 4, sums(20))
    rows.add(first, 1, sums(100))
    rows.add(second, 5, sums(3))

    assert fresh_database["rows_1"].count_documents({}) == 1
    assert published(fresh_database) == [("cardboard", 123, 6)]
    assert published(fresh_database) == []


def test_a_row_is_told_again_with_a_higher_revision_when_either_topic_changes_it(
    rows, fresh_database
):
    revisions = []
    for lane, n in ((DOOR, 1), (DRIVE, 1), (DOOR, 2), (DRIVE, 2)):
        rows.add(lane, n, sums(10))
        revisions += published(fresh_database)

    assert [(mass_g, revision) for _, mass_g, revision in revisions] == [
        (10, 1),
        (20, 2),
        (30, 3),
        (40, 4),
    ]
