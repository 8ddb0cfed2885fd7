"""What staff do for residents is audited: each act once, and without personal data."""

from dataclasses import replace

import pytest

from services.collection.bootstrap import Wiring
from shared.http.openapi import ROLES_KEY
from tests.integration.collection_house import COMMUNITY, slot_id
from tests.integration.every_service import running
from tests.integration.owned import cases_of
from tests.integration.residents import HOME, PERSON, city_of
from tests.integration.test_ownership import ask

pytestmark = pytest.mark.integration


@pytest.fixture
def city(mongodb_uri, tmp_path):
    with city_of(mongodb_uri, tmp_path) as held:
        yield held


@pytest.fixture
def household(city):
    return city.house.household(**PERSON, **HOME)


def test_staff_erase_for_a_person_and_it_is_audited(city, household):
    person_id = city.get("/person").json()["person_id"]
    path = f"/people/{person_id}/erasure"

    refused = city.post(path, {})
    asked = city.post(path, {}, role="operator", subject="city-7")
    city.finish()
    city.house.wiring.audits.collect()

    assert (refused.status_code, asked.status_code) == (403, 202)
    assert city.get("/person").status_code == 404
    items = city.get("/audits", role="operator", object_id=person_id).json()["items"]
    assert [(each["actor"], each["role"], each["act"]) for each in items] == [
        ("city-7", "operator", "POST /v1/people/{person_id}/erasure")
    ]


def test_what_staff_do_for_residents_is_audited_and_what_residents_do_is_not(city, household):
    booked = city.house.post(
        "/pickups",
        {"household_id": household, "slot_id": slot_id(), "items": [
            {"material": "cardboard", "estimated_mass_g": 1}]},
        role="operator",
        subject="city-7",
        key="for-her",
    )  # fmt: skip
    pickup_id = booked.json()["pickup_id"]
    city.post(f"/pickups/{pickup_id}/cancellation", {"reason": "by-phone"}, role="operator")
    city.house.book(household)
    for _ in range(2):
        city.house.wiring.audits.collect()

    told = city.get("/audits", role="operator", limit=1)
    rest = city.get("/audits", role="operator", limit=1, cursor=told.json()["next"])

    assert [each["items"][0]["act"] for each in (told.json(), rest.json())] == [
        "POST /v1/pickups/{pickup_id}/cancellation",
        "POST /v1/pickups",
    ]
    assert rest.json()["next"] is None
    record = rest.json()["items"][0]
    assert (record["actor"], record["object_id"], record["community_code"]) == (
        "city-7",
        pickup_id,
        COMMUNITY,
    )
    assert 'rel="next"' in told.headers["link"]
    by_actor = city.get("/audits", role="operator", actor="city-7").json()["items"]
    assert [each["object_id"] for each in by_actor] == [pickup_id]


def test_a_regulator_sees_the_audit_of_the_own_area(city, household):
    city.house.post(f"/communities/{COMMUNITY}/rules", {}, role="operator")
    city.house.wiring.audits.collect()

    seen = {
        area: len(city.get("/audits", role="regulator", area=area).json()["items"])
        for area in ("3501", "1101", None)
    }

    assert seen == {"3501": 1, "1101": 0, None: 1}
    assert city.get("/audits").status_code == 403


# What staff may do like a resident, and nothing is decided for one by it.
DECIDES_NOTHING = {
    "POST /v1/holds": "a place is kept for minutes; the booking that uses it is audited",
    "POST /v1/calendars": "a feed of a household is its members' own; staff's are of sites",
    "POST /v1/calendars/{calendar_id}/ending": "as above",
}


def may_be_done_by_both(operation):
    scopes = operation.told.get(ROLES_KEY, {})
    return str(operation).startswith("POST") and {"resident", "operator"} <= scopes.keys()


def done_by(city, case, *, api):
    """Let staff do for a resident what the case is about; say whether it could be done."""
    own, _ = case.arrange(api)
    asking = replace(own, who={"subject": city})
    return ask(api, replace(case, role="operator"), asking).is_success


def noted(api):
    """By actor, the acts in the audit."""
    wiring = Wiring(api.settings)
    wiring.audits.collect()
    told = wiring.audits.page({}, behind=None, limit=999)
    wiring.client.close()
    return {each["actor"]: each["act"] for each in told}


def test_whatever_staff_may_do_for_a_resident_is_audited(mongodb_uri, tmp_path):
    with running("collection", mongodb_uri, tmp_path) as api:
        both = {str(each) for each in api.operations() if may_be_done_by_both(each)}
        cases = {
            each.operation: each
            for each in cases_of("collection")
            if each.role == "resident" and each.operation in both - DECIDES_NOTHING.keys()
        }
        done = {
            operation: f"city-{number}"
            for number, (operation, case) in enumerate(cases.items())
            if done_by(f"city-{number}", case, api=api)
        }
        acts = noted(api)

    assert {operation: acts.get(city) for operation, city in done.items()} == {o: o for o in done}
    assert cases.keys() - done.keys() == {"POST /v1/pickups/{pickup_id}/missed-reports"}  # too soon
