"""Photos over HTTP and real MongoDB: who sees them, what is refused, what is left of them."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from services.collection.application.photographing import check_photos
from shared.kernel.clock import SystemClock
from tests.integration.residents import GUEST, city_of, picture

pytestmark = pytest.mark.integration


@pytest.fixture
def city(mongodb_uri, tmp_path):
    with city_of(mongodb_uri, tmp_path) as held:
        yield held


@pytest.fixture
def household(city):
    return city.house.household()


@pytest.fixture
def pickup(city, household):
    return city.house.book(household, note="two boxes").json()["pickup_id"]


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


def test_the_check_of_photos_keeps_those_of_living_pickups(city, pickup):
    city.photo(pickup, picture())
    city.house.wiring.db["photos"].update_many(
        {}, {"$set": {"put_at": SystemClock().now() - timedelta(hours=1)}}
    )

    assert check_photos(desk=city.house.wiring.desk) == 1
    assert check_photos(desk=city.house.wiring.desk) == 0
    assert city.house.wiring.db["photos"].count_documents({}) == 1
