"""The routes of lists over real MongoDB: who sees what, narrowed how, and how pages follow."""

import base64
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.collection.entrypoints.reactions import reaction
from shared.messaging.reactions import sequence_mark
from tests.integration.collection_house import COMMUNITY, house_of, service_day, slot_id
from tests.unit.collection.test_announcements import assigned, event

pytestmark = pytest.mark.integration

OUTCOME = {"outcome": "no_access", "happened_at": "2026-11-26T01:30:00Z"}


@pytest.fixture(scope="module")
def house(mongodb_uri, tmp_path_factory):
    with house_of(mongodb_uri, tmp_path_factory.mktemp("lists")) as held:
        for days in (3, 4, 5):
            held.open_slot(days=days)
        held.home = held.household()
        held.made = [
            held.book(held.home, slot=slot_id(days=days)).json()["pickup_id"]
            for days in (5, 3, 4, 3)
        ]
        tour = assigned(*held.made[1:3]).model_copy(update={"service_day": service_day()})
        reaction(held.wiring.pickups).apply([event(tour)], sequence_mark("collection", 1))
        held.post(f"/pickups/{held.made[0]}/outcomes", OUTCOME, role="collector")
        yield held


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [each["pickup_id"] for each in answer.json()["items"]]


def days(answer):
    return [each["service_day"] for each in answer.json()["items"]]


def test_the_oldest_day_comes_first_or_the_newest(house):
    oldest, newest = house.get("/pickups"), house.get("/pickups", sort="newest")

    assert days(oldest) == sorted(days(oldest))
    assert ids(newest) == ids(oldest)[::-1]
    assert set(ids(oldest)) == set(house.made)


def test_lists_are_narrowed_to_days_and_states(house):
    first, last = service_day(4).isoformat(), service_day(5).isoformat()

    between = house.get("/pickups", **{"from": first, "to": last})
    day = house.get("/pickups", service_day=service_day(4).isoformat())
    states = house.get("/pickups", state=["assigned", "failed"])

    assert set(ids(between)) == {house.made[0], house.made[2]}
    assert ids(day) == [house.made[2]]
    assert set(ids(states)) == {house.made[0], house.made[1]}  # the other tour was another day's


def test_staff_list_a_household_a_community_an_area_or_all(house):
    wanted = [
        {"household_id": house.home},
        {"community_code": COMMUNITY},
        {"area_code": "3501"},
        {"area_code": COMMUNITY},
        {},
    ]

    found = [ids(house.get("/pickups", role="operator", **each)) for each in wanted]

    assert all(sorted(each) == sorted(house.made) for each in found)
    assert ids(house.get("/pickups", role="operator", area_code="1101")) == []


def test_a_regulator_is_held_to_the_own_area(house):
    def seen(area, **asked):
        return house.get("/pickups", role="regulator", area=area, **asked)

    assert len(ids(seen("3501"))) == len(ids(seen(COMMUNITY))) == 4
    assert len(ids(seen("3501", area_code="350102"))) == 4
    assert len(ids(seen("3501", community_code=COMMUNITY))) == 4
    assert ids(seen("1101")) == ids(seen("1101", community_code=COMMUNITY)) == []
    assert ids(seen("3502", area_code="35")) == []
    assert seen("1101", household_id=house.home).status_code == 404


def test_another_resident_lists_nothing_of_ours(house):
    other = {"subject": "resident-2"}

    assert ids(house.get("/pickups", **other)) == []
    assert house.get("/pickups", household_id=house.home, **other).status_code == 404


@pytest.mark.parametrize(
    ("asked", "role", "code"),
    [
        ({"community_code": COMMUNITY}, "resident", "search.not_offered"),
        ({"area_code": "35"}, "company", "search.not_offered"),
        ({"household_id": "h", "community_code": COMMUNITY}, "operator", "search.not_offered"),
        ({"service_day": "2026-11-26", "from": "2026-11-26"}, "resident", "search.not_offered"),
        ({"from": "2026-11-26", "to": "2026-11-25"}, "resident", "search.days"),
        (
            {"area_code": "3501", "from": "2020-01-01", "to": "2026-01-01"},
            "operator",
            "search.days",
        ),
        ({"state": "lapsed"}, "operator", "http.invalid_input"),
        ({"state": ["booked"] * 13}, "operator", "http.invalid_input"),
        ({"area_code": "٣٥"}, "operator", "http.invalid_input"),
        ({"from": "1066-10-14"}, "operator", "http.invalid_input"),
        ({"sort": "state"}, "operator", "http.invalid_input"),
        ({"limit": 201}, "operator", "http.invalid_input"),
    ],
)
def test_refuses_what_no_index_serves(house, asked, role, code):
    refused = house.get("/pickups", role=role, **asked)

    assert (refused.status_code, refused.json()["code"]) == (422, code)


def test_pages_follow_their_links(house):
    found, path = [], "/v1/pickups?limit=1&sort=newest&state=booked&state=assigned"
    while path:
        answer = house.call("GET", path, headers=house.headers("resident"))
        found += ids(answer)
        path = answer.links.get("next", {}).get("url")

    assert found == ids(house.get("/pickups", sort="newest", state=["booked", "assigned"]))


def cursor_of(house, **asked):
    return house.get("/pickups", limit=1, **asked).json()["next"]


def changed(cursor, place, value):
    held = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    held[place] = value
    return base64.urlsafe_b64encode(json.dumps(held).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, "another"),
        (1, -(2**62)),
        (1, 2**62),
        (1, 1.5),
        (2, "yesterday"),
        (2, "20261126"),
        (2, "2026-W48-4"),
        (3, 7),
        (4, None),
    ],
)
def test_a_cursor_that_was_changed_is_refused(house, place, value):
    refused = house.get("/pickups", limit=1, cursor=changed(cursor_of(house), place, value))

    assert (refused.status_code, refused.json()["code"]) == (400, "paging.cursor")


@pytest.mark.parametrize(
    "other",
    [
        {"sort": "newest"},
        {"state": "booked"},
        {"service_day": "2026-11-26"},
        {"subject": "resident-2"},
        {"role": "operator"},
    ],
)
def test_a_cursor_is_good_for_its_list_only(house, other):
    refused = house.get("/pickups", cursor=cursor_of(house), **other)

    assert (refused.status_code, refused.json()["code"]) == (400, "paging.cursor")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.text(max_size=40)
    | st.lists(st.text(max_size=8) | st.integers() | st.none(), max_size=6).map(
        lambda held: base64.urlsafe_b64encode(json.dumps(held).encode()).decode()
    )
)
def test_a_made_up_cursor_is_never_an_error_of_ours(house, cursor):
    for path in ("/pickups", "/reviews"):
        refused = house.get(path, role="operator", cursor=cursor)
        told = "http.not_text" if "\0" in cursor else "paging.cursor"
        assert (refused.status_code, refused.json()["code"]) == (400, told)
    assert house.get("/series", role="operator", cursor=cursor).status_code in (200, 400)


def test_a_collectors_stops_come_in_the_order_of_the_tour(house):
    day = service_day().isoformat()

    own = house.get("/stops", role="collector", service_day=day)
    by_tour = house.get("/stops", role="collector", tour_id="tour-1")
    staff = house.get("/stops", role="operator", collector_id="collector-1", service_day=day)
    today = house.get("/stops", role="collector")

    assert ids(own) == ids(by_tour) == ids(staff) == [house.made[1]]
    assert (own.json()["items"][0]["position"], ids(today)) == (1, [])


def test_a_collector_sees_no_others_stops(house):
    day = service_day().isoformat()
    other = {"role": "collector", "subject": "collector-2"}

    assert ids(house.get("/stops", service_day=day, **other)) == []
    assert ids(house.get("/stops", tour_id="tour-1", **other)) == []
    assert ids(house.get("/stops", collector_id="collector-1", service_day=day, **other)) == []
    assert house.get("/pickups", role="collector").json()["code"] == "auth.role"
    assert house.get("/stops", role="operator").json()["code"] == "search.not_offered"
    both = house.get("/stops", role="operator", tour_id="t", collector_id="c")
    assert both.json()["code"] == "search.not_offered"


def test_reviews_are_listed_until_they_are_resolved(house):
    pickup_id = house.book(house.home, slot=slot_id(days=4)).json()["pickup_id"]
    house.post(f"/pickups/{pickup_id}/cancellation", {"reason": "none"})
    weigh_in = {
        "vehicle_id": "van-1",
        "scale_id": "scale-1",
        "gross_g": 4_500,
        "tare_g": 500,
        "weighed_at": "2026-11-26T01:30:00Z",
        "lots": [{"material": "cardboard", "grade": "A", "mass_g": 4_000}],
    }
    house.post(f"/pickups/{pickup_id}/weigh-ins", weigh_in, role="collector")
    code = "weighing.after_cancelled"

    waiting = house.get("/reviews", role="operator")
    by_code = house.get("/reviews", role="operator", code=code)
    other = house.get("/reviews", role="operator", code="pickup.disputed")
    resolved = house.post(
        f"/pickups/{pickup_id}/reviews/{code}/resolution", {"reason": "seen"}, role="operator"
    )

    assert ids(waiting) == ids(by_code) == [pickup_id]
    assert (ids(other), resolved.status_code) == ([], 200)
    assert ids(house.get("/reviews", role="operator", code=code)) == []
    assert house.get("/reviews", role="regulator").json()["code"] == "auth.role"
