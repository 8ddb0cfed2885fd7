"""Intents in memory and in MongoDB keep the same promises."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.collection.adapters.mongo_intents import MongoIntents
from services.collection.domain.intents import Progress, intent_of
from services.collection.domain.notices import Kind, Notice
from services.collection.domain.pickup_notices import of_pickup
from shared.kernel.errors import Conflict, NotFound
from tests.unit.collection.notice_fakes import InMemoryIntents

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
LEASE = timedelta(minutes=2)
MINUTE = timedelta(minutes=1)


@pytest.fixture(params=["in memory", pytest.param("mongodb", marks=pytest.mark.integration)])
def intents(request):
    if request.param == "in memory":
        return InMemoryIntents()
    real = MongoIntents(request.getfixturevalue("fresh_database")["intents"])
    real.prepare()
    return real


def intent(key="1", *, kind=Kind.OUTCOME, due=NOW):
    notice = Notice(kind, "resident", of_pickup("p-1"), key, NOW + timedelta(days=3), "delay")
    made = intent_of(notice, "r-1", now=NOW, real_now=NOW)
    return replace(made, due_at=due)


def claim(intents, *, now=NOW, real_now=NOW):
    return intents.claim(now=now, real_now=real_now, until=real_now + LEASE)


def test_the_same_intent_is_there_once_and_stays_as_it_was(intents):
    intents.add([intent(), intent("2")])
    claimed = claim(intents)

    intents.add([intent(), intent("2"), intent("3"), intent("3")])

    assert intents.get(claimed.intent_id).attempts == 1
    assert sum(claim(intents) is not None for _ in range(9)) == 2


def test_a_claim_is_exclusive_until_it_ends_and_counts(intents):
    intents.add([intent()])

    first, nobody = claim(intents), claim(intents, real_now=NOW + LEASE - MINUTE)
    again = claim(intents, real_now=NOW + LEASE)

    assert (first.attempts, nobody, again.attempts) == (1, None, 2)
    assert replace(again, try_at=first.try_at, attempts=1) == first


def test_business_time_says_what_is_due_and_real_time_what_may_be_tried(intents):
    intents.add([intent(due=NOW + MINUTE)])

    assert claim(intents, real_now=NOW + MINUTE) is None
    assert claim(intents, now=NOW + MINUTE) is not None


def test_what_ended_is_not_claimed_again(intents):
    intents.add([intent()])
    claimed = claim(intents)

    intents.end(replace(claimed, progress=Progress.SENT, channel="email", ended_at=NOW))

    held = intents.get(claimed.intent_id)
    assert (held.progress, held.channel, held.ended_at) == (Progress.SENT, "email", NOW)
    assert claim(intents, real_now=NOW + LEASE) is None


def test_who_was_too_slow_changes_nothing(intents):
    intents.add([intent()])
    slow = claim(intents)
    quick = claim(intents, real_now=NOW + LEASE)

    intents.end(replace(slow, progress=Progress.PARKED, why="x"))
    intents.again(slow, at=NOW, why="x", counts=True)

    assert intents.get(slow.intent_id) == quick


@pytest.mark.parametrize(("counts", "attempts"), [(True, 2), (False, 1)])
def test_what_is_given_back_waits_and_may_count(intents, counts, attempts):
    intents.add([intent()])
    claimed = claim(intents)

    intents.again(claimed, at=NOW + MINUTE, why="notice.deferred", counts=counts)

    assert claim(intents) is None
    again = claim(intents, real_now=NOW + MINUTE)
    assert (again.attempts, again.why) == (attempts, "notice.deferred")


def test_what_is_parked_is_tried_anew_on_demand(intents):
    intents.add([intent(), intent("2")])
    parked, sent = claim(intents), claim(intents)
    intents.end(replace(parked, progress=Progress.PARKED, why="notice.refused"))
    intents.end(replace(sent, progress=Progress.SENT, ended_at=NOW))

    resumed = [intents.resume(parked.intent_id, real_now=NOW) for _ in range(2)]

    assert [(each.progress, each.attempts) for each in resumed] == [(Progress.WAITING, 0)] * 2
    assert claim(intents).intent_id == parked.intent_id
    with pytest.raises(Conflict):
        intents.resume(sent.intent_id, real_now=NOW)
    with pytest.raises(NotFound):
        intents.resume("none", real_now=NOW)


@pytest.mark.integration
def test_what_was_kept_when_notices_were_about_pickups_only_is_still_sent(fresh_database):
    real = MongoIntents(fresh_database["intents"])
    real.add([intent()])
    told_before = {"$set": {"notice.pickup_id": "p-1"}, "$unset": {"notice.subject": ""}}
    fresh_database["intents"].update_one({}, told_before)

    assert claim(real).notice == intent().notice
