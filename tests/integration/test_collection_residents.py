"""Persons over HTTP and real MongoDB: who sees what, and what is refused."""

from datetime import timedelta

import pytest

from tests.integration.collection_house import COMMUNITY, service_day, slot_id
from tests.integration.residents import GUEST, HOME, PERSON, city_of, picture

pytestmark = pytest.mark.integration


@pytest.fixture
def city(mongodb_uri, tmp_path):
    with city_of(mongodb_uri, tmp_path) as held:
        yield held


@pytest.fixture
def household(city):
    return city.house.household(**PERSON, **HOME)


@pytest.fixture
def pickup(city, household):
    return city.house.book(household, note="two boxes").json()["pickup_id"]


def test_a_person_is_told_only_to_itself(city, household):
    told = city.get("/person").json()

    assert told["contact"] == PERSON
    assert told["homes"] == [{"household_id": household, **HOME}]
    assert city.get("/person", **GUEST).status_code == 404
    assert city.get("/person", role="operator").status_code == 403


def test_answers_that_are_stored_have_no_personal_data(city, household):
    kept = city.post("/person", PERSON)
    home = city.post(f"/households/{household}/home", HOME)

    assert kept.json() == home.json() == {"person_id": city.get("/person").json()["person_id"]}
    held = city.house.wiring.people.collection.find_one({})["requests"]
    assert not any(b"Chen" in each["body"] or b"Gulou" in each["body"] for each in held)


@pytest.mark.parametrize(
    "wrong",
    [
        {"phone": "13800000000"},
        {"phone": "+86 138 0000 0000"},
        {"phone": "+8613800000000x"},
        {"phone": "+861380000000000000"},
        {"email": "chen"},
        {"email": "chen@example"},
        {"email": "chen@example.org\nBcc: a@b.org"},
        {"email": "a..b@example.org"},
        {"name": "Chen\nWei"},
        {"name": ""},
        {"name": "x" * 201},
        {"language": "fr"},
        {"nickname": "C"},
    ],
)
def test_refuses_what_is_no_contact(city, wrong):
    refused = city.post("/person", wrong)

    assert (refused.status_code, refused.json()["code"]) == (422, "http.invalid_input")
    assert not any(str(value) in refused.text for value in wrong.values() if value)


@pytest.mark.parametrize("code", ["35010200100", "3501020010011", "٣٥٠١٠٢٠٠١٠٠١", "35010200100a"])
def test_refuses_what_is_no_community(city, code):
    body = {"community_code": code, "latitude": 26.08, "longitude": 119.3}

    assert city.post("/households", body).status_code == 422


def test_members_share_a_household_and_others_do_not_see_it(city, household, pickup):
    path = f"/households/{household}"
    before = (city.get(path, **GUEST).status_code, city.get(f"/pickups/{pickup}", **GUEST))

    joined = city.join(household, **GUEST)

    assert (before[0], before[1].status_code) == (404, 404)
    assert (joined.status_code, joined.json()["household_id"]) == (200, household)
    members = city.get(path, **GUEST).json()["members"]
    assert [(each["role"], each["name"]) for each in members] == [
        ("owner", "Chen Wei"),
        ("member", None),
    ]
    assert [each["pickup_id"] for each in city.get("/pickups", **GUEST).json()["items"]] == [pickup]
    assert city.get(f"/pickups/{pickup}", **GUEST).json()["note"] == "two boxes"
    assert [e["household_id"] for e in city.get("/households", **GUEST).json()["items"]] == [
        household
    ]
    removal = f"{path}/members/{members[1]['person_id']}/removal"
    assert city.post(removal, {}).status_code == 200
    assert city.get(f"/pickups/{pickup}", **GUEST).status_code == 404
    assert city.get("/pickups", **GUEST).json()["items"] == []
    assert (
        city.house.post(f"/pickups/{pickup}/cancellation", {"reason": "no"}, **GUEST).status_code
        == 404
    )


def test_a_repeated_invite_and_card_are_word_for_word_the_first(city, household):
    for path, body in (
        (f"/households/{household}/invites", {}),
        ("/card", {"household_id": household}),
    ):
        first, again = (city.post(path, body, key="same") for _ in range(2))

        assert first.status_code == 200
        assert again.content == first.content
        code = first.json().get("code") or first.json()["token"]
        stored = [
            str(each)
            for name in ("people", "households")
            for each in city.house.wiring.db[name].find()
        ]
        assert not any(code in each for each in stored)


def test_a_collector_recognises_a_card_as_a_household(city, household):
    token = city.post("/card", {"household_id": household}).json()["token"]
    shown = city.get("/card.svg", household_id=household)

    found = city.post("/card-scans", {"token": token}, role="collector")

    assert found.json() == {"household_id": household, "community_code": COMMUNITY}
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/svg+xml")
    assert shown.content.startswith(b"<?xml")
    assert city.post("/card-scans", {"token": token}).status_code == 403
    unknown = city.post("/card-scans", {"token": "A" * 32}, role="collector")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "card.not_found")
    assert city.get("/card.svg", household_id=household, **GUEST).status_code == 404


def test_the_assigned_collector_alone_sees_the_door(city, pickup):
    path = f"/stops/{pickup}"
    before = city.get(path, role="collector").status_code

    city.assign(pickup)

    assert before == 404
    assert city.get(path, role="collector").json() == {
        "pickup_id": pickup,
        "address": "Gulou 12-3",
        "access": "code 7788",
        "contact_name": "Chen Wei",
        "note": "two boxes",
    }
    assert city.get(path, role="collector", subject="collector-2").status_code == 404
    for role in ("resident", "operator", "regulator", "company"):
        assert city.get(path, role=role).status_code == 403
    assert city.get(f"/pickups/{pickup}", role="collector").json()["note"] == "two boxes"


def test_a_finished_tours_door_is_closed(city, pickup):
    city.assign(pickup, ends_in=timedelta(hours=-4))

    assert city.get(f"/stops/{pickup}", role="collector").status_code == 404


def series_of(city, household, *, first):
    body = {
        "household_id": household,
        "rule": "FREQ=WEEKLY",
        "first": service_day(first).isoformat(),
        "band": "morning",
        "items": [{"material": "cardboard", "estimated_mass_g": 1}],
    }
    return city.post("/series", body).json()["series_id"]


def test_an_export_has_all_and_comes_in_pages(city, household, pickup):
    more = sorted([pickup, *(city.house.book(household).json()["pickup_id"] for _ in range(3))])
    city.photo(pickup, picture())
    city.post("/card", {"household_id": household})
    city.post("/notice-preferences", {"channel": "none", "language": "en"})
    made = city.post("/calendars", {"subject_id": household}).json()["calendar_id"]
    begun = [series_of(city, household, first=day) for day in range(40, 45)]
    series, found, cursor = [], [], {}
    while cursor is not None:
        page = city.get("/person/export", limit=3, **cursor)
        found += [each["pickup_id"] for each in page.json()["pickups"]]
        series += [each["series_id"] for each in page.json()["series"]]
        cursor = {"cursor": page.json()["next"]} if page.json().get("next") else None

    told = page.json()
    assert (found, series) == (more, sorted(begun))
    assert [each["calendar_id"] for each in told["calendars"]] == [made]
    assert told["person"]["contact"] == PERSON
    assert told["person"]["homes"] == [{"household_id": household, **HOME}]
    assert told["notes"] == [{"pickup_id": pickup, "text": "two boxes"}]
    assert [each["role"] for each in told["households"]] == ["owner"]
    assert (len(told["photos"]), len(told["cards"])) == (1, 1)
    assert told["preferences"] == {"channel": "none", "language": "en"}
    assert (told["visits"], told["sign_ups"]) == ([], [])
    assert "token" not in page.text
    assert page.headers["content-disposition"].startswith("attachment")
    assert city.get("/person/export", **GUEST).status_code == 404


def test_an_erasure_is_answered_at_once_and_followed_to_its_end(city, household, pickup):
    asked = city.post("/person/erasure", {}, key="erase")
    at_once = city.get("/person").status_code
    during = city.get(f"/erasures/{asked.json()['erasure_id']}").json()["state"]
    repeated = city.post("/person/erasure", {}, key="erase")

    city.finish()

    assert (asked.status_code, asked.json()["state"], at_once, during) == (
        202,
        "erasing",
        404,
        "erasing",
    )
    assert repeated.content == asked.content
    assert city.get(f"/erasures/{asked.json()['erasure_id']}").json()["state"] == "erased"
    assert city.post("/person/erasure", {}, key="other").json()["code"] == "person.not_found"
    shown = city.get(f"/pickups/{pickup}", role="operator").json()
    assert (shown["state"], shown["cancelled_by"], shown["note"]) == ("cancelled", "resident", None)
    assert city.house.holds() == []
    closed = city.house.post(
        "/pickups",
        {
            "household_id": household,
            "slot_id": slot_id(),
            "items": [{"material": "cardboard", "estimated_mass_g": 1}],
        },
        role="operator",
    )
    assert (closed.status_code, closed.json()["code"]) == (409, "household.closed")
    assert all(city.house.wiring.invariants().values())
