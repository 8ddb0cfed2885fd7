"""A pickup's whole life, told from its one document."""

import pytest

from tests.integration.collection_house import house_of, slot_id
from tests.integration.test_collection_api import LOTS, WEIGH_IN

pytestmark = pytest.mark.integration


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path) as held:
        held.open_slot()
        held.open_slot("afternoon")
        yield held


def test_a_history_has_every_version_weigh_in_step_and_review(house):
    booked = house.book(house.household())
    path = f"/pickups/{booked.json()['pickup_id']}"
    version = booked.headers["etag"]
    house.post(f"{path}/amendments", {"slot_id": slot_id("afternoon")}, version=version)
    house.post(f"{path}/weigh-ins", WEIGH_IN, role="collector")
    rival = {**WEIGH_IN, "vehicle_id": "van-2"}
    house.post(f"{path}/weigh-ins", rival, role="collector", subject="collector-2")
    house.post(f"{path}/disputes", {"reason": "too-heavy"})
    correction = {"supersedes": 1, "lots": [{**LOTS[0], "mass_g": 3_900}], "reason": "misread"}
    house.post(f"{path}/corrections", correction, role="operator")
    house.post(f"{path}/corrections/1/approval", {}, role="operator", subject="operator-2")

    told = house.get(f"{path}/history").json()

    assert [(each["version"], each["band"]) for each in told["bookings"]] == [
        (1, "morning"),
        (2, "afternoon"),
    ]
    assert [each["revision"] for each in told["weighings"]] == [1, 2]
    assert [each["lots"][0]["mass_g"] for each in told["weighings"]] == [4_000, 3_900]
    assert [each["vehicle_id"] for each in told["rivals"]] == ["van-2"]
    assert [each["act"] for each in told["steps"]] == [
        "book",
        "amend",
        "weigh",
        "dispute",
        "correct",
    ]
    assert told["steps_complete"] is True
    assert {each["code"] for each in told["reviews"]} >= {"weighing.second", "pickup.disputed"}
    assert all(each["resolution"] for each in told["reviews"])


def test_a_cancellation_says_by_whom_and_why(house):
    path = f"/pickups/{house.book(house.household()).json()['pickup_id']}"
    house.post(f"{path}/cancellation", {"reason": "plans-changed"})

    told = house.get(f"{path}/history").json()

    assert (told["cancelled_by"], told["cancel_reason"]) == ("resident", "plans-changed")


def test_anothers_history_is_not_found(house):
    path = f"/pickups/{house.book(house.household()).json()['pickup_id']}/history"

    assert house.get(path, subject="resident-2").status_code == 404
    assert house.get(path, role="regulator", area="1101").status_code == 404
    assert house.get(path, role="regulator", area="3501").status_code == 200
