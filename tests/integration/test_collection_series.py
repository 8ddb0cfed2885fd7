"""Series over real MongoDB: the API, its worker's job, and a crash at each step."""

from datetime import date, timedelta

import pytest

from services.collection.application.materialising import materialise_all
from tests.integration.collection_house import COMMUNITY, ITEMS, house_of, service_day
from tests.polling import eventually

pytestmark = pytest.mark.integration

NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path) as held:
        for days in (3, 10):
            held.open_slot(days=days)
            held.open_slot("afternoon", days=days)
        yield held


def body(household_id, **rest):
    return {
        "household_id": household_id,
        "rule": f"FREQ=WEEKLY;BYDAY={NAMES[service_day().weekday()]}",
        "first": service_day().isoformat(),
        "band": "morning",
        "items": ITEMS,
        **rest,
    }


def begin(house, **rest):
    return house.post("/series", body(house.household(), **rest), key="begin")


def days_of(answer):
    return {each["day"]: each for each in answer.json()["occurrences"]}


def test_a_series_from_beginning_to_end(house):
    begun = begin(house, note="ring twice")
    path = f"/series/{begun.json()['series_id']}"
    first, second = service_day().isoformat(), service_day(10).isoformat()

    shown = house.get(path)
    moved = house.post(f"{path}/amendments", {"band": "afternoon"}, version=shown.headers["etag"])
    skipped = house.post(f"{path}/skips", {"day": first})
    after = house.get(path)
    ended = house.post(f"{path}/end", {})
    last = house.get(path)

    answers = (begun, shown, moved, skipped, after, ended, last)
    assert [each.status_code for each in answers] == [201, 200, 200, 200, 200, 200, 200]
    assert begun.headers["location"] == f"/v1{path}"
    assert {each["pickup_state"] for each in days_of(shown).values()} == {"booked"}
    assert (days_of(after)[first]["pickup_state"], after.json()["skipped"]) == (
        "cancelled",
        [first],
    )
    pickup = house.get(f"/pickups/{days_of(after)[second]['pickup_id']}").json()
    assert (pickup["band"], pickup["note"], pickup["series_id"]) == (
        "afternoon",
        "ring twice",
        begun.json()["series_id"],
    )
    assert days_of(last)[second]["standing"] == "withdrawn"
    assert last.headers["etag"] == '"4"'


def test_a_repeat_begins_no_second_series(house):
    household = house.household()

    first = house.post("/series", body(household), key="k")
    again = house.post("/series", body(household), key="k")

    assert again.content == first.content
    assert house.wiring.series.collection.count_documents({}) == 1
    assert house.wiring.pickups.collection.count_documents({}) == 2


def test_a_pause_and_its_end(house):
    path = f"/series/{begin(house).json()['series_id']}"

    paused = house.post(f"{path}/pauses", {"first": service_day(1).isoformat()})
    withdrawn = days_of(house.get(path))
    resumed = house.post(f"{path}/resumption", {})

    assert (paused.status_code, resumed.status_code) == (200, 200)
    assert {each["standing"] for each in withdrawn.values()} == {"withdrawn"}
    assert {each["pickup_state"] for each in days_of(house.get(path)).values()} == {"booked"}


def test_another_resident_sees_and_orders_nothing(house):
    series_id = begin(house).json()["series_id"]
    path, other = f"/series/{series_id}", {"subject": "resident-2"}

    assert house.get(path, **other).status_code == 404
    assert house.get("/series", **other).json()["items"] == []
    refused = [
        house.post(f"{path}/skips", {"day": service_day().isoformat()}, **other),
        house.post(f"{path}/pauses", {"first": service_day().isoformat()}, **other),
        house.post(f"{path}/resumption", {}, **other),
        house.post(f"{path}/end", {}, **other),
        house.post(f"{path}/amendments", {"band": "evening"}, version="*", **other),
    ]
    assert [each.status_code for each in refused] == [404] * 5
    assert {each.json()["code"] for each in refused} == {"series.not_found"}


def test_lists_of_series_by_household_community_and_owner(house):
    series = begin(house).json()
    household = series["household_id"]

    own = house.get("/series").json()["items"]
    by_household = house.get("/series", household_id=household).json()["items"]
    of_another = house.get("/series", household_id=household, subject="resident-2")
    by_community = house.get("/series", role="operator", community_code=COMMUNITY).json()["items"]
    both = house.get("/series", household_id=household, community_code=COMMUNITY)

    assert own == by_household == by_community
    assert (of_another.status_code, both.status_code) == (404, 422)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"rule": "FREQ=DAILY"}, "series.rule"),
        ({"rule": "FREQ=WEEKLY;COUNT=1;UNTIL=20280101"}, "series.rule"),
        ({"first": "2199-01-01"}, "series.first"),
        ({"band": "night"}, "http.invalid_input"),
        ({"phone": "+8613800000000"}, "http.invalid_input"),
        ({"items": []}, "http.invalid_input"),
    ],
)
def test_refuses_what_is_no_series(house, wrong, code):
    refused = begin(house, **wrong)

    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert "13800000000" not in refused.text


def test_a_full_day_is_placed_when_there_is_room(house):
    house.open_slot("evening", capacity=1)
    other = house.book(house.household(), slot=f"{COMMUNITY}.{service_day()}.evening").json()
    series = begin(house, band="evening").json()
    path, day = f"/series/{series['series_id']}", service_day().isoformat()
    told = days_of(house.get(path))[day]
    house.post(f"/pickups/{other['pickup_id']}/cancellation", {"reason": "none"})
    due_again(house)

    materialise_all(rota=house.wiring.rota)

    assert (told["standing"], told["reason"]) == ("unplaced", "collection.slot_full")
    assert house.wiring.series.unplaced() == 1  # the week after has no slot yet
    assert days_of(house.get(path))[day]["pickup_state"] == "booked"


def due_again(house):
    """As if the days had been tried long ago."""
    house.wiring.series.collection.update_many(
        {},
        {
            "$set": {
                "state.due_at": house.wiring.desk.clock.now(),
                "state.occurrences.$[].tried_at": None,
            }
        },
    )


@pytest.mark.parametrize(
    "label",
    [
        "series.read.after",
        "slot.hold.after",
        "slot.decide.after",
        "series.act.after",
        "series.note.before",
    ],
)
def test_a_worker_killed_at_a_step_books_each_day_once(house, label):
    household = house.household()
    with house.serving(crash_at=label) as (process, send):
        with pytest.raises(Exception):  # noqa: B017, PT011 - the connection breaks as it may
            house.post("/series", body(household), key="k", call=send)
        process.wait(timeout=20)
    house.heal()

    with house.working():
        answer = house.post("/series", body(household), key="k")
        path = f"/series/{answer.json()['series_id']}"
        eventually(lambda: states(house, path) == ["booked", "booked"], within_s=20)

    assert house.wiring.pickups.collection.count_documents({"state.state": "booked"}) == 2
    assert len(house.holds()) == 1


def states(house, path):
    found = days_of(house.get(path)).values()
    return [each.get("pickup_state") for each in found if date.fromisoformat(each["day"])]


def test_the_horizon_moves_on_by_itself(house):
    series_id = begin(house).json()["series_id"]
    house.wiring.series.collection.update_one(
        {"_id": series_id},
        {
            "$set": {
                "state.claimed_on": (service_day(0) - timedelta(days=1)).isoformat(),
                "state.claimed_to": service_day(5).isoformat(),
                "state.due_at": house.wiring.desk.clock.now(),
                "state.occurrences": [],
            }
        },
    )

    materialise_all(rota=house.wiring.rota)

    assert [each["day"] for each in house.get(f"/series/{series_id}").json()["occurrences"]] == [
        service_day().isoformat(),
        service_day(10).isoformat(),
    ]
