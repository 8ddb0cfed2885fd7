"""Holding a drive: who may open it, the stand-in, the end by time, and what is refused."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.collection.application import drives
from services.collection.application.drive_desk import Crew
from services.collection.domain.drive import check_terms, check_window
from services.collection.domain.drive_states import DriveState
from services.collection.domain.visiting import visit_id_of
from shared.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests.unit.collection.drive_builders import (
    BEGIN,
    CITY,
    END,
    NAMED,
    OTHER,
    STAND_IN,
    TERMS,
    DriveHouse,
    lot,
)

MINUTE = timedelta(minutes=1)


def test_only_the_named_collector_opens_it():
    house = DriveHouse(stand_in_id=STAND_IN)

    for other in (OTHER, STAND_IN):
        with pytest.raises(Forbidden) as refused:
            house.open(other)
        assert refused.value.code == "drive.not_named"
    assert house.open().state.state is DriveState.OPEN


def test_the_city_opens_it_for_the_named_collector():
    house = DriveHouse()

    opened = house.open(CITY).state

    assert (opened.state, opened.collector_id) == (DriveState.OPEN, NAMED)


@pytest.mark.parametrize("at", [BEGIN - timedelta(hours=2, minutes=1), END])
def test_it_is_opened_about_its_own_time(at):
    with pytest.raises(Conflict) as refused:
        DriveHouse().open(at=at)

    assert refused.value.code == "drive.not_its_time"


def test_a_phone_whose_clock_is_ahead_opens_it_now_and_never_days_before():
    house = DriveHouse(after=timedelta(days=3))
    crew, request = Crew(NAMED, is_staff=False), house.asked()
    at = house.drive().window_start
    with pytest.raises(Conflict) as refused:
        drives.open_drive("drive-1", crew, at=at, desk=house.desk, request=request)
    house.clock.instant = at - MINUTE

    opened = drives.open_drive("drive-1", crew, at=at, desk=house.desk, request=request)

    assert refused.value.code == "drive.not_its_time"
    assert opened.state.opened_at == at - MINUTE


def test_it_is_announced_a_week_before():
    house = DriveHouse(after=timedelta(days=7, hours=3))
    house.work()
    early = house.drive().state
    house.clock.advance(timedelta(hours=5))
    house.work()

    assert (early, house.drive().state) == (DriveState.PLANNED, DriveState.ANNOUNCED)
    assert house.events() == ["announced"]


def test_an_unopened_drive_goes_to_the_stand_in_and_is_then_missed():
    house = DriveHouse(stand_in_id=STAND_IN)
    states = []
    for wait in (30 * MINUTE - MINUTE, MINUTE, 29 * MINUTE, MINUTE):
        house.clock.instant = max(house.clock.instant, BEGIN)
        house.clock.advance(wait)
        house.work()
        states.append((house.drive().state.value, house.drive().collector_id))

    assert states == [
        ("announced", NAMED),
        ("announced", STAND_IN),
        ("announced", STAND_IN),
        ("missed", STAND_IN),
    ]
    assert house.events() == ["announced", "reassigned", "missed"]


def test_without_a_stand_in_it_is_missed_at_once():
    house = DriveHouse()
    house.clock.instant = BEGIN + 30 * MINUTE
    house.work()

    assert house.drive().state is DriveState.MISSED


@pytest.mark.parametrize("who", [STAND_IN, NAMED])
def test_the_stand_in_and_the_late_named_collector_may_open_it(who):
    house = DriveHouse(stand_in_id=STAND_IN)
    house.clock.instant = BEGIN + 31 * MINUTE
    house.work()

    opened = house.open(who, at=house.clock.now()).state

    assert (opened.state, opened.collector_id) == (DriveState.OPEN, who)


def test_an_opening_that_is_told_late_beats_the_guess_that_nobody_came():
    house = DriveHouse()
    house.clock.instant = BEGIN + 2 * timedelta(hours=1)
    house.work()
    missed = house.drive().state

    house.open(at=BEGIN + MINUTE)

    assert (missed, house.drive().state) == (DriveState.MISSED, DriveState.OPEN)
    assert house.drive().opened_at == BEGIN + MINUTE


def test_an_appointed_collector_has_the_full_time():
    house = DriveHouse(stand_in_id=STAND_IN)
    house.clock.instant = BEGIN + 31 * MINUTE
    house.work()

    drives.appoint_collector("drive-1", OTHER, desk=house.desk, request=house.asked())
    in_charge = []
    for minutes in (31, 60, 61):
        house.clock.instant = BEGIN + minutes * MINUTE
        house.work()
        in_charge.append(house.drive().collector_id)

    assert in_charge == [OTHER, OTHER, STAND_IN]
    assert house.open(OTHER, at=house.clock.now()).state.state is DriveState.OPEN


def test_a_stand_in_who_was_appointed_is_not_called_to_stand_in_for_the_own_drive():
    house = DriveHouse(stand_in_id=STAND_IN)
    drives.appoint_collector("drive-1", STAND_IN, desk=house.desk, request=house.asked())

    house.clock.instant = BEGIN + 30 * MINUTE
    house.work()

    assert house.drive().state is DriveState.MISSED
    assert house.events() == ["reassigned", "announced", "missed"]


def test_an_open_drive_is_closed_two_hours_after_its_end():
    house = DriveHouse()
    house.open()
    house.tell(lot(1_000))
    house.clock.instant = END + timedelta(hours=2)
    house.work()

    assert house.drive().state is DriveState.CLOSED
    assert house.events() == ["opened", "closed"]


def test_it_is_called_off_with_a_notice_and_never_while_it_is_open():
    house = DriveHouse()
    drives.cancel_drive("drive-1", "weather", desk=house.desk, request=house.asked())

    assert house.events() == ["cancelled"]
    assert b'"notice_s":3600' in house.drives.announced[0].value
    with pytest.raises(Conflict):
        house.open()
    house.plan("drive-2")
    house.open(drive_id="drive-2")
    with pytest.raises(Conflict):
        drives.cancel_drive("drive-2", "weather", desk=house.desk, request=house.asked())


def test_an_abort_keeps_what_was_collected_and_waits_for_no_ticket():
    house = DriveHouse()
    house.open()
    tickets = house.lease(3)
    house.tell(lot(1_000), ticket=tickets[0])

    crew = Crew(NAMED, is_staff=False)
    drives.abort_drive("drive-1", "storm", crew=crew, desk=house.desk, request=house.asked())
    house.tell(lot(500), ticket=tickets[1])

    drive = house.drive()
    assert (drive.state, drive.revision, drive.totals.mass_g) == (DriveState.ABORTED, 2, 1_500)
    assert house.events() == ["opened", "aborted", "totals-revised"]


def test_another_collector_neither_closes_nor_aborts_it():
    house = DriveHouse()
    house.open()

    with pytest.raises(Forbidden):
        house.close(crew=Crew(OTHER, is_staff=False))
    assert house.drive().state is DriveState.OPEN


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"materials": ()}, "drive.materials"),
        ({"materials": ("glass",) * 41}, "drive.materials"),
        ({"capacity": 0}, "drive.capacity"),
        ({"stand_in_id": NAMED}, "drive.stand_in"),
        ({"expected_households": -1}, "drive.expected"),
    ],
)
def test_refuses_terms_that_cannot_be(change, code):
    with pytest.raises(Invalid) as refused:
        check_terms(replace(TERMS, **change))

    assert refused.value.code == code


@pytest.mark.parametrize("lasts", [timedelta(), -MINUTE, timedelta(hours=25)])
def test_refuses_a_window_that_cannot_be(lasts):
    with pytest.raises(Invalid):
        check_window(BEGIN, BEGIN + lasts)


def test_a_drive_is_at_a_known_site_and_in_a_known_campaign():
    house = DriveHouse()

    with pytest.raises(NotFound) as refused:
        house.plan("drive-2", campaign_id="no-campaign")

    assert refused.value.code == "campaign.not_found"


def test_a_visit_of_a_missed_drive_counts_once_it_is_opened_late():
    house = DriveHouse()
    house.clock.instant = BEGIN + timedelta(hours=1)
    house.work()
    house.tell(lot(400))
    told_of_missed = house.drive()
    house.open(at=BEGIN + MINUTE)
    house.tell(lot(600))
    house.close()

    drive = house.drive()
    assert (told_of_missed.revision, told_of_missed.totals.mass_g) == (1, 400)
    assert (drive.state, drive.revision, drive.totals.mass_g) == (DriveState.CLOSED, 2, 1_000)
    flags = house.visits.get(visit_id_of("drive-1", 1)).state.weighing.flags
    assert "visit.drive_missed" in flags
