"""Persons over HTTP and real MongoDB: who sees what, what staff leave behind, what is refused."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from services.collection.application import erasing, handlers
from services.collection.application.photographing import check_photos
from services.collection.domain.booking import TourPlace
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from tests.integration.collection_house import COMMUNITY, house_of, service_day, slot_id

pytestmark = pytest.mark.integration

GUEST = {"subject": "resident-2"}
PERSON = {
    "name": "Chen Wei",
    "phone": "+8613800000000",
    "email": "chen@example.org",
    "language": "zh-CN",
}
HOME = {"address": "Gulou 12-3", "access": "code 7788"}


class Residents:
    def __init__(self, house):
        self.house = house
        self.post, self.get = house.post, house.get

    def assign(self, pickup_id, collector="collector-1", *, ends_in=timedelta(hours=3)):
        now = SystemClock().now()
        tour = TourPlace(
            plan_id="plan-1",
            plan_version=1,
            service_day=service_day(),
            tour_id="tour-1",
            vehicle_id="van-1",
            collector_id=collector,
            eta=now,
            tour_ends_at=now + ends_in,
        )
        self.house.wiring.pickups.change(
            pickup_id, lambda held: handlers.on_tour_assigned(held, tour, at=now)
        )

    def photo(self, pickup_id, content, *, role="resident", media="image/jpeg", key=None, **who):
        headers = self.house.headers(role, key=key or new_id(), **who)
        headers["Content-Type"] = media
        path = f"/v1/pickups/{pickup_id}/photos"
        return self.house.call("POST", path, content=content, headers=headers)

    def join(self, household_id, **who):
        code = self.post(f"/households/{household_id}/invites", {}).json()["code"]
        return self.post("/memberships", {"code": code}, **who)

    def finish(self):
        return erasing.finish_erasures(desk=self.house.wiring.desk)


@pytest.fixture
def city(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path) as house:
        house.open_slot()
        house.open_slot("afternoon")
        yield Residents(house)


@pytest.fixture
def household(city):
    return city.house.household(**PERSON, **HOME)


@pytest.fixture
def pickup(city, household):
    return city.house.book(household, note="two boxes").json()["pickup_id"]


def picture(**rest):
    drawn = BytesIO()
    Image.new("RGB", (320, 240), "green").save(drawn, "JPEG", **rest)
    return drawn.getvalue()


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


def test_a_photo_is_seen_by_household_collector_and_staff(city, pickup):
    added = city.photo(pickup, picture())
    city.assign(pickup)

    where = added.headers["location"].removeprefix("/v1")
    shown = city.get(where)

    assert (added.status_code, shown.headers["content-type"]) == (201, "image/jpeg")
    assert Image.open(BytesIO(shown.content)).size == (320, 240)
    assert shown.headers["x-content-type-options"] == "nosniff"
    seen = [
        city.get(where, role=role, subject=subject).status_code
        for role, subject in (
            ("collector", "collector-1"),
            ("operator", None),
            ("collector", "collector-2"),
            ("resident", "resident-2"),
            ("regulator", None),
        )
    ]
    assert seen == [200, 200, 404, 404, 403]
    told = city.get(f"/pickups/{pickup}").json()["photos"]
    assert [each["photo_id"] for each in told] == [where.rpartition("/")[2]]


def test_a_photo_loses_its_exif(city, pickup):
    exif = Image.Exif()
    exif[0x010E] = "Chen Wei"
    where = city.photo(pickup, picture(exif=exif)).headers["location"].removeprefix("/v1")

    assert b"Chen" not in city.get(where).content


def test_a_repeated_photo_is_one(city, pickup):
    first, again = (city.photo(pickup, picture(), key="same") for _ in range(2))

    assert again.content == first.content
    assert city.house.wiring.db["photos"].count_documents({}) == 1


def test_refuses_what_is_no_photo(city, pickup):
    answers = [
        city.photo(pickup, b"not a picture"),
        city.photo(pickup, b""),
        city.photo(pickup, picture(), media="image/gif"),
        city.photo(pickup, b"x" * (5 * 1024 * 1024 + 1)),
        city.photo(pickup, picture(), **GUEST),
    ]

    assert [each.status_code for each in answers] == [422, 422, 415, 413, 404]
    assert answers[0].json()["code"] == "photo.not_a_picture"
    assert city.house.wiring.db["photos"].count_documents({}) == 0


def test_an_export_has_all_and_comes_in_pages(city, household, pickup):
    more = sorted([pickup, *(city.house.book(household).json()["pickup_id"] for _ in range(3))])
    city.photo(pickup, picture())
    city.post("/card", {"household_id": household})
    found, cursor = [], {}
    while cursor is not None:
        page = city.get("/person/export", limit=3, **cursor)
        found += [each["pickup_id"] for each in page.json()["pickups"]]
        cursor = {"cursor": page.json()["next"]} if page.json().get("next") else None

    told = page.json()
    assert found == more
    assert told["person"]["contact"] == PERSON
    assert told["person"]["homes"] == [{"household_id": household, **HOME}]
    assert told["notes"] == [{"pickup_id": pickup, "text": "two boxes"}]
    assert [each["role"] for each in told["households"]] == ["owner"]
    assert (len(told["photos"]), len(told["cards"])) == (1, 1)
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


def test_the_check_of_photos_keeps_those_of_living_pickups(city, pickup):
    city.photo(pickup, picture())
    city.house.wiring.db["photos"].update_many(
        {}, {"$set": {"put_at": SystemClock().now() - timedelta(hours=1)}}
    )

    assert check_photos(desk=city.house.wiring.desk) == 1
    assert check_photos(desk=city.house.wiring.desk) == 0
    assert city.house.wiring.db["photos"].count_documents({}) == 1
