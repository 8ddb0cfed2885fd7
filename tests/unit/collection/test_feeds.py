"""Calendar feeds: stable UIDs, a sequence that only grows, and who may read them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from icalendar import Calendar

from services.collection.adapters.ics import calendar_of
from services.collection.application import erasing, feeds
from services.collection.application.feeds import FeedOffice, HouseholdPickups, MakeFeed
from services.collection.domain.feeds import Entry, Feed, pickup_entry
from services.collection.domain.records import STEPS_MAX
from services.collection.domain.states import State
from shared.kernel.errors import Conflict, NotFound
from shared.messaging.in_memory import InMemoryAggregates
from tests.unit.collection.builders import AFTERNOON, MORNING, NOW, House, place, plain_request
from tests.unit.collection.test_life import LATER, do, fresh
from tests.unit.collection.test_steps import ACTS

FEED = Feed("household", "home", "p", "en", "hash")


class InMemoryFeeds(InMemoryAggregates):
    def __init__(self):
        super().__init__(kind="calendar", state_type=Feed, announce=lambda _: None)

    def by_token(self, token_sha256):
        held = [self._shape.stored(each).state for each in list(self._documents.values())]
        return next((each for each in held if each.token_sha256 == token_sha256), None)


@pytest.fixture
def house():
    return House(capacity=9)


@pytest.fixture
def office(house):
    return FeedOffice(house.desk, InMemoryFeeds(), {"household": HouseholdPickups(house.desk)})


def make(office, scope="make", *, kind="household", subject_id="home", caller="resident-1"):
    cmd = MakeFeed(kind, subject_id, "en", caller, is_staff=False)
    return feeds.make_feed(cmd, office=office, request=plain_request(scope))


def read(office, token):
    return feeds.read_feed(token, office=office)[1]


def test_a_token_reads_the_households_pickups_as_they_are(house, office):
    house.book()
    _, token = make(office)
    booked = read(office, token)
    house.amend(slot=AFTERNOON)
    house.cancel()

    (before,), (after,) = booked, read(office, token)

    assert before.uid == after.uid
    assert (before.starts_at, after.starts_at) == (MORNING.window[0], AFTERNOON.window[0])
    assert (before.is_cancelled, after.is_cancelled) == (False, True)
    assert before.sequence < after.sequence


def test_a_repeat_gets_the_same_token_and_a_new_one_ends_the_old(office):
    first, again, second = make(office, "one"), make(office, "one"), make(office, "two")

    assert first[1] == again[1] != second[1]
    assert first[0].id == second[0].id
    assert list(read(office, second[1])) == []
    with pytest.raises(NotFound):
        read(office, first[1])
    assert second[1] not in str(office.feeds.get(second[0].id))


def test_a_feed_is_for_members_ends_on_demand_and_when_its_holder_is_erased(house, office):
    stored, token = make(office)
    with pytest.raises(NotFound):
        make(office, "other", caller="resident-2")
    with pytest.raises(NotFound):
        make(office, "kind", kind="site")
    house.register("other", "resident-2")
    with pytest.raises(NotFound):
        feeds.end_feed(
            stored.id, "resident-2", is_staff=False, office=office, request=plain_request("x")
        )
    _, others = make(office, "others", subject_id="other", caller="resident-2")

    ended = plain_request("end")
    feeds.end_feed(stored.id, "resident-1", is_staff=False, office=office, request=ended)
    cmd = erasing.ErasePerson("resident-2")
    erasing.erase_person(cmd, desk=house.desk, request=plain_request("erase"))

    for gone in (token, others, "nonsense"):
        with pytest.raises(NotFound):
            read(office, gone)


def test_old_pickups_leave_the_calendar(house, office):
    house.book()
    _, token = make(office)

    house.clock.advance(timedelta(days=40))

    assert list(read(office, token)) == []


@given(ACTS)
def test_the_sequence_grows_with_each_change_that_shows_and_never_falls(acts):
    pickup = fresh(State.BOOKED)
    shown = [pickup_entry(pickup)]
    for act in acts:
        try:
            done = do(pickup, act)
        except Conflict:
            continue
        pickup = done.state if done else pickup
        shown.append(pickup_entry(pickup))

    for before, after in pairwise(shown):
        plain = replace(after, sequence=before.sequence, changed_at=before.changed_at)
        assert after.sequence > before.sequence or plain == before
        assert after.sequence >= before.sequence


def test_the_sequence_does_not_fall_where_old_steps_are_gone():
    pickup, sequences = fresh(State.BOOKED), []
    for version in range(1, STEPS_MAX * 2):
        pickup = pickup.assign(place(version), at=NOW).state
        sequences.append(pickup_entry(pickup).sequence)
    cancelled = pickup_entry(pickup.cancel(by="city", reason="x", now=LATER).state).sequence

    assert sequences == sorted(sequences)
    assert cancelled > sequences[-1]


def entry(uid="1@greenloop", **rest):
    at = datetime(2026, 11, 26, 0, 0, tzinfo=UTC)
    told = {"sequence": 3, "starts_at": at, "ends_at": at + timedelta(hours=4), "changed_at": NOW}
    return Entry(uid, **{**told, "summary": "pickup", **rest})


def test_the_same_entries_are_the_same_bytes_in_any_order():
    entries = [entry(), entry("2@greenloop", is_cancelled=True)]

    document = calendar_of(FEED, entries)

    assert document == calendar_of(FEED, entries[::-1])
    assert document != calendar_of(replace(FEED, language="zh-TW"), entries)


def test_a_calendar_program_reads_the_zone_the_status_and_the_words():
    held = Calendar.from_ical(calendar_of(FEED, [entry(is_cancelled=True), entry("2@greenloop")]))

    first, second = held.walk("VEVENT")
    assert [str(each["STATUS"]) for each in (first, second)] == ["CANCELLED", "CONFIRMED"]
    assert str(first["SUMMARY"]) == "Cancelled: recycling pickup"
    assert first.decoded("DTSTART").isoformat() == "2026-11-26T08:00:00+08:00"
    assert (first["SEQUENCE"], first.decoded("DTSTAMP")) == (3, NOW)
    assert [str(each["TZID"]) for each in held.walk("VTIMEZONE")] == ["Asia/Shanghai"]
    assert str(held["X-WR-CALNAME"]) == "Recycling pickups"


def test_lines_are_folded_between_letters_as_the_standard_says():
    """RFC 5545, 3.1: 75 bytes a line at the most, and no letter is cut through."""
    entries = [entry("drive-" + "长" * 60, is_cancelled=True)]

    document = calendar_of(replace(FEED, language="zh-CN"), entries)

    lines = document.split(b"\r\n")
    assert document.count(b"\n") == len(lines) - 1
    assert max(map(len, lines)) <= 75
    assert all(line.decode() for line in lines[:-1])
    assert str(Calendar.from_ical(document).walk("VEVENT")[0]["UID"]) == entries[0].uid
