"""A household is told of its visit as a pickup's is: weighed, and how a dispute ended."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.collection.application import reviewing_visits
from services.collection.application.drive_desk import Crew
from services.collection.application.signing_up import sign_up_id_of
from services.collection.domain.intents import Progress
from services.collection.domain.preferences import EMAIL
from services.collection.domain.visit import DISPUTED
from shared.kernel.errors import Unavailable
from tests.unit.collection.builders import Crash
from tests.unit.collection.drive_builders import BEGIN, Identity, lot
from tests.unit.collection.drive_notice_house import AHEAD, HOUR, Held

AT = BEGIN + AHEAD
WEIGHED, UPHELD = "visit_weighed to resident-0", "visit_dispute_upheld to resident-0"
CORRECTED = "visit_corrected to resident-0"


def visited(identity=None):
    """A drive whose first household came; nothing was told yet."""
    held = Held(households=2)
    held.sign(0)
    held.house.clock.instant = AT
    held.drives.open(at=AT)
    came = identity or Identity(sign_up_id=sign_up_id_of("drive-1", "household-0"))
    held.drives.tell(lot(3_000), ticket=1, identity=came, at=AT)
    return held


def dispute(held):
    cmd = reviewing_visits.Dispute("drive-1", 1, "too-little", "resident-0", is_staff=False)
    reviewing_visits.dispute_visit(cmd, desk=held.drives.desk, request=held.drives.asked())


def uphold(held):
    cmd = reviewing_visits.Resolve("drive-1", 1, DISPUTED, "scale-was-right")
    reviewing_visits.resolve_review(cmd, desk=held.drives.desk, request=held.drives.asked())


def propose(held, supersedes=1):
    named = replace(lot(3_000 - supersedes), lot_id=f"drive-1:1:{supersedes + 1}:1")
    cmd = reviewing_visits.ProposeCorrection("drive-1", 1, supersedes, (named,), "misread")
    crew, request = Crew("operator-1", is_staff=True), held.drives.asked()
    return reviewing_visits.propose_correction(
        cmd, crew=crew, desk=held.drives.desk, request=request
    )


def correct(held, supersedes=1):
    propose(held, supersedes)
    cmd = reviewing_visits.Approve("drive-1", 1, supersedes, "operator-2")
    reviewing_visits.approve_correction(cmd, desk=held.drives.desk, request=held.drives.asked())


def test_a_known_household_is_told_once_what_was_weighed_and_nobody_else():
    held, card = visited(), Identity(card="card-1")
    held.drives.cards.holders["card-1"] = "household-1"
    held.drives.tell(ticket=2, identity=card, at=AT)
    held.drives.tell(ticket=3, at=AT)

    for _ in range(3):
        held.notices.round()

    assert held.mails() == [WEIGHED, "visit_weighed to resident-1"]


def test_a_dispute_is_told_how_it_ended_each_time():
    held = visited()
    dispute(held)
    held.round()
    uphold(held)
    held.round()
    dispute(held)
    correct(held)
    held.round()
    dispute(held)
    held.house.clock.advance(HOUR)
    uphold(held)
    held.round()

    assert held.mails() == [CORRECTED, UPHELD, UPHELD]
    assert held.notices.kinds(Progress.VOID) == [WEIGHED]


def test_what_was_overtaken_is_not_told():
    held = visited()
    held.notices.channels[EMAIL].refusals = [Unavailable("notice.deferred")]
    dispute(held)
    uphold(held)
    held.notices.round()
    correct(held)
    correct(held, supersedes=2)
    held.house.lease_clock.advance(HOUR)

    held.notices.round()

    told = [each.split()[0] for each in held.notices.kinds(Progress.SENT)]
    assert told == ["visit_corrected"]
    assert {each.why for each in held.notices.intents.held.values()} == {
        None,
        "notice.overtaken",
    }


def test_what_was_proposed_for_a_dispute_ends_with_it():
    held = visited()
    dispute(held)
    propose(held)

    uphold(held)

    assert held.drives.visits.get("drive-1:1").state.proposal is None


@pytest.mark.parametrize("label", ["notice.visit.before", "notice.send.after"])
def test_a_crash_tells_nobody_twice_and_nobody_less(label):
    held = visited()
    held.house.crash_at = label
    with pytest.raises(Crash):
        held.notices.round()

    for _ in range(2):
        held.house.lease_clock.advance(timedelta(minutes=3))
        held.notices.round()

    assert held.notices.kinds(Progress.SENT) == [WEIGHED]
    assert len({each.message_id for each in held.notices.channels[EMAIL].sent}) == 1
