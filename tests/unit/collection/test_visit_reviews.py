"""After the scale at a drive: two persons correct, a household disputes, staff review."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.collection.application import reviewing_visits
from services.collection.application.drive_desk import Crew
from services.collection.application.visiting import Identity
from services.collection.domain.visit import DISPUTED
from shared.kernel.clock import legal_day
from shared.kernel.errors import Conflict, Forbidden, NotFound, Stale
from tests.unit.collection.drive_builders import BEGIN, CITY, NAMED, DriveHouse, lot

CREW = Crew(NAMED, is_staff=False)


@pytest.fixture
def house():
    held = DriveHouse()
    held.open()
    return held


def flags(stored):
    return set(stored.state.weighing.flags)


def correct(house, *lots, supersedes=1, author=CREW):
    named = tuple(replace(each, lot_id="drive-1:1:2:1") for each in lots)
    cmd = reviewing_visits.ProposeCorrection("drive-1", 1, supersedes, named, "misread")
    return reviewing_visits.propose_correction(
        cmd, crew=author, desk=house.desk, request=house.asked()
    )


def approve(house, *, supersedes=1, approver="operator-2", seen=None):
    cmd = reviewing_visits.Approve("drive-1", 1, supersedes, approver, seen)
    return reviewing_visits.approve_correction(cmd, desk=house.desk, request=house.asked())


def test_two_persons_correct_and_the_totals_follow(house):
    house.tell(lot(1_000))
    house.close()
    correct(house, lot(900))
    before = house.drive()

    with pytest.raises(Forbidden):
        approve(house, approver=NAMED)
    corrected = approve(house).state

    assert (before.revision, before.totals.mass_g) == (1, 1_000)
    assert (house.drive().revision, house.drive().totals.mass_g) == (2, 900)
    assert (corrected.weighing.revision, corrected.superseded[0].lots[0].mass_g) == (2, 1_000)
    assert house.events(house.visits) == ["visit-weighed", "visit-corrected"]
    with pytest.raises(Stale):
        correct(house, lot(1), supersedes=1)
    with pytest.raises(NotFound):
        approve(house, supersedes=2)


def test_a_correction_of_an_open_drive_is_in_its_first_totals(house):
    house.tell(lot(1_000))
    correct(house, lot(800), author=CITY)
    approve(house)
    house.close()

    assert (house.drive().revision, house.drive().totals.mass_g) == (1, 800)


def dispute(house, caller="resident-1"):
    cmd = reviewing_visits.Dispute("drive-1", 1, "too-little", caller, is_staff=False)
    return reviewing_visits.dispute_visit(cmd, desk=house.desk, request=house.asked())


def test_an_approval_of_what_was_seen_is_not_one_of_what_came_after_it(house):
    told = house.tell(lot(1_000)).state
    seen = correct(house, lot(900)).state.proposal.proposed_at
    house.clock.advance(timedelta(days=3))
    later = correct(house, lot(1)).state.proposal.proposed_at

    with pytest.raises(Stale):
        approve(house, seen=seen)
    assert approve(house, seen=later).state.weighing.lots[0].mass_g == 1
    weighed = told.weighing.weighed_at
    assert reviewing_visits.weighed_day("drive-1", 1, desk=house.desk) == legal_day(weighed)


def test_a_household_disputes_its_own_visit_within_a_day(house):
    house.household()
    house.cards.holders["card"] = "household-1"
    house.tell(identity=Identity(card="card"))

    with pytest.raises(NotFound):
        dispute(house, caller="resident-2")
    disputed = dispute(house).state
    resolve = reviewing_visits.Resolve("drive-1", 1, DISPUTED, "scale-was-right")
    resolved = reviewing_visits.resolve_review(resolve, desk=house.desk, request=house.asked())
    house.clock.advance(timedelta(hours=24))

    assert [review.code for review in disputed.reviews] == [DISPUTED]
    assert resolved.state.reviews[0].resolution == "scale-was-right"
    with pytest.raises(Conflict) as refused:
        dispute(house)
    assert refused.value.code == "visit.too_late"


def test_what_was_said_of_the_visit_outlives_its_correction(house):
    house.tell(lot(300, "glass"), at=BEGIN)
    correct(house, lot(200, "glass"))

    corrected = approve(house)

    assert "visit.off_target" in flags(corrected)
    assert "weighing.net_differs" in flags(corrected)
