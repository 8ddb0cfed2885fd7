"""Estimates over real MongoDB: from a published list to a booking's range."""

import pytest

from shared.kernel.clock import SystemClock
from shared.messaging.reactions import sequence_mark
from tests.integration.collection_house import COMMUNITY, house_of, service_day
from tests.unit.collection.test_announcements import event
from tests.unit.collection.test_estimate import published

pytestmark = pytest.mark.integration


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path) as held:
        held.open_slot()
        publish(held, published(valid_from=SystemClock().now()))
        yield held


def publish(house, *lists):
    events = [event(each, number) for number, each in enumerate(lists, start=1)]
    house.wiring.reaction().apply(events, sequence_mark("collection", 1))


def ask(house, *items, **rest):
    asked = {"community_code": COMMUNITY, "service_day": service_day().isoformat(), **rest}
    return house.get("/estimates", item=list(items), **asked)


def test_a_range_from_the_list_of_the_area_and_day(house):
    told = ask(house, "cardboard:4500g", "cardboard:3p").json()

    assert (told["low_fen"], told["high_fen"], told["price_list_id"]) == (630, 630, "l-1")
    assert [line["nominal"] for line in told["lines"]] == [False, True]


def test_without_a_price_there_is_a_reason(house):
    elsewhere = ask(house, "cardboard:1g", community_code="110101001001").json()
    earlier = ask(house, "cardboard:1g", service_day="2020-01-01").json()
    other = ask(house, "cardboard:1g", "glass:1p").json()

    assert [each["reason"] for each in (elsewhere, earlier, other)] == [
        "price.no_list",
        "price.no_list",
        "price.incomplete",
    ]
    assert all(each["low_fen"] is None for each in (elsewhere, earlier, other))


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ("cardboard", "http.invalid_input"),
        ("cardboard:1kg", "http.invalid_input"),
        ("cardboard:٣g", "http.invalid_input"),
        ("cardboard:-1g", "http.invalid_input"),
        ("cardboard:99999999g", "mass.impossible"),
        ("cardboard:0p", "collection.pieces"),
        ("cardboard:99999p", "collection.pieces"),
        ("kryptonite:1g", "materials.unknown"),
    ],
)
def test_refuses_what_is_no_item(house, item, code):
    refused = ask(house, item)

    assert (refused.status_code, refused.json()["code"]) == (422, code)


def test_a_booking_tells_its_estimate_and_counts_pieces(house):
    items = [{"material": "cardboard", "pieces": 5}]
    booked = house.book(house.household(), items=items).json()
    shown = house.get(f"/pickups/{booked['pickup_id']}").json()

    assert booked["items"][0] == {
        "material": "cardboard",
        "estimated_mass_g": 3_000,
        "hazardous": False,
        "pieces": 5,
        "nominal": True,
        "condition": None,
    }
    assert shown["items"] == booked["items"]
    assert shown["estimate"]["high_fen"] == booked["estimate"]["high_fen"] == 300
    assert shown["estimate"]["price_list_id"] == "l-1"


def test_a_battery_is_asked_whether_it_is_intact(house):
    asked = {each["code"]: each for each in house.get("/materials").json()["items"]}
    refused = house.book(
        house.household(), items=[{"material": "lithium-ion-batteries", "pieces": 3}]
    )

    assert asked["lithium-ion-batteries"]["asked"] == ["condition"]
    assert asked["cardboard"]["asked"] == []
    assert asked["glass"]["piece"]["source"]
    assert (refused.status_code, refused.json()["code"]) == (422, "collection.condition")


def test_the_list_of_the_smallest_area_decides(house):
    later = published("l-2", price=500).model_copy(update={"area_code": COMMUNITY})
    publish(house, published(), later)
    fresh = type(house.wiring.price_lists)(house.wiring.price_lists.collection)

    assert fresh.for_community(COMMUNITY, SystemClock().now()).price_list_id == "l-2"
