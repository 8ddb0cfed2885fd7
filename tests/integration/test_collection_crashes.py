"""The API is killed at each step of hold, decide and free; a repeat and the sweep make it right."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx
import pytest

from services.collection.application import places
from services.collection.domain.pools import Place
from tests.chaos.processes import KILLED
from tests.integration.collection_house import house_of, slot_id
from tests.polling import eventually

pytestmark = [pytest.mark.integration, pytest.mark.chaos]

PLACES = 20
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
TIMES = (1, 7)
BOOKING = [f"slot.{step}.{side}" for step in ("hold", "decide") for side in ("before", "after")]
FREEING = ["slot.free.before", "slot.free.after"]


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path) as held:
        held.open_slot(capacity=PLACES)
        held.open_slot("afternoon", capacity=PLACES)
        yield held


def until_killed(house, label, act):
    """Do `act(number, send)` for many numbers at a time, until the API dies at the label."""

    def attempt(number):
        try:
            return act(number, send).status_code
        except httpx.TransportError:
            return None

    with house.serving(crash_at=label) as (process, send), ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(PLACES)))
        assert process.wait(timeout=30) == KILLED
    return outcomes


@pytest.mark.parametrize(("nth", "swept"), [(1, True), (7, False)])
@pytest.mark.parametrize("label", BOOKING)
def test_a_killed_booking_is_made_once_when_it_is_repeated(house, label, nth, swept):
    household = house.household()

    def book(number, send):
        return house.book(household, key=f"key-{number}", call=send)

    outcomes = until_killed(house, f"{label}:{nth}", book)
    counts = house.wiring.search.counts()
    assert outcomes.count(201) <= counts["open"] == counts["booked"]  # each 2xx is durable
    if swept:
        house.heal()
        assert house.holds() == house.used()
        assert len(house.holds()) == counts["open"]
    repeated = [book(number, house.call).status_code for number in range(PLACES)]

    assert repeated == [201] * PLACES
    assert house.holds() == house.used()
    assert len(house.holds()) == PLACES
    assert house.get("/reconciliation", role="operator").json()["accepted"] == PLACES


@pytest.mark.parametrize("nth", TIMES)
@pytest.mark.parametrize("label", FREEING)
def test_a_killed_cancellation_or_move_frees_each_place_once(house, label, nth):
    household = house.household()
    pickups = [house.book(household).json()["pickup_id"] for _ in range(PLACES)]
    afternoon = slot_id("afternoon")

    def withdraw(number, send):
        path, key = f"/pickups/{pickups[number]}", f"key-{number}"
        if number % 2:
            return house.post(f"{path}/cancellation", {"reason": "none"}, key=key, call=send)
        body = {"slot_id": afternoon}
        return house.post(f"{path}/amendments", body, key=key, call=send, version="*")

    outcomes = until_killed(house, f"{label}:{nth}", withdraw)
    house.heal()

    assert set(outcomes) <= {200, None}
    for slot in (slot_id(), afternoon):
        assert house.holds(slot) == house.used(slot)
    repeated = [withdraw(number, house.call).status_code for number in range(PLACES)]
    assert repeated == [200] * PLACES
    assert house.holds() == []
    assert len(house.holds(afternoon)) == PLACES // 2
    assert house.holds(afternoon) == house.used(afternoon)


def test_twenty_holds_of_a_dead_api_are_freed_by_the_worker(house, kafka_bootstrap):
    household = house.household()
    for number in range(PLACES):
        places.take_places([Place(slot_id(), f"dead-{number}")], desk=house.wiring.desk)
    refused = house.book(household)

    house.wiring.db["slots"].update_many(
        {}, {"$set": {"holds.$[].expires_at": LONG_AGO, "sweep_at": LONG_AGO}}
    )
    with house.working(kafka=kafka_bootstrap):
        eventually(lambda: house.holds() == [], within_s=60)

    assert (refused.status_code, refused.json()["code"]) == (409, "collection.slot_full")
    assert [house.book(household).status_code for _ in range(PLACES)] == [201] * PLACES
    assert house.wiring.search.counts()["lapsed"] == PLACES + 1  # and the refused one
