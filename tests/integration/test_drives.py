"""Drives over HTTP and real MongoDB: opened, visited, closed, and told late."""

from datetime import timedelta
from time import monotonic

import pytest

from tests.integration.drives_house import NAMED, STAND_IN, drive_house_of, lot

pytestmark = pytest.mark.integration


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with drive_house_of(mongodb_uri, tmp_path) as held:
        yield held


def test_a_drive_is_opened_visited_and_closed_with_its_totals(house):
    drive_id = house.opened()
    begun_s = monotonic()
    first = house.visit(drive_id, lot(mass_g=3_000), lot("cardboard", 1_200))
    second = house.visit(drive_id, lot(mass_g=500))
    worked_s = monotonic() - begun_s

    house.act(drive_id, "closing")

    assert (first.status_code, second.status_code) == (201, 201)
    assert [first.json()["ticket"], second.json()["ticket"]] == [1, 2]
    assert worked_s < 5  # a visitor's whole weigh-in is one request
    assert house.state(drive_id).state == "closed"
    totals = house.totals(drive_id)
    assert (totals["revision"], totals["visits"], totals["mass_g"]) == (1, 2, 4_700)
    assert house.announced("drives", drive_id) == ["opened", "closed"]
    assert house.announced("visits", first.json()["visit_id"]) == ["visit-weighed"]


def test_a_visit_that_is_told_after_the_end_makes_the_next_revision(house):
    drive_id = house.opened()
    tickets = house.lease(drive_id, 2)
    house.visit(drive_id, ticket=tickets[0])
    house.act(drive_id, "closing")
    waiting = house.state(drive_id)
    house.clock.advance(timedelta(hours=20))
    house.work()
    closed = house.state(drive_id)

    late = house.visit(drive_id, lot(mass_g=700), ticket=tickets[1])

    assert (waiting.state, waiting.revision) == ("closing", 0)
    assert (closed.state, closed.revision, closed.totals.mass_g) == ("closed", 1, 3_000)
    assert late.status_code == 201
    assert "visit.ticket_expired" in late.json()["weighing"]["flags"]
    revised = house.state(drive_id)
    assert (revised.state, revised.revision, revised.totals.mass_g) == ("closed", 2, 3_700)
    house.work()
    assert house.state(drive_id) == revised
    assert house.announced("drives", drive_id)[-1] == "totals-revised"


def test_the_stand_in_takes_over_and_then_it_is_missed(house):
    drive_id = house.plan(stand_in_id=STAND_IN)
    house.clock.instant = house.begin + timedelta(minutes=29)
    house.work()
    early = house.state(drive_id)
    house.clock.advance(timedelta(minutes=2))
    house.work()
    called = house.state(drive_id)
    house.clock.advance(timedelta(minutes=31))
    house.work()

    assert (early.collector_id, called.collector_id) == (NAMED, STAND_IN)
    assert house.state(drive_id).state == "missed"
    assert house.announced("drives", drive_id) == ["announced", "reassigned", "missed"]
