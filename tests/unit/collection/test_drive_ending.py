"""The end of a drive: whatever comes in between, the totals are the lots, each revision once."""

import json
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collection.application import reviewing_visits
from services.collection.application.drive_desk import Crew
from services.collection.application.drive_ending import finish, revise
from services.collection.domain.drive_states import ENDED, DriveState
from shared.kernel.errors import Conflict
from tests.unit.collection.builders import Crash
from tests.unit.collection.drive_builders import CITY, END, NAMED, DriveHouse, lot

LABELS = [
    "drive.close.decided",
    "drive.finish.sealed",
    "drive.totals.decided",
    "drive.totals.marked",
]
VISIT_LABELS = ["visit.write.before", "visit.write.after"]


def opened():
    house = DriveHouse()
    house.open()
    return house


def told_totals(house):
    """(revision, grams) of each event that tells totals, in order."""
    told = [each for each in house.drives.announced if b'"totals"' in each.value]
    held = [json.loads(each.value) for each in told]
    return [(each["revision"], each["totals"]["mass_g"]) for each in held]


def is_settled(house):
    drive = house.drive()
    lots_g = sum(x.mass_g for visit in house.visits.states() for x in visit.weighing.lots)
    uncounted = [visit.ticket for visit in house.visits.states() if visit.is_uncounted]
    return drive.totals.mass_g == lots_g and not uncounted


def test_a_visit_that_comes_while_it_closes_makes_the_second_revision():
    house = opened()
    house.tell(lot(1_000))

    def die_after_writing():
        house.crash_at = "visit.write.after"
        with pytest.raises(Crash):
            house.tell(lot(70))

    house.search.after_read = die_after_writing
    house.close()
    closed = told_totals(house)
    house.work()

    assert closed[0] == (1, 1_000)
    assert told_totals(house) == [(1, 1_000), (2, 1_070)]
    assert is_settled(house)


def test_an_older_count_never_replaces_a_newer_one():
    house = opened()
    house.close()
    house.tell(lot(100))

    def meanwhile():
        house.tell(lot(20))
        house.tell(lot(3))

    house.search.after_read = meanwhile
    revise("drive-1", desk=house.desk)
    house.work()

    assert house.drive().totals.mass_g == 123
    assert [revision for revision, _ in told_totals(house)] == [1, 2, 3, 4]
    assert is_settled(house)


def test_two_workers_that_close_at_once_close_it_once():
    house = opened()
    house.tell(lot(500))
    house.drives.change("drive-1", lambda d: d.close(by="collector", now=END))
    house.search.after_read = lambda: finish("drive-1", desk=house.desk)
    finish("drive-1", desk=house.desk)

    assert told_totals(house) == [(1, 500)]
    assert is_settled(house)


def test_an_abort_meanwhile_wins_and_keeps_all_visits():
    house = opened()
    house.tell(lot(500))
    house.drives.change("drive-1", lambda d: d.close(by="collector", now=END))

    def abort():
        counted = house.search.visits_of("drive-1")
        totals = house.drive().totals.__class__(visits=len(counted), mass_g=500, told=1)
        house.drives.change("drive-1", lambda d: d.abort("storm", totals, now=END))

    house.search.after_read = abort
    finish("drive-1", desk=house.desk)
    house.tell(lot(40))

    assert house.drive().state is DriveState.ABORTED
    assert told_totals(house) == [(1, 500), (2, 540)]
    assert is_settled(house)


@pytest.mark.parametrize("label", LABELS)
def test_a_crash_while_it_closes_is_healed_by_the_worker(label):
    house = opened()
    house.tell(lot(800))
    house.crash_at = label
    with pytest.raises(Crash):
        house.close()
    house.tell(lot(90))
    house.work()

    assert house.drive().state is DriveState.CLOSED
    revisions = [revision for revision, _ in told_totals(house)]
    assert revisions == list(range(1, len(revisions) + 1))
    assert house.drive().totals.mass_g == 890
    assert is_settled(house)


@pytest.mark.parametrize("label", [*VISIT_LABELS, "drive.totals.decided", "drive.totals.marked"])
def test_a_crash_after_a_late_visit_makes_its_revision_once(label):
    house = opened()
    house.close()
    request = house.asked(201)
    house.crash_at = label
    with pytest.raises(Crash):
        house.tell(lot(90), draw_id="draw", request=request)
    house.work()
    house.tell(lot(90), draw_id="draw", request=request)
    house.work()

    assert told_totals(house) == [(1, 0), (2, 90)]
    assert is_settled(house)


OPERATIONS = st.one_of(
    st.tuples(st.just("tell"), st.integers(1, 900)),
    st.tuples(st.just("second"), st.integers(1, 9)),
    st.tuples(st.just("correct"), st.integers(1, 900)),
    st.tuples(st.just("close"), st.none()),
    st.tuples(st.just("work"), st.none()),
    st.tuples(st.just("later"), st.integers(1, 16)),
    st.tuples(st.just("between"), st.integers(1, 900)),
    st.tuples(st.just("crash"), st.sampled_from([*LABELS, *VISIT_LABELS])),
)


class Schedule:
    """Acts on a drive in any order, with crashes and with visits that come in between."""

    def __init__(self):
        self.house = opened()
        self.told = 0

    def tell(self, mass_g):
        self.told += 1
        self.house.tell(lot(mass_g))

    def second(self, mass_g):
        with suppress(Conflict):
            self.house.tell(lot(mass_g), ticket=1, device="device-2")

    def correct(self, mass_g):
        if not self.house.visits.states():
            return
        visit = self.house.visits.states()[0]
        lots = (lot(mass_g),)
        named = tuple(x.__class__("drive-1:again", x.material, "A", x.mass_g) for x in lots)
        revision = visit.weighing.revision
        cmd = reviewing_visits.ProposeCorrection(
            "drive-1", visit.ticket, revision, named, "misread"
        )
        crew = Crew(NAMED, is_staff=False)
        desk = self.house.desk
        reviewing_visits.propose_correction(cmd, crew=crew, desk=desk, request=self.house.asked())
        approve = reviewing_visits.Approve("drive-1", visit.ticket, revision, "operator-2")
        with suppress(Conflict):  # corrected ten times
            reviewing_visits.approve_correction(approve, desk=desk, request=self.house.asked())

    def close(self, _):
        with suppress(Conflict):
            self.house.close(crew=CITY)

    def work(self, _):
        self.house.work()

    def later(self, hours):
        self.house.clock.advance(timedelta(hours=hours))

    def between(self, mass_g):
        self.house.search.after_read = lambda: self.tell(mass_g)

    def crash(self, label):
        self.house.crash_at = label


@given(st.lists(OPERATIONS, max_size=14))
def test_in_every_order_the_totals_are_the_lots_and_each_revision_is_told_once(operations):
    schedule = Schedule()
    for name, argument in operations:
        with suppress(Crash):
            getattr(schedule, name)(argument)
    house = schedule.house
    house.crash_at = house.search.after_read = None
    schedule.close(None)
    house.clock.advance(timedelta(days=2))
    house.work()
    house.work()

    revisions = [revision for revision, _ in told_totals(house)]
    assert house.drive().state in ENDED
    assert revisions == list(range(1, house.drive().revision + 1))
    assert house.events().count("closed") == 1
    assert is_settled(house)
