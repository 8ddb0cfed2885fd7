"""Whom to tell of drives: the reads in memory and in MongoDB keep the same promises."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.collection.adapters.drive_announcements import announce_drive
from services.collection.adapters.mongo_drive_news import MongoDriveNews
from services.collection.domain.drive import Drive
from services.collection.domain.drive_states import DriveState
from services.collection.domain.notices import Kind
from services.collection.domain.signup import SignUp, SignUpState
from services.collection.domain.tickets import TicketState
from services.collection.domain.visit import Submission, Visit, Visitor
from services.collection.domain.visiting import TicketFacts, record
from shared.kernel.aggregate import Decision
from shared.messaging.mongo_aggregates import MongoAggregates
from tests.unit.collection.drive_builders import SITE, TERMS, lot, weighing
from tests.unit.collection.drive_fakes import Listed
from tests.unit.collection.notice_fakes import InMemoryDriveNews

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class Held:
    """Drives and sign-ups, and the reads over them."""

    def __init__(self, kind, database):
        if kind == "in memory":
            self.drives = Listed("drive", Drive, announce_drive)
            self.sign_ups = Listed("sign_up", SignUp, announce_drive)
            self.visits = Listed("visit", Visit, announce_drive)
            self.news = InMemoryDriveNews(self.drives, self.sign_ups, self.visits)
            return
        self.drives, self.sign_ups, self.visits = (
            MongoAggregates(
                database[name], kind=name, state_type=state_type, announce=announce_drive
            )
            for name, state_type in (("drives", Drive), ("sign_ups", SignUp), ("visits", Visit))
        )
        self.news = MongoDriveNews(self.drives, self.sign_ups, self.visits)
        self.news.prepare()

    def plan(self, drive_id, begin=NOW + 5 * DAY):
        drive = Drive(
            drive_id=drive_id,
            site=SITE,
            terms=TERMS,
            window_start=begin,
            window_end=begin + DAY / 8,
            state=DriveState.ANNOUNCED,
            collector_id=TERMS.collector_id,
            planned_at=NOW,
        )
        self.drives.create(drive_id, Decision(drive))

    def cancel(self, drive_id):
        self.drives.change(drive_id, lambda held: held.cancel("weather", now=NOW))

    def visit(self, ticket, household_id="home"):
        drive, ticket = self.drives.get("d-1").state, TicketFacts(ticket, TicketState.LEASED)
        weighed = replace(weighing(replace(lot(), lot_id="l-1")), vehicle_id="v", scale_id="s")
        told = Submission("phone-1", Visitor(household_id), weighed)
        visit = record(drive, ticket, told, now=NOW)
        self.visits.create(visit.state.visit_id, visit)

    def sign(self, sign_up_id, drive_id="d-1"):
        fresh = SignUp(sign_up_id, drive_id, "home", SignUpState.SIGNED, NOW, is_fresh=True)
        self.sign_ups.create(sign_up_id, Decision(fresh))


@pytest.fixture(params=["in memory", pytest.param("mongodb", marks=pytest.mark.integration)])
def held(request):
    is_real = request.param == "mongodb"
    return Held(request.param, request.getfixturevalue("fresh_database") if is_real else None)


def ids(found):
    return [each.id for each in found]


def test_a_drive_is_untold_until_each_of_its_steps_was_told(held):
    held.plan("d-1")
    held.plan("d-2")
    held.drives.change("d-1", lambda each: each.appoint("collector-9", now=NOW))
    (appointed,) = held.news.untold(limit=9)
    held.cancel("d-1")

    held.news.told(appointed)

    (cancelled,) = held.news.untold(limit=9)
    assert (appointed.untold, cancelled.untold) == ((1,), (2,))
    held.news.told(cancelled)
    assert held.news.untold(limit=9) == []
    assert set(held.news.many(["d-1", "none"])) == {"d-1"}


def test_a_drive_ahead_is_reminded_of_once_a_reminder(held):
    for number, begin in enumerate((NOW + DAY, NOW + DAY + timedelta(milliseconds=1), NOW)):
        held.plan(f"d-{number}", begin)
    held.plan("d-off", NOW + DAY)
    held.cancel("d-off")

    def due(kind=Kind.DRIVE_IN_1_DAY):
        found = held.news.to_remind(kind, after=NOW, until=NOW + DAY, limit=9)
        return [each.drive_id for each in found]

    first = due()
    held.news.reminded("d-0", Kind.DRIVE_IN_3_DAYS)
    again = due()
    held.news.reminded("d-0", Kind.DRIVE_IN_1_DAY)

    assert (first, again, due()) == (["d-0"], ["d-0"], [])


def test_the_signed_are_read_in_portions_and_the_withdrawn_are_not(held):
    for name in "abcd":
        held.sign(name)
    held.sign("e", "d-2")
    held.sign_ups.change("b", lambda each: each.withdraw(now=NOW))

    first = held.news.signed_for("d-1", after_id="", limit=2)
    rest = held.news.signed_for("d-1", after_id="c", limit=2)

    assert (ids(first), ids(rest)) == (["a", "c"], ["d"])


def test_a_sign_up_is_fresh_until_that_version_was_looked_at(held):
    held.sign("a")
    held.sign("b")
    found = held.news.fresh(limit=9)
    held.sign_ups.change("b", lambda each: Decision(replace(each, household_id="other")))

    held.news.looked_at(found)

    assert ids(found) == ["a", "b"]
    assert ids(held.news.fresh(limit=9)) == ["b"]


def test_a_visit_is_untold_until_its_marks_were_told_and_never_where_nobody_was_known(held):
    held.plan("d-1")
    held.visit(1)
    held.visit(2, household_id=None)
    found = held.news.untold_visits(limit=9)
    held.visits.change("d-1:1", lambda each: Decision(each.telling("corrected", 2)))

    held.news.visits_told(found)

    left = held.news.untold_visits(limit=9)
    assert [(each.visit_id, each.untold) for each in found] == [("d-1:1", ("weighed:1",))]
    assert [each.untold for each in left] == [("corrected:2",)]
    held.news.visits_told(left)
    assert held.news.untold_visits(limit=9) == []
