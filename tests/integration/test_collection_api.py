"""Collection's API over real MongoDB: who may do what, and what is told to whom."""

import threading

import pytest

from services.collection.application import opening
from services.collection.entrypoints.reactions import reaction
from shared.messaging.reactions import sequence_mark
from tests.integration.collection_house import COMMUNITY, house_of, service_day, slot_id
from tests.unit.collection.test_announcements import assigned, event

pytestmark = pytest.mark.integration

LOTS = [{"material": "cardboard", "grade": "A", "mass_g": 4_000}]
WEIGH_IN = {
    "vehicle_id": "van-1",
    "scale_id": "scale-1",
    "gross_g": 4_500,
    "tare_g": 500,
    "weighed_at": "2026-11-26T01:30:00Z",
    "lots": LOTS,
}
PERSON = {"name": "Chen Wei", "phone": "+8613800000000", "address": "Gulou 12-3"}


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path) as held:
        held.open_slot()
        held.open_slot("afternoon")
        yield held


@pytest.fixture
def pickup(house):
    return house.book(house.household()).json()


def test_a_pickup_from_booking_to_correction(house):
    booked = house.book(house.household())
    path = f"/pickups/{booked.json()['pickup_id']}"

    moved = house.post(
        f"{path}/amendments", {"slot_id": slot_id("afternoon")}, version=booked.headers["etag"]
    )
    changed = house.post(
        f"{path}/amendments",
        {"items": [{"material": "textiles", "estimated_mass_g": 1}]},
        version=moved.headers["etag"],
    )
    weighed = house.post(f"{path}/weigh-ins", WEIGH_IN, role="collector")
    disputed = house.post(f"{path}/disputes", {"reason": "too-heavy"})
    proposed = house.post(
        f"{path}/corrections",
        {"supersedes": 1, "lots": [{**LOTS[0], "mass_g": 3_900}], "reason": "misread"},
        role="operator",
    )
    approval = f"{path}/corrections/1/approval"
    own = house.post(approval, {}, role="operator")
    second = {"role": "operator", "subject": "operator-2"}
    other = house.post(approval, {"proposed_at": "2026-01-01T00:00:00Z"}, **second)
    seen = {"proposed_at": proposed.json()["proposal"]["proposed_at"]}
    approved = house.post(approval, seen, **second)

    answers = (booked, moved, changed, weighed, disputed, proposed, own, other, approved)
    assert [each.status_code for each in answers] == [201, *[200] * 5, 403, 412, 200]
    assert own.json()["code"] == "collection.own_correction"
    assert booked.headers["location"] == f"/v1{path}"
    shown = house.get(path).json()
    assert (shown["state"], shown["band"], shown["booking_version"]) == (
        "corrected",
        "afternoon",
        3,
    )
    assert (shown["weighing"]["revision"], shown["weighing"]["net_g"]) == (2, 4_000)
    assert house.holds(slot_id("afternoon")) == house.used(slot_id("afternoon"))
    assert house.holds() == []


def test_a_repeat_is_the_first_answer_and_another_body_is_refused(house):
    household = house.household()
    first = house.book(household, key="key-1")

    again = house.book(household, key="key-1")
    other = house.book(household, key="key-1", slot=slot_id("afternoon"))

    assert again.content == first.content
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.body_differs")
    assert house.holds(slot_id("afternoon")) == []


def test_a_held_place_is_booked_by_its_pickup_id(house):
    household = house.household()
    wanted = {"household_id": household, "slot_id": slot_id()}

    held = house.post("/holds", wanted, key="form")
    again = house.post("/holds", wanted, key="form")
    booked = house.book(household, pickup_id=held.json()["pickup_id"])

    assert (held.status_code, again.json()) == (201, held.json())
    assert booked.json()["pickup_id"] == held.json()["pickup_id"]
    assert house.holds() == house.used() == [held.json()["pickup_id"]]


def test_rules_open_slots_and_move_cut_offs(house):
    weekly = [{"weekdays": ["mon", "tue", "wed", "thu", "fri"], "band": "evening", "capacity": 3}]
    rules = {"weekly": weekly, "book": {"at": "12:00", "days_before": 30}}

    answer = house.post(f"/communities/{COMMUNITY}/rules", rules, role="operator")
    opened = opening.open_ahead(desk=house.wiring.desk)
    refused = house.book(house.household())

    assert (answer.status_code, answer.json()["book"]["days_before"]) == (200, 30)
    assert opened > 0
    assert (refused.status_code, refused.json()["code"]) == (409, "collection.too_late")


def test_booking_writes_three_documents(house):
    household = house.household()
    house.book(household)  # the household is in memory now
    before = writes(house)

    assert house.book(household).status_code == 201

    assert writes(house) - before == 3  # slot, household's share, pickup


def writes(house):
    counted = house.wiring.client.admin.command("serverStatus")["opcounters"]
    return counted["insert"] + counted["update"] + counted["delete"]


def test_two_hundred_clients_get_exactly_the_twenty_places(house):
    households = [house.household() for _ in range(20)]
    barrier, statuses = threading.Barrier(200), []
    with house.serving() as (_, send):

        def book(number):
            barrier.wait()
            statuses.append(house.book(households[number % 20], call=send).status_code)

        threads = [threading.Thread(target=book, args=(number,)) for number in range(200)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert statuses.count(201) == 20
    assert set(statuses) <= {201, 409, 503}  # 503: load is shed, with Retry-After
    assert len(house.holds()) == 20
    assert house.holds() == house.used()


def test_personal_data_is_in_one_collection_only(house):
    household = house.household(**PERSON)
    shown = house.book(household, note="ask for Chen Wei").json()

    holding = [
        name
        for name in house.wiring.db.list_collection_names()
        if any("Chen" in str(held) for held in house.wiring.db[name].find())
    ]
    assert holding == ["people"]
    path = f"/pickups/{shown['pickup_id']}"
    told = {role: house.get(path, role=role).json()["note"] for role in ("resident", "operator")}
    assert told == dict.fromkeys(told, "ask for Chen Wei")
    assert house.get(path, role="regulator").json()["note"] is None
    assert house.get(path, role="collector").json()["note"] is None  # of another tour


def test_another_resident_sees_and_changes_nothing(house, pickup):
    path = f"/pickups/{pickup['pickup_id']}"
    other = {"subject": "resident-2"}

    assert house.get(path, **other).status_code == 404
    assert house.get("/pickups", **other).json()["items"] == []
    cancelled = house.post(f"{path}/cancellation", {"reason": "none"}, **other)
    assert cancelled.status_code == 404
    assert house.post(f"{path}/missed-reports", {}, **other).status_code == 404


def test_a_regulator_sees_the_own_area(house, pickup):
    path = f"/pickups/{pickup['pickup_id']}"

    assert house.get(path, role="regulator", area=COMMUNITY[:6]).status_code == 200
    assert house.get(path, role="regulator", area="1101").status_code == 404
    assert house.get("/pickups", role="regulator", area="1101").json()["items"] == []
    assert len(house.get("/pickups", role="regulator", area="3501").json()["items"]) == 1


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("/slots", "resident"),
        ("/pickups", "collector"),
        ("/pickups/p/weigh-ins", "resident"),
        ("/pickups/p/outcomes", "operator"),
        ("/pickups/p/corrections", "resident"),
        ("/pickups/p/corrections/1/approval", "collector"),
        ("/pickups/p/confirmation", "collector"),
        ("/pickups/p/upholding", "collector"),
        ("/communities/350102001001/rules", "resident"),
        ("/scales", "collector"),
        ("/pickups/p/cancellation", "company"),
    ],
)
def test_a_call_needs_its_role(house, path, role):
    assert house.post(path, {}, role=role).status_code in (403, 422)
    assert house.post(path, {}, role=role).json()["code"] == "auth.role"


def test_an_amendment_says_its_version(house, pickup):
    path = f"/pickups/{pickup['pickup_id']}/amendments"

    assert house.post(path, {}).status_code == 428
    assert house.post(path, {}, version='"7"').status_code == 412
    assert house.post(path, {}, version="*").status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"items": []},
        {"items": [{"material": "kryptonite", "estimated_mass_g": 1}]},
        {"items": [{"material": "cardboard", "estimated_mass_g": -1}]},
        {"items": [{"material": "cardboard", "estimated_mass_g": 1.5}]},
        {"phone": "+8613800000000"},
        {"slot_id": "no such/slot"},
    ],
)
def test_refuses_what_is_no_booking_and_repeats_nothing_of_it(house, wrong):
    refused = house.book(house.household(), **wrong)

    assert refused.status_code == 422
    assert "13800000000" not in refused.text


def test_lists_by_pages(house):
    household = house.household()
    made = sorted(house.book(household).json()["pickup_id"] for _ in range(5))
    found, cursor = [], {}
    while cursor is not None:
        page = house.get("/pickups", household_id=household, limit=2, **cursor).json()
        found += [each["pickup_id"] for each in page["items"]]
        cursor = {"cursor": page["next"]} if page["next"] else None

    assert found == made


def test_slots_tell_their_places(house, pickup):
    day = service_day().isoformat()
    asked = {"community_code": COMMUNITY, "from": day, "to": day}

    items = house.get("/slots", **asked).json()["items"]

    assert {each["band"]: each["places_left"] for each in items} == {"afternoon": 20, "morning": 19}


def test_a_late_repeat_does_not_bring_back_a_slots_capacity(house):
    path = f"/slots/{slot_id()}/capacity"
    for key in ("5", "8", "5"):
        told = house.post(path, {"capacity": int(key)}, role="operator", key=key)
    other = house.post(path, {"capacity": 9}, role="operator", key="5")

    assert told.json()["capacity"] == 8
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.body_differs")


def test_a_tour_reaches_the_pickup_through_the_reaction(house, pickup):
    tour = assigned(pickup["pickup_id"]).model_copy(update={"service_day": service_day()})
    for _ in range(2):
        reaction(house.wiring.pickups).apply([event(tour)], sequence_mark("collection", 1))

    shown = house.get(f"/pickups/{pickup['pickup_id']}")
    assert (shown.json()["state"], shown.headers["etag"]) == ("assigned", '"2"')


def test_the_books_count_every_pickup_in_one_term(house):
    household = house.household()
    pickups = [house.book(household).json()["pickup_id"] for _ in range(4)]
    house.post(f"/pickups/{pickups[0]}/cancellation", {"reason": "none"})
    house.post(f"/pickups/{pickups[1]}/weigh-ins", WEIGH_IN, role="collector")
    outcome = {"outcome": "no_access", "happened_at": "2026-11-26T01:30:00Z"}
    house.post(f"/pickups/{pickups[2]}/outcomes", outcome, role="collector")

    books = house.get("/reconciliation", role="operator").json()

    assert books["facts"]["counts"] == {
        "booked": 4, "open": 1, "collected": 1, "cancelled": 1, "missed": 0, "failed": 1,
        "lapsed": 0,
    }  # fmt: skip
    assert books["facts"]["collected_g"] == {"cardboard": 4_000}
    assert all(house.wiring.invariants().values())


def test_the_invariants_see_a_pickup_that_was_never_booked(house, pickup):
    house.wiring.pickups.collection.update_one({}, {"$set": {"state.booking_version": 0}})

    assert not house.wiring.invariants()["collection.counts"]
