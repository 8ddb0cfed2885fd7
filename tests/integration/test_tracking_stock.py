"""Stock over real MongoDB: movements at places, balances now and at any time."""

import asyncio
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest

from services.tracking.bootstrap import Wiring, build_api
from services.tracking.settings import TrackingSettings
from shared.http.local_issuer import issue_token
from shared.kernel.ids import new_id
from shared.messaging.reactions import sequence_mark
from tests.lent_databases import lent_database
from tests.unit.tracking.builders import (
    COMMUNITY,
    FACILITY,
    LATER,
    VEHICLE,
    WEIGHED_AT,
    history,
    in_order,
    lot,
    unloading,
)

pytestmark = pytest.mark.integration

HUB = f"/v1/places/{FACILITY}"
HOUR = timedelta(hours=1)


class House:
    def __init__(self, settings):
        self.settings = settings
        self.wiring = Wiring(settings)
        self.wiring.prepare()
        self._app = build_api(settings)
        self._reaction, *_ = self.wiring.reactions()

    def react(self, *events):
        self._reaction.apply(events, sequence_mark("tracking", 1))
        self.settle()

    def settle(self):
        """Post, and follow what counts have to follow, until nothing is left."""
        while self.wiring.poster().post_all() or self.wiring.recount():
            pass

    def call(self, method, path, *, role="operator", **sent):
        async def answer():
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
                return await client.request(method, path, **sent)

        token = issue_token(self.settings.state_dir, subject=f"{role}-1", roles=[role])
        sent["headers"] = {"Authorization": f"Bearer {token}", **sent.get("headers", {})}
        return asyncio.run(answer())

    def post(self, path, body, *, key=None, role="operator", at=LATER + HOUR):
        sent = {"happened_at": at.isoformat(), **body} if at else body
        headers = {"Idempotency-Key": key or new_id()}
        answer = self.call("POST", path, json=sent, headers=headers, role=role)
        self.wiring.poster().post_all()
        return answer

    def stock_g(self, account, **asked):
        items = self.call("GET", "/v1/stock", params={"account": account, **asked}).json()["items"]
        return {(each["account"], each["material"]): each["mass_g"] for each in items}


@contextmanager
def running(uri, state_dir):
    with lent_database(uri, "tracking") as database:
        house = House(TrackingSettings(mongodb=uri, database=database, state_dir=state_dir))
        try:
            yield house
        finally:
            house.wiring.client.close()


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with running(mongodb_uri, tmp_path) as held:
        held.react(*in_order(*history((lot("lot-1", 700),)), unloading()))
        yield held


def line(mass_g, material="cardboard"):
    return {"material": material, "mass_g": mass_g}


def test_what_is_unloaded_is_sorted_and_sold_to_the_gram(house):
    sorted_ = house.post(
        f"{HUB}/sortings",
        {"inputs": [line(700)], "outputs": [line(600, "mixed-paper")], "residue_g": 100},
    )
    sold = house.post(
        f"{HUB}/deliveries",
        {"buyer_id": "mill-1", "delivery_note": "note-7", "lines": [line(600, "mixed-paper")]},
        at=LATER + 2 * HOUR,
    )

    facts = house.call("GET", "/v1/reconciliation").json()["facts"]
    assert (sorted_.status_code, sold.status_code) == (201, 201)
    assert sold.json()["flags"] == []
    assert house.stock_g("place/", is_prefix="true") == {(f"place/{FACILITY}", "residue"): 100}
    assert facts["by_material"]["mixed-paper"]["delivered"] == 600
    assert facts["ledger_sum_g"] == 0
    assert all(house.wiring.invariants().values())


def test_a_balance_is_told_of_any_time(house):
    place, vehicle = f"place/{FACILITY}", f"vehicle/{VEHICLE}"
    before, moving = WEIGHED_AT - timedelta(milliseconds=1), WEIGHED_AT
    times = {"before": before, "moving": moving, "unloaded": LATER}

    on_vehicle = {name: house.stock_g(vehicle, at=at.isoformat()) for name, at in times.items()}
    at_place = {name: house.stock_g(place, at=at.isoformat()) for name, at in times.items()}

    assert on_vehicle == {"before": {}, "moving": {(vehicle, "cardboard"): 700}, "unloaded": {}}
    assert at_place == {"before": {}, "moving": {}, "unloaded": {(place, "cardboard"): 700}}
    assert house.stock_g(f"household/{COMMUNITY}") == {
        (f"household/{COMMUNITY}", "cardboard"): -700
    }


def test_more_than_is_there_is_recorded_and_flagged(house):
    moved = house.post(f"{HUB}/moves", {"to_place_id": "port", "lines": [line(701)]})

    assert (moved.status_code, moved.json()["flags"]) == (201, ["stock.over_book"])
    assert house.stock_g(f"place/{FACILITY}") == {(f"place/{FACILITY}", "cardboard"): -1}


def test_a_count_at_its_time_and_a_declared_difference(house):
    counted = house.post(f"{HUB}/stock-takings", {"lines": [line(690), line(5, "glass")]})
    declared = house.post(f"{HUB}/differences", {"reason": "moisture", "lines": [line(-40)]})

    assert (counted.status_code, declared.status_code) == (201, 201)
    assert house.stock_g(f"place/{FACILITY}") == {
        (f"place/{FACILITY}", "cardboard"): 650,
        (f"place/{FACILITY}", "glass"): 5,
    }
    assert all(house.wiring.invariants().values())


def test_a_count_follows_what_is_told_late_of_what_was_before_it(house):
    place = f"place/{FACILITY}"
    times = {"first": LATER + HOUR, "second": LATER + 3 * HOUR}
    for at, mass_g in ((times["first"], 690), (times["second"], 680)):
        house.post(f"{HUB}/stock-takings", {"lines": [line(mass_g)]}, at=at)
        house.settle()
    body = {"to_place_id": "port", "lines": [line(100)]}
    house.post(f"{HUB}/moves", body, at=LATER + timedelta(minutes=30))  # before both
    house.post(f"{HUB}/moves", body, at=LATER + 2 * HOUR)  # between them
    house.post(f"{HUB}/moves", body, at=LATER + 4 * HOUR)  # after both

    house.settle()

    counted = {name: house.stock_g(place, at=at.isoformat()) for name, at in times.items()}
    movements = house.call("GET", f"{HUB}/stock-movements").json()["items"]
    counts = [each for each in movements if each["kind"] == "count"]
    assert counted == {"first": {(place, "cardboard"): 690}, "second": {(place, "cardboard"): 680}}
    assert house.stock_g(place) == {(place, "cardboard"): 580}
    assert [len(each["postings"]) for each in counts] == [4, 4]
    assert all(house.wiring.invariants().values())


def test_a_recount_reads_balances_and_not_its_places_history(house):
    at = LATER + 3 * HOUR
    house.post(f"{HUB}/stock-takings", {"lines": [line(680)]}, at=at)
    house.settle()
    house.wiring.journals.collection.delete_many({})  # what a walk would miss

    house.post(f"{HUB}/moves", {"to_place_id": "port", "lines": [line(100)]}, at=LATER)
    house.settle()

    assert house.stock_g(f"place/{FACILITY}", at=at.isoformat()) == {
        (f"place/{FACILITY}", "cardboard"): 680
    }


def test_a_late_count_is_undone_whole(house):
    taken = house.post(f"{HUB}/stock-takings", {"lines": [line(690)]})
    house.post(f"{HUB}/moves", {"to_place_id": "port", "lines": [line(100)]}, at=LATER)
    house.settle()
    path = f"/v1/stock-movements/{taken.json()['movement_id']}"

    undone = house.post(f"{path}/reversal", {"reason": "mistake"}, at=None)
    house.settle()

    assert undone.status_code == 200
    assert house.stock_g("difference/", is_prefix="true") == {}


def test_a_key_counts_once_and_a_reversal_gives_it_back(house):
    body = {"to_place_id": "port", "lines": [line(200)]}
    first = house.post(f"{HUB}/moves", body, key="key-1")
    again = house.post(f"{HUB}/moves", body, key="key-1")
    path = f"/v1/stock-movements/{first.json()['movement_id']}"

    undone = [house.post(f"{path}/reversal", {"reason": "mistake"}, at=None) for _ in range(2)]

    assert again.content == first.content
    assert [each.status_code for each in undone] == [200, 409]
    assert house.stock_g("place/port") == {}
    assert len(house.call("GET", path).json()["postings"]) == 4


def test_a_places_movements_are_listed_newest_first_page_by_page(house):
    for number in range(5):
        body = {"to_place_id": "port", "lines": [line(1)]}
        house.post(f"{HUB}/moves", body, at=LATER + number * HOUR)
    path, seen, cursor = f"{HUB}/stock-movements", [], {}

    for _ in range(3):
        page = house.call("GET", path, params={"limit": 2, **cursor}).json()
        seen += [each["happened_at"] for each in page["items"]]
        cursor = {"cursor": page["next"]} if page["next"] else {}

    assert (len(seen), cursor) == (5, {})
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("moves", {"to_place_id": FACILITY, "lines": [line(1)]}, "stock.nowhere"),
        ("moves", {"to_place_id": "port", "lines": [line(1, "gold")]}, "materials.unknown"),
        ("moves", {"to_place_id": "port", "lines": [line(1), line(2)]}, "stock.lines"),
        ("sortings", {"inputs": [line(2)], "outputs": [line(1, "glass")]}, "stock.unbalanced"),
        ("differences", {"reason": "x", "lines": [line(0)]}, "stock.mass"),
    ],
)
def test_refuses_what_cannot_be(house, path, body, code):
    refused = house.post(f"{HUB}/{path}", body)

    assert (refused.status_code, refused.json()["code"]) == (422, code)


@pytest.mark.parametrize("role", ["resident", "collector", "company", "regulator"])
def test_only_operators_move_and_only_watchers_look(house, role):
    moved = house.post(f"{HUB}/moves", {"to_place_id": "port", "lines": [line(1)]}, role=role)
    looked = house.call("GET", "/v1/stock", params={"account": "place/x"}, role=role)

    assert moved.status_code == 403
    assert looked.status_code == (200 if role == "regulator" else 403)
