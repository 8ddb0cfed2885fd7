"""Fifty devices at one drive, at once and under kill -9: each visit once, totals are the lots."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest

from services.collection.application.drive_ending import finish_all
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from tests.chaos.processes import KILLED
from tests.integration.drives_house import drive_house_of, lot
from tests.polling import eventually

pytestmark = [pytest.mark.integration, pytest.mark.chaos]

DEVICES = 50
VISITS = 3
VISIT_LABELS = ["visit.write.before", "visit.write.after"]
END_LABELS = [
    "drive.close.decided",
    "drive.finish.sealed",
    "drive.totals.decided",
    "drive.totals.marked",
]


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with drive_house_of(mongodb_uri, tmp_path) as held:
        yield held


def at_once(act, numbers):
    barrier = threading.Barrier(len(numbers))

    def one(number):
        barrier.wait(timeout=30)
        return act(number)

    with ThreadPoolExecutor(len(numbers)) as pool:
        return list(pool.map(one, numbers))


def lots_g(house, drive_id):
    visits = house.desk.search.visits_of(drive_id)
    return sum(each.mass_g for visit in visits for each in visit.weighing.lots)


def revisions(house, drive_id):
    """The revisions that were announced: each once, in order."""
    held = house.wiring.db["drives"].find_one({"_id": drive_id})
    bodies = [httpx.Response(200, content=bytes(each["value"])).json() for each in held["outbox"]]
    return [each["revision"] for each in bodies if "revision" in each]


def check_settled(house, drive_id):
    drive = house.state(drive_id)
    assert drive.totals.mass_g == lots_g(house, drive_id)
    assert revisions(house, drive_id) == list(range(1, drive.revision + 1))
    facts = house.get("/reconciliation", role="operator").json()["facts"]["drives"]
    assert (facts["uncounted"], facts["totals_g"]) == (0, facts["lots_g"])


def test_fifty_devices_weigh_at_once_while_it_is_closed(house):
    drive_id = house.plan()
    with house.serving() as (_, send):
        assert house.open(drive_id, call=send).status_code == 200
        blocks = at_once(
            lambda n: house.lease(drive_id, VISITS, device=f"device-{n}", call=send), range(DEVICES)
        )

        def work(number):
            device = f"device-{number}"
            told = [
                house.visit(drive_id, lot(mass_g=10 + n), ticket=n, device=device, call=send)
                for n in blocks[number]
            ]
            if number == DEVICES // 2:
                house.act(drive_id, "closing", call=send)
            return [each.status_code for each in told]

        answers = at_once(work, range(DEVICES))
        again = house.visit(drive_id, lot(mass_g=11), ticket=1, device="device-x", call=send)
    finish_all(desk=house.desk)

    numbers = sorted(n for block in blocks for n in block)
    assert numbers == list(range(1, DEVICES * VISITS + 1))
    assert answers == [[201] * VISITS] * DEVICES
    assert (again.status_code, again.json()["code"]) == (409, "visit.already_weighed")
    assert house.state(drive_id).state == "closed"
    assert lots_g(house, drive_id) == sum(10 + n for n in numbers)
    check_settled(house, drive_id)


def test_fifty_late_devices_revise_what_is_closed(house):
    drive_id = house.opened()
    tickets = house.lease(drive_id, DEVICES)
    house.act(drive_id, "closing")
    house.clock.advance(timedelta(days=1))
    finish_all(desk=house.desk)
    closed = house.state(drive_id)

    def tell(number):
        return house.visit(drive_id, lot(mass_g=number + 1), ticket=tickets[number]).status_code

    answers = at_once(tell, range(DEVICES))
    finish_all(desk=house.desk)

    assert (closed.state, closed.revision, closed.totals.visits) == ("closed", 1, 0)
    assert answers == [201] * DEVICES
    assert house.state(drive_id).totals.visits == DEVICES
    check_settled(house, drive_id)


@pytest.mark.parametrize(("label", "nth"), [(label, n) for label in VISIT_LABELS for n in (1, 7)])
def test_a_killed_api_makes_each_visit_once_when_it_is_repeated(house, label, nth):
    drive_id = house.plan()
    house.clock.instant = SystemClock().now()
    assert house.open(drive_id).status_code == 200

    def tell(number, send):
        key = f"key-{number}"
        try:
            return house.visit(drive_id, lot(mass_g=100 + number), key=key, call=send).status_code
        except httpx.TransportError:
            return None

    with house.serving(crash_at=f"{label}:{nth}") as (process, send):
        with ThreadPoolExecutor(8) as pool:
            first = list(pool.map(lambda n: tell(n, send), range(DEVICES)))
        assert process.wait(timeout=30) == KILLED
    promised = first.count(201)
    kept = len(house.desk.search.visits_of(drive_id))
    repeated = [tell(number, house.call) for number in range(DEVICES)]
    house.act(drive_id, "closing")
    finish_all(desk=house.desk)

    assert promised <= kept
    assert repeated == [201] * DEVICES
    assert house.state(drive_id).totals.visits == DEVICES
    assert lots_g(house, drive_id) == sum(100 + number for number in range(DEVICES))
    tickets = house.get(f"/drives/{drive_id}/tickets", role="operator").json()
    assert (tickets["used"], tickets["leased"]) == (DEVICES, 0)
    check_settled(house, drive_id)


@pytest.mark.parametrize("label", END_LABELS)
def test_a_killed_closing_is_finished_by_the_worker(house, kafka_bootstrap, label):
    drive_id = house.plan()
    house.clock.instant = SystemClock().now()
    house.open(drive_id)
    for number in range(5):
        house.visit(drive_id, lot(mass_g=100 + number))
    with house.serving(crash_at=label) as (process, send):
        with pytest.raises(httpx.TransportError):
            house.act(drive_id, "closing", key="close", call=send)
        assert process.wait(timeout=30) == KILLED
    house.visit(drive_id, lot(mass_g=7))

    with house.working(kafka=kafka_bootstrap):
        eventually(lambda: house.state(drive_id).totals.mass_g == 517, within_s=60)
        eventually(lambda: not house.desk.search.with_uncounted(limit=10), within_s=60)

    assert house.state(drive_id).state == "closed"
    assert house.act(drive_id, "closing", key="close").status_code == 200
    assert house.state(drive_id).revision in (1, 2)
    assert lots_g(house, drive_id) == 517


def test_fifty_households_race_for_ten_places(house):
    drive_id = house.plan(capacity=10)
    households = [house.household() for _ in range(DEVICES)]

    def sign(number):
        body = {"household_id": households[number]}
        return house.post(f"/drives/{drive_id}/sign-ups", body, key=new_id()).status_code

    answers = at_once(sign, range(DEVICES))
    house.work()

    assert (answers.count(201), answers.count(409)) == (10, DEVICES - 10)
    pool = house.desk.places.get(f"drive.{drive_id}")
    signed = house.wiring.db["sign_ups"].find({"state.state": "signed"})
    assert sorted(hold.hold_id for hold in pool.holds) == sorted(each["_id"] for each in signed)
