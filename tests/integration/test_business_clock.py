"""`greenloop clock` moves every business deadline, in all processes; leases stay in real time."""

from datetime import timedelta

import pytest
from typer.testing import CliRunner

from services.collection.domain.slots import slot_named
from tests.integration.collection_house import COMMUNITY, house_of, service_day, slot_id
from tests.polling import eventually
from tools.cli.__main__ import app

pytestmark = pytest.mark.integration

WEIGH_IN = {
    "vehicle_id": "van-1",
    "scale_id": "scale-1",
    "gross_g": 4_500,
    "tare_g": 500,
    "lots": [{"material": "cardboard", "grade": "A", "mass_g": 4_000}],
}
EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
START, END = slot_named(slot_id()).window


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path, clock_file=tmp_path / "clock.json") as held:
        clock(held, "set", f"{service_day(0)}T10:00+08:00")
        held.open_slot()
        yield held


@pytest.fixture
def send(house):
    """Requests to an API process of its own, which only shares the clock's file."""
    with house.serving(clock_file=str(house.settings.clock_file)) as (_, request):
        yield request


def clock(house, command, argument):
    folder = str(house.settings.state_dir)
    done = CliRunner().invoke(app, ["clock", command, argument, "--state-dir", folder])
    assert done.exit_code == 0, done.output


def go_to(house, instant):
    """Move the clock, and wait until a process that reads its file must know."""
    ahead = instant - house.wiring.desk.clock.now()
    clock(house, "advance", str(ahead.total_seconds() / 3_600))
    eventually(lambda: house.wiring.desk.clock.now() >= instant)


def refusal(answer):
    return answer.json().get("code", answer.status_code)


def test_cut_offs_and_claims_follow_the_clock_in_the_api(house, send):
    household = house.household()
    ids = [house.book(household, call=send).json()["pickup_id"] for _ in range(3)]

    def missed(pickup_id):
        return eventually(
            lambda: refusal(house.post(f"/pickups/{pickup_id}/missed-reports", {}, call=send))
        )

    def cancel(pickup_id):
        path = f"/pickups/{pickup_id}/cancellation"
        return house.post(path, {"reason": "none"}, call=send)

    early = missed(ids[0])
    booked = cancel(ids[0]).status_code
    go_to(house, START - timedelta(hours=11))  # past 20:00 of the day before
    eventually(lambda: refusal(house.book(household, call=send)) == "collection.too_late")
    go_to(house, START - timedelta(hours=1))  # past 06:00
    eventually(lambda: refusal(cancel(ids[1])) == "collection.too_late")
    go_to(house, END)
    eventually(lambda: missed(ids[1]) == 200)
    go_to(house, END + timedelta(days=12))  # more than 2 working days, whatever the holidays

    assert (early, booked) == ("collection.tour_unfinished", 200)
    eventually(lambda: missed(ids[2]) == "collection.too_late")


def test_a_weigh_in_stands_and_cannot_be_disputed_after_24_hours(house, send, kafka_bootstrap):
    household = house.household()
    ids = [house.book(household, call=send).json()["pickup_id"] for _ in range(2)]
    for pickup_id in ids:
        body = {**WEIGH_IN, "weighed_at": house.wiring.desk.clock.now().isoformat()}
        house.post(f"/pickups/{pickup_id}/weigh-ins", body, role="collector", call=send)

    def state():
        return house.get(f"/pickups/{ids[0]}").json()["state"]

    with house.working(kafka=kafka_bootstrap, clock_file=str(house.settings.clock_file)):
        go_to(house, house.wiring.desk.clock.now() + timedelta(hours=23))
        disputed = house.post(f"/pickups/{ids[1]}/disputes", {"reason": "x"}, call=send)
        before = state()
        go_to(house, house.wiring.desk.clock.now() + timedelta(hours=2))
        eventually(lambda: state() == "stands", within_s=60)

    assert (before, disputed.status_code) == ("weighed", 200)
    late = house.post(f"/pickups/{ids[0]}/disputes", {"reason": "x"}, call=send)
    assert late.status_code == 409


def test_slots_are_opened_ahead_of_the_clock_and_holds_stay_in_real_time(house, kafka_bootstrap):
    weekly = [{"weekdays": EVERY_DAY, "band": "evening", "capacity": 3, "on_holidays": True}]
    rules = {"weekly": weekly, "horizon_days": 5}
    house.post(f"/communities/{COMMUNITY}/rules", rules, role="operator")
    wanted = {"household_id": house.household(), "slot_id": slot_id()}
    held = house.post("/holds", wanted).json()

    def opened(days):
        return house.wiring.db["slots"].find_one({"_id": slot_id("evening", days)}) is not None

    with house.working(kafka=kafka_bootstrap, clock_file=str(house.settings.clock_file)):
        eventually(lambda: opened(5), within_s=90)
        before = opened(6)
        go_to(house, house.wiring.desk.clock.now() + timedelta(days=2))
        eventually(lambda: opened(7), within_s=90)

    assert not before
    assert house.holds() == [held["pickup_id"]]  # held for 15 minutes of real time
