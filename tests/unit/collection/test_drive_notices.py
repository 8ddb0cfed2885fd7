"""Notices about drives: once for each household that signed up, whatever crashes or races."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collection.application import drives
from services.collection.application.drive_desk import Crew
from services.collection.application.signing_up import sign_up_id_of
from services.collection.domain.households import Household
from services.collection.domain.intents import Progress
from services.collection.domain.notices import Kind
from services.collection.domain.preferences import EMAIL, MESSAGE
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict, NotFound, Unavailable
from tests.unit.collection.builders import COMMUNITY, Crash
from tests.unit.collection.drive_builders import (
    BEGIN,
    NAMED,
    OTHER,
    STAND_IN,
    Identity,
    lot,
)
from tests.unit.collection.drive_notice_house import AHEAD, HOUR, Held

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
LABELS = ["notice.drive.before", "notice.sign_up.before", "notice.send.after"]


def test_who_signed_up_is_reminded_three_days_and_one_day_before_once_each():
    held = Held()
    held.sign(0)
    begin, counts = held.drives.drive().window_start, []

    for before in (80, 72, 71, 25, 24, 3, 1):
        held.at(begin - before * HOUR)
        counts.append(len(held.mails()))

    assert counts == [0, 1, 1, 1, 2, 2, 2]
    assert held.mails() == [
        "drive_reminder_1_day to resident-0",
        "drive_reminder_3_days to resident-0",
    ]


def test_a_clock_that_jumps_over_both_reminds_of_the_next_day_only():
    held = Held()
    held.sign(0)

    held.at(held.drives.drive().window_start - 3 * HOUR)

    assert held.mails() == ["drive_reminder_1_day to resident-0"]


def test_who_signs_up_after_a_reminders_time_knows():
    held = Held()
    held.sign(0)
    held.house.clock.instant = held.drives.drive().window_start - 71 * HOUR
    held.sign(1)

    held.round()

    assert held.mails() == ["drive_reminder_3_days to resident-0"]


def test_a_cancelled_drive_is_told_to_all_who_are_signed_up_and_its_collector():
    held = Held(households=4)
    for number in range(3):
        held.sign(number)
    held.withdraw(2)

    held.cancel()
    for _ in range(3):
        held.round()

    assert held.mails() == ["drive_cancelled to resident-0", "drive_cancelled to resident-1"]
    (posted,) = held.notices.channels[MESSAGE].sent
    assert (posted.kind, posted.addressee.subject) == (Kind.DRIVE_CANCELLED, NAMED)


def test_who_withdrew_or_was_erased_meanwhile_is_sent_nothing():
    held = Held()
    held.sign(0)
    held.sign(1)
    held.notices.channels[EMAIL].refusals = [Unavailable("notice.deferred")] * 2
    held.at(held.drives.drive().window_start - 72 * HOUR)
    held.withdraw(0)
    held.notices.recipients.erased.add("resident-1")

    held.at(held.drives.drive().window_start - 71 * HOUR)

    why = {each.recipient: each.why for each in held.notices.intents.held.values()}
    assert why == {"resident-0": "notice.overtaken", "resident-1": "notice.nobody"}
    assert held.mails() == []


def test_a_reminder_of_a_drive_that_is_called_off_is_overtaken():
    held = Held()
    held.sign(0)
    held.notices.channels[EMAIL].refusals = [Unavailable("notice.deferred")]
    held.at(held.drives.drive().window_start - 72 * HOUR)
    held.cancel()

    held.at(held.drives.drive().window_start - 71 * HOUR)

    assert held.mails() == ["drive_cancelled to resident-0"]


def test_who_signs_up_while_the_drive_is_called_off_is_told_by_whoever_comes_second():
    held = Held()
    sign = held.drives.sign_ups.create

    def slow(*args, **rest):
        held.cancel()
        held.round()
        return sign(*args, **rest)

    held.drives.sign_ups.create = slow
    held.sign(0)
    told_before = held.mails()
    held.round()

    assert (told_before, held.mails()) == ([], ["drive_cancelled to resident-0"])


def test_a_sign_up_that_came_while_its_household_was_closed_gives_its_place_back():
    held = Held(capacity=1)
    held.sign(0)
    closed = Household("household-0", COMMUNITY, "cell", closed_at=held.house.clock.now())
    held.house.households.create("household-0", Decision(closed))

    held.round()

    assert [each.state for each in held.drives.sign_ups.states()] == ["withdrawn"]
    assert held.sign(1).state.state == "signed"


def test_a_missed_drive_is_told_until_it_turns_out_to_have_been_opened():
    held = Held(stand_in_id=STAND_IN)
    held.sign(0)
    begin = held.drives.drive().window_start
    for minutes in (30, 60):
        held.at(begin + minutes * MINUTE)

    posted = [(each.kind, each.addressee.subject) for each in held.notices.channels[MESSAGE].sent]
    assert (Kind.DRIVE_STAND_IN, STAND_IN) in posted
    assert [each for each in held.mails() if "reminder" not in each] == [
        "drive_missed to operators",
        "drive_missed to resident-0",
        "drive_stand_in to operators",
    ]

    late = Held()
    late.sign(0)
    late.notices.channels[EMAIL].refusals = [Unavailable("notice.deferred")] * 2
    late.at(begin + 30 * MINUTE)
    late.drives.open(at=begin + MINUTE)
    late.at(begin + 40 * MINUTE)
    assert late.mails() == []


def test_only_who_is_in_charge_now_is_told_so():
    held = Held()
    for collector in (STAND_IN, OTHER):
        request = held.drives.asked()
        drives.appoint_collector("drive-1", collector, desk=held.drives.desk, request=request)

    held.round()

    (posted,) = held.notices.channels[MESSAGE].sent
    assert (posted.kind, posted.addressee.subject) == (Kind.DRIVE_APPOINTED, OTHER)


def test_an_end_before_its_time_is_told_to_those_who_did_not_come():
    held = Held()
    held.sign(0)
    held.sign(1)
    held.drives.open(at=BEGIN + AHEAD)
    came = Identity(sign_up_id=sign_up_id_of("drive-1", "household-0"))
    held.drives.tell(lot(1_000), identity=came, at=BEGIN + AHEAD)

    crew, request = Crew(NAMED, is_staff=False), held.drives.asked()
    drives.abort_drive("drive-1", "storm", crew=crew, desk=held.drives.desk, request=request)
    held.notices.round()

    assert held.mails() == ["drive_aborted to resident-1", "visit_weighed to resident-0"]


def test_what_cannot_wait_until_the_morning_is_told_at_night():
    tonight, next_day = Held(), Held()
    for held, before in ((tonight, 8 * HOUR), (next_day, 4 * DAY)):
        held.sign(0)
        begin = held.drives.drive().window_start  # 11:00 in Shanghai
        held.house.clock.instant = begin - before
    tonight.house.clock.instant -= HOUR * 4  # 23:00, twelve hours before
    next_day.house.clock.instant += HOUR * 12  # 23:00 too
    for held in (tonight, next_day):
        held.drives.plan("drive-night", after=AHEAD - 6 * HOUR)  # at 05:00
        held.sign(0, drive_id="drive-night")
        desk, request = held.drives.desk, held.drives.asked()
        drives.cancel_drive("drive-night", "weather", desk=desk, request=request)
        held.notices.round()

    assert "drive_cancelled to resident-0" in tonight.mails()
    assert next_day.mails() == []


@pytest.mark.parametrize("label", LABELS)
def test_a_crash_tells_nobody_twice_and_nobody_less(label):
    held = Held()
    held.sign(0)
    held.sign(1)
    held.cancel()
    held.house.crash_at = label
    with pytest.raises(Crash):
        held.round()

    for _ in range(2):
        held.house.lease_clock.advance(timedelta(minutes=3))
        held.round()

    told = held.notices.kinds(Progress.SENT)
    assert told == ["drive_cancelled to collector-1"] + [
        f"drive_cancelled to resident-{number}" for number in (0, 1)
    ]
    ids = {each.message_id for each in held.notices.channels[EMAIL].sent}
    assert len(ids) == 2


ACTS = st.one_of(
    st.tuples(st.sampled_from(["sign", "withdraw"]), st.integers(0, 2)),
    st.tuples(st.sampled_from(["cancel", "round", "crash"]), st.just(0)),
    st.tuples(st.just("later"), st.integers(1, 40)),
)


@given(st.lists(ACTS, max_size=25), st.sampled_from(LABELS))
def test_in_every_order_each_who_is_signed_up_is_told_once(acts, label):
    held = Held()
    for act, number in acts:
        try:
            if act in ("sign", "withdraw", "cancel", "round"):
                getattr(held, act)(*([number] if act in ("sign", "withdraw") else []))
            elif act == "later":
                held.house.clock.advance(number * HOUR)
            else:
                held.house.crash_at = label
        except (Conflict, NotFound, Crash):
            continue
    held.house.crash_at = None
    for _ in range(2):
        held.house.lease_clock.advance(timedelta(minutes=3))
        noon = held.house.clock.instant.replace(hour=4)  # in Shanghai
        held.house.clock.instant = noon + DAY
        held.notices.round()

    signed = {
        f"drive_cancelled to {held.notices.recipients.members[each.household_id][0]}"
        for each in held.drives.sign_ups.states()
        if each.state == "signed" and held.drives.drive().state == "cancelled"
    }
    by_id = {each.message_id: each for each in held.notices.channels[EMAIL].sent}
    told = [f"{each.kind} to {each.addressee.recipient}" for each in by_id.values()]
    assert signed <= {*told, *held.late()}
    assert len(told) == len(set(told))
