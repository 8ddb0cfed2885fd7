"""Sites over HTTP and real MongoDB: their contacts, and what an amendment may change."""

import pytest

from tests.integration.drives_house import drive_house_of

pytestmark = pytest.mark.integration

CONTACT = {"contact_name": "Lin Mei", "contact_phone": "0591-555", "address": "Gate 2"}


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with drive_house_of(mongodb_uri, tmp_path) as held:
        yield held


def test_a_sites_contact_is_for_staff_and_nowhere_else(house):
    house.site("site-2", **CONTACT)

    seen = {
        role: house.get("/sites/site-2", role=role).json()
        for role in ("resident", "collector", "operator", "company")
    }

    assert seen["operator"]["contact"]["name"] == seen["collector"]["contact"]["name"] == "Lin Mei"
    assert "Lin Mei" not in str([seen["resident"], seen["company"]])
    stored = [house.wiring.db[name].find_one({"_id": "site-2"}) for name in ("sites",)]
    assert "Lin Mei" not in str(stored)
    assert house.wiring.db["site_contacts"].find_one({"_id": "site-2"})["name"] == "Lin Mei"


def test_a_late_repeat_brings_back_no_contact_that_was_replaced_or_taken_out(house):
    facts = {
        "kind": "school",
        "community_code": "350102001001",
        "latitude": 26.1,
        "longitude": 119.3,
    }

    def amend(key, **contact):
        path = "/sites/site-1/amendments"
        return house.post(path, {**facts, **contact}, role="operator", key=key)

    def shown():
        return house.get("/sites/site-1", role="operator").json()["contact"]["name"]

    first = amend("first", **CONTACT)
    house.wiring.db["site_contacts"].delete_one({"_id": "site-1"})  # as if it had crashed there
    repeated, healed = amend("first", **CONTACT), shown()
    amend("taken-out")
    late = amend("first", **CONTACT)

    assert (first.content, late.content) == (repeated.content, first.content)
    assert (healed, shown()) == ("Lin Mei", None)
    assert "Lin Mei" not in str(list(house.wiring.db["site_contacts"].find()))


def test_a_renewed_licence_and_a_site_of_another_community(house):
    licence = {
        "kind": "e-waste",
        "number": "FJ-12",
        "valid_from": "2026-01-01",
        "valid_until": "2027-12-31",
    }
    facts = {
        "kind": "school",
        "community_code": "350102001001",
        "latitude": 26.1,
        "longitude": 119.3,
        "licences": [licence],
        "central_store": True,
    }

    amended = house.post("/sites/site-1/amendments", facts, role="operator")
    facts["community_code"] = "350102001002"
    moved = house.post("/sites/site-1/amendments", facts, role="operator")

    assert amended.json()["licences"] == [licence]
    assert amended.json()["central_store"]
    assert (moved.status_code, moved.json()["code"]) == (409, "site.other_community")
