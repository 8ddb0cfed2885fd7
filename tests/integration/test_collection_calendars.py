"""Calendar feeds over HTTP: read by calendar programs with nothing but their token."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar
from icalevents.icalevents import events

from tests.integration.collection_house import house_of, service_day, slot_id

pytestmark = pytest.mark.integration

PERSON = {"name": "Chen Wei", "phone": "+8613800000000", "address": "Gulou 12-3"}


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path) as held:
        held.open_slot()
        held.open_slot("afternoon")
        yield held


@pytest.fixture
def household(house):
    return house.household(**PERSON)


def make(house, household, **rest):
    body = {"kind": "household", "subject_id": household, "language": "en"}
    return house.post("/calendars", body, **rest)


def read(house, token, **headers):
    return house.call("GET", f"/v1/calendars/{token}.ics", headers=headers)


def shown(answer):
    """What a calendar program shows of a feed."""
    start = datetime.now(UTC) - timedelta(days=1)
    found = events(
        string_content=answer.content, start=start, end=start + timedelta(days=30), sort=True
    )
    return [(each.uid, each.start, each.status) for each in found]


def sequence(answer):
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    return int(event["SEQUENCE"])


def test_a_booking_is_shown_moved_and_cancelled_under_one_uid(house, household):
    pickup_id = house.book(household, note="ring twice").json()["pickup_id"]
    token = make(house, household).json()["token"]

    booked = read(house, token)
    body = {"slot_id": slot_id("afternoon")}
    house.post(f"/pickups/{pickup_id}/amendments", body, version="*")
    moved = read(house, token)
    house.post(f"/pickups/{pickup_id}/cancellation", {"reason": "no"})
    cancelled = read(house, token)

    assert booked.headers["content-type"] == "text/calendar; charset=utf-8"
    uid = f"{pickup_id}@greenloop"
    starts = [f"{service_day()}T{hour:02}:00:00+08:00" for hour in (8, 13, 13)]
    assert [
        [(uid, start.isoformat(), status) for uid, start, status in shown(each)]
        for each in (booked, moved, cancelled)
    ] == [
        [(uid, start, status)]
        for start, status in zip(starts, ["CONFIRMED", "CONFIRMED", "CANCELLED"], strict=True)
    ]
    assert sequence(booked) < sequence(moved) < sequence(cancelled)
    told = booked.text + moved.text + cancelled.text
    assert not any(word in told for word in (*PERSON.values(), "ring twice", household))


def test_an_unchanged_feed_is_not_sent_again(house, household):
    pickup_id = house.book(household).json()["pickup_id"]
    token = make(house, household).json()["token"]
    first = read(house, token)

    again = read(house, token, **{"If-None-Match": f'"x", W/{first.headers["etag"]}'})
    house.post(f"/pickups/{pickup_id}/cancellation", {"reason": "no"})
    changed = read(house, token, **{"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert (changed.status_code, changed.headers["etag"] != first.headers["etag"]) == (200, True)


def test_a_token_is_told_once_rotates_and_ends(house, household):
    first, repeat = (make(house, household, key="one") for _ in range(2))
    second = make(house, household, key="two")
    feed = second.json()

    statuses = [read(house, each.json()["token"]).status_code for each in (first, second)]
    ended = house.post(f"/calendars/{feed['calendar_id']}/ending", {})

    assert first.content == repeat.content
    assert statuses == [404, 200]
    assert (ended.status_code, ended.json()["is_open"]) == (200, False)
    assert read(house, feed["token"]).json()["code"] == "calendar.not_found"
    held = str(list(house.wiring.db["calendars"].find()))
    assert feed["token"] not in held
    assert first.json()["token"] not in held


def test_a_feed_is_for_the_household_and_ends_with_its_holder(house, household):
    other = make(house, household, subject="resident-2")
    staff = make(house, household, role="operator")
    site = house.post("/calendars", {"kind": "site", "subject_id": "s-1"}, role="operator")
    token = make(house, household).json()["token"]
    before = read(house, token).status_code
    house.post("/person/erasure", {})

    assert (other.status_code, staff.status_code, site.status_code) == (404, 404, 404)
    assert (before, read(house, token).status_code) == (200, 404)


@pytest.mark.parametrize("token", ["A" * 32, "a" * 32, "A" * 31, "%00", "..%2f", "A" * 4_000])
def test_made_up_tokens_read_nothing(house, token):
    answer = read(house, token)

    assert answer.status_code in (400, 404, 422)
    assert token[:32] not in answer.text
