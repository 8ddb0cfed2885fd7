"""Visits of a drive whose book of tickets is full: recorded and flagged, up to another bound."""

from datetime import timedelta

import pytest

from services.collection.domain.drive_states import DriveState
from services.collection.domain.tickets import (
    LEASES_MAX,
    TICKETS_MAX,
    VISITS_MAX,
    TicketBook,
    TicketLease,
)
from shared.kernel.errors import Conflict
from tests.unit.collection.drive_builders import END, NOW, DriveHouse, lot, weighing

ONE = TicketLease("lease", "device-1", 1, NOW, END, first=1)


@pytest.fixture
def house():
    held = DriveHouse()
    held.open()
    return held


def flags(stored):
    return set(stored.state.weighing.flags)


def test_a_full_book_refuses_nobody_at_the_scale(house):
    full = TicketBook("drive-1", 2, leases=(ONE,) * LEASES_MAX)
    house.tickets._books["drive-1"] = full
    asked, now = house.asked(201), weighing(lot(700))

    first, again = (house.tell(told=now, draw_id="d-1", request=asked) for _ in range(2))
    later = house.tell(told=now, draw_id="d-1")
    second = house.tell(lot(300), draw_id="d-2")

    assert first.answer == again.answer
    assert first.id == later.id != second.id
    assert flags(first) == flags(second) == {"visit.beyond_tickets"}
    with pytest.raises(Conflict):
        house.lease(1)
    house.close()
    house.clock.instant = END + timedelta(hours=13)
    house.work()
    assert (house.drive().state, house.drive().totals.mass_g) == (DriveState.CLOSED, 1_000)


def test_a_drive_has_only_so_many_visits_beyond_its_book(house):
    house.tickets._books["drive-1"] = TicketBook("drive-1", TICKETS_MAX + 1)
    first = house.tell(lot(700), draw_id="d-1")
    house.search.visits_before = VISITS_MAX - 2
    house.tell(lot(800), draw_id="d-0")

    with pytest.raises(Conflict) as refused:
        house.tell(lot(300), draw_id="d-2")

    assert refused.value.code == "drive.no_tickets"
    assert house.tell(lot(700), draw_id="d-1").id == first.id
