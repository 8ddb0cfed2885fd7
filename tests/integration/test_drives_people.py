"""Drives and persons: cards that are shown, and sign-ups that end with a household."""

from datetime import timedelta

import pytest

from services.collection.application.erasing import finish_erasures
from services.collection.domain.tickets import TICKETS_MAX
from tests.integration.drives_house import drive_house_of

pytestmark = pytest.mark.integration

CONTACT = {"contact_name": "Lin Mei", "contact_phone": "0591-555", "address": "Gate 2"}


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with drive_house_of(mongodb_uri, tmp_path) as held:
        yield held


def test_a_card_is_recognised_at_the_drive_also_when_it_is_told_late(house):
    drive_id = house.opened()
    home = house.household()
    card = house.post("/card", {"household_id": home}).json()["token"]
    in_line = house.act(drive_id, "check-ins", {"device_id": "d", "card": card})
    seen_at = house.clock.now()
    house.clock.advance(timedelta(hours=30))
    body = {"device_id": "d", "ticket": in_line.json()["ticket"]}
    late = house.visit(drive_id, **body, card=card, weighed_at=seen_at.isoformat())
    unknown = house.visit(drive_id, card="nobody's")
    day_slow = (seen_at - timedelta(days=1)).isoformat()
    slow = house.visit(drive_id, card=card, weighed_at=day_slow).json()

    assert in_line.json()["recognised"]
    assert (late.json()["household_id"], late.status_code) == (home, 201)
    assert slow["household_id"] == home
    assert [house.desk.search.has_visits(drive_id, count) for count in (3, 4)] == [True, False]
    assert "visit.clock_behind" in slow["weighing"]["flags"]
    assert "visit.card_unknown" in unknown.json()["weighing"]["flags"]
    stored = str(list(house.wiring.db["visits"].find())) + str(
        list(house.wiring.db["ticket_books"].find())
    )
    assert card not in stored
    assert "resident-1" not in stored


def test_a_visit_past_a_full_book_is_read_and_disputed_as_any_other(house):
    drive_id = house.opened()
    home = house.household()
    card = house.post("/card", {"household_id": home}).json()["token"]
    house.lease(drive_id, 1)
    full = {"$set": {"next_ticket": TICKETS_MAX + 1}}
    house.wiring.db["ticket_books"].update_one({"_id": drive_id}, full)

    told = house.visit(drive_id, card=card)
    path = f"/drives/{drive_id}/visits/{told.json()['ticket']}"

    assert told.status_code == 201
    assert "visit.beyond_tickets" in told.json()["weighing"]["flags"]
    assert house.get(path, role="operator").json()["visit_id"] == told.json()["visit_id"]
    assert house.post(f"{path}/disputes", {"reason": "too-heavy"}).status_code == 200
    assert house.act(drive_id, "tickets", {"device_id": "d", "count": 1}).status_code == 409


def test_erasing_the_last_member_withdraws_its_sign_ups(house):
    drive_id = house.plan(capacity=1)
    home = house.household()
    house.post(f"/drives/{drive_id}/sign-ups", {"household_id": home})
    house.post("/person/erasure", {})
    finish_erasures(desk=house.wiring.desk)

    assert house.desk.places.get(f"drive.{drive_id}").holds == ()
    other = house.household()
    assert house.post(f"/drives/{drive_id}/sign-ups", {"household_id": other}).status_code == 201
    refused = house.post(f"/drives/{drive_id}/sign-ups", {"household_id": home}, role="operator")
    assert (refused.status_code, refused.json()["code"]) == (409, "household.closed")
