"""Sending: retried under one id, void for nobody, parked for a person, quiet at night."""

from contextlib import suppress
from datetime import timedelta

import pytest

from services.collection.domain.intents import ATTEMPTS_MAX, Progress
from services.collection.domain.preferences import EMAIL, MESSAGE, NONE, Preferences
from shared.kernel.errors import Rejected, Unavailable
from tests.unit.collection.builders import IN_THE_WINDOW, Crash, weigh_in
from tests.unit.collection.test_notices import HOURS, START, at, told


def weighed(**rest):
    house, notices = told(**rest)
    at(house, IN_THE_WINDOW)
    house.weigh(weigh_in())
    return house, notices


def test_an_intent_says_nothing_of_persons():
    _, notices = weighed()

    notices.round()

    assert "chen@example.org" not in repr(notices.only())


def test_retries_have_the_same_id_grow_longer_and_end_with_a_person():
    house, notices = weighed(channels=(MESSAGE,))
    channel = notices.channels[MESSAGE]
    channel.refusals = [Unavailable("notice.deferred")] * (ATTEMPTS_MAX + 1)
    waits = []
    for _ in range(ATTEMPTS_MAX):
        notices.round()
        intent = notices.only()
        waits.append((intent.try_at - house.lease_clock.instant).total_seconds())
        house.lease_clock.instant = intent.try_at
    notices.round()

    assert (intent.progress, intent.why) == (Progress.PARKED, "notice.deferred")
    assert waits[:6] == [15, 60, 240, 960, 3_600, 3_600]
    assert len(channel.refusals) == 1
    channel.refusals = []
    notices.intents.resume(intent.intent_id, real_now=house.lease_clock.instant)
    notices.round()
    assert [each.message_id for each in channel.sent] == [intent.intent_id]


def test_what_will_never_go_is_parked_at_once():
    _, notices = weighed()
    notices.channels[EMAIL].refusals = [Rejected("notice.refused")]

    notices.round()

    assert (notices.only().progress, notices.only().why) == (Progress.PARKED, "notice.refused")


def test_nothing_is_tried_through_a_dead_channel_for_a_while_and_that_is_no_attempt():
    house, notices = told()
    for number in range(2, 6):
        house.book(f"p-{number}")
    at(house, START - 72 * HOURS)
    email = notices.channels[EMAIL]
    email.refusals = [Unavailable("notice.channel_down")] * 9

    notices.round()
    notices.round()

    assert len(email.refusals) == 8
    assert sorted(each.attempts for each in notices.intents.held.values()) == [0, 0, 0, 0, 1]
    email.refusals = []
    house.lease_clock.advance(timedelta(minutes=1))
    notices.round()
    assert len(email.sent) == 5


def test_a_crash_between_sending_and_noting_sends_again_under_the_same_id():
    house, notices = weighed()
    house.crash_at = "notice.send.after"
    with pytest.raises(Crash):
        notices.round()
    notices.round()
    assert len(notices.channels[EMAIL].sent) == 1  # claimed by the dead one, for two minutes

    house.lease_clock.advance(timedelta(minutes=2))
    notices.round()
    notices.round()

    ids = [each.message_id for each in notices.channels[EMAIL].sent]
    assert ids == [notices.only().intent_id] * 2
    assert notices.only().progress is Progress.SENT


@pytest.mark.parametrize("label", ["notice.tell.before", "notice.remind.before"])
def test_a_crash_while_intents_are_made_makes_none_twice(label):
    house, notices = told()
    at(house, START - 72 * HOURS)
    house.fail("extra_item")
    house.crash_at = label
    with pytest.raises(Crash):
        notices.round()

    notices.round()

    assert notices.kinds(Progress.SENT) == [
        "outcome to resident-1",
        "reminder_3_days to resident-1",
    ]
    assert len(notices.channels[EMAIL].sent) == 2


def test_who_dies_of_an_intent_each_time_does_not_do_so_for_ever():
    house, notices = weighed()
    for _ in range(ATTEMPTS_MAX + 1):
        house.crash_at = "notice.send.before"
        with suppress(Crash):
            notices.round()
        house.lease_clock.advance(timedelta(minutes=2))

    assert (notices.only().progress, notices.only().why) == (Progress.PARKED, "notice.given_up")


def test_an_erased_person_is_sent_nothing():
    _, notices = weighed()
    notices.recipients.erased.add("resident-1")

    notices.round()

    assert (notices.only().progress, notices.only().why) == (Progress.VOID, "notice.nobody")


@pytest.mark.parametrize(
    ("preferences", "email", "sent", "why"),
    [
        (Preferences(), "a@b", (1, 0), None),
        (Preferences(), None, (0, 1), None),
        (Preferences(MESSAGE, "en"), "a@b", (0, 1), None),
        (Preferences(EMAIL), None, (0, 0), "notice.no_address"),
        (Preferences(NONE), "a@b", (0, 0), "notice.unwanted"),
    ],
)
def test_a_person_is_told_as_preferred(preferences, email, sent, why):
    _, notices = weighed()
    notices.recipients.emails["resident-1"] = email
    notices.preferences.held["resident-1"] = preferences

    notices.round()

    assert tuple(len(notices.channels[each].sent) for each in (EMAIL, MESSAGE)) == sent
    assert notices.only().why == why
    for message in (*notices.channels[EMAIL].sent, *notices.channels[MESSAGE].sent):
        assert message.language == (preferences.language or "zh-CN")


def test_without_channels_intents_are_void_as_they_are_made():
    _, notices = weighed(channels=())

    notices.round()

    assert (notices.only().progress, notices.only().why) == (Progress.VOID, "notice.no_channel")


def test_nobody_is_woken_for_what_can_wait():
    house, notices = told()
    at(house, START - timedelta(days=4, hours=9))  # 23:00 in Shanghai
    house.cancel(is_staff=True)
    notices.round()
    asleep = len(notices.channels[EMAIL].sent)
    at(house, START - timedelta(days=4, hours=1))  # 07:00
    notices.round()

    assert (asleep, len(notices.channels[EMAIL].sent)) == (0, 1)
