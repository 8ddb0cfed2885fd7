"""Pricing over real MongoDB: its API, its reaction and its books."""

import asyncio
import threading
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from services.pricing.bootstrap import Wiring
from services.pricing.entrypoints import http
from services.pricing.entrypoints.reactions import reaction
from services.pricing.settings import PricingSettings
from shared.http.app import create_app
from shared.http.local_issuer import issue_token
from shared.kernel.ids import new_id
from shared.messaging.outbox_bound import AGE_S_MAX
from shared.messaging.reactions import sequence_mark
from tests.lent_databases import lent_database
from tests.unit.pricing.builders import HOUSEHOLD, PICKUP, arrived, history, lot

pytestmark = pytest.mark.integration

VALID_FROM = "2026-11-01T00:00:00+08:00"


class House:
    """Pricing's wiring over a database of its own, with an API and a reader of events."""

    def __init__(self, settings):
        self.settings = settings
        self.wiring = Wiring(settings)
        self.wiring.prepare()
        office = http.Office(
            lists=self.wiring.lists,
            areas=self.wiring.areas,
            book=self.wiring.book,
            settlements=self.wiring.settlements,
            search=self.wiring.search,
            clock=self.wiring.clock,
            books=self.wiring.books,
        )
        self._app = create_app(
            title="pricing",
            routers=[http.prices_router(office), http.settlements_router(office)],
            settings=settings,
            ready=self.wiring.ready,
        )
        self._reaction = reaction(
            self.wiring.settlements, book=self.wiring.book, clock=self.wiring.clock
        )

    def restarted(self):
        """Return another process of the same house: nothing that was measured is remembered."""
        return House(self.settings)

    def close(self):
        self.wiring.client.close()

    def react(self, *events):
        self._reaction.apply(events, sequence_mark("pricing", 1))

    def call(self, method, path, **sent):
        """One request to the API, in this process."""

        async def answer():
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
                return await client.request(method, path, **sent)

        return asyncio.run(answer())

    def headers(self, role, key=None):
        token = issue_token(self.settings.state_dir, subject=f"{role}-1", roles=[role])
        held = {"Authorization": f"Bearer {token}"}
        return held if key is None else {**held, "Idempotency-Key": key}

    def post(self, path, body, *, key=None, role="operator"):
        return self.call("POST", path, json=body, headers=self.headers(role, key or new_id()))

    def get(self, path, *, role="operator", **params):
        return self.call("GET", path, params=params, headers=self.headers(role))

    def publish(self, *, area="3501", fen=120, valid_from=VALID_FROM, key=None, **rest):
        lines = [{"material": "cardboard", "grade": "A", "price_fen_per_kg": fen}]
        body = {"area_code": area, "valid_from": valid_from, "lines": lines, **rest}
        return self.post("/v1/price-lists", body, key=key)


@contextmanager
def running(uri, state_dir):
    with lent_database(uri, "pricing") as database:
        house = House(PricingSettings(mongodb=uri, database=database, state_dir=state_dir))
        try:
            yield house
        finally:
            house.close()


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with running(mongodb_uri, tmp_path) as held:
        yield held


def test_a_weigh_in_is_settled_paid_and_corrected_to_the_fen(house):
    house.publish()
    weighed, corrected = history((lot("lot-1", 10_000),), (lot("lot-1", 9_000),))

    house.react(arrived(weighed, 1))
    paid = house.post(f"/v1/settlements/{PICKUP}/payments", {})
    house.react(arrived(corrected, 2))

    assert (paid.status_code, paid.json()["paid_fen"]) == (200, 1_200)
    account = house.get(f"/v1/accounts/{HOUSEHOLD}").json()
    assert account == {
        "account_id": HOUSEHOLD,
        "settled_fen": 1_080,
        "paid_fen": 1_200,
        "pending_fen": -120,
    }
    settlement = house.get(f"/v1/settlements/{PICKUP}").json()
    assert (settlement["revision"], settlement["reversed_fen"]) == (2, 1_200)


def test_the_books_reconcile_after_repeats(house):
    house.publish()
    events = history((lot("lot-1", 10_000),), (lot("lot-1", 9_000),), (lot("lot-1", 9_500),))
    log = [arrived(data, number) for number, data in enumerate(events, start=1)]

    house.react(*log[:2])
    house.react(*log)
    house.react(*log)

    facts = house.get("/v1/reconciliation", role="regulator").json()["facts"]
    deposits = {name: facts.pop(name) for name in list(facts) if name.startswith("deposits_")}
    assert facts == {
        "settlements": 1,
        "settled_fen": 1_140,
        "paid_fen": 0,
        "pending_fen": 1_140,
        "reversed_fen": 2_280,
        "ledger_sum_fen": 0,
        "unpriced": 0,
    }
    assert set(deposits.values()) == {0}
    assert all(house.wiring.invariants().values())


def test_the_invariants_see_a_ledger_that_was_tampered_with(house):
    house.publish()
    house.react(arrived(history((lot("lot-1", 10_000),))[0], 1))

    house.wiring.db["settlements"].update_one(
        {"_id": PICKUP}, {"$inc": {"state.entries.0.postings.0.amount": 1}}
    )

    assert not all(house.wiring.invariants().values())


def test_an_empty_house_reconciles(house):
    facts = house.get("/v1/reconciliation").json()["facts"]

    assert set(facts.values()) == {0}
    assert all(house.wiring.invariants().values())


def test_what_comes_before_its_price_list_is_settled_by_the_job(house):
    house.react(arrived(history((lot("lot-1", 10_000),))[0], 1))
    before = house.get("/v1/reconciliation").json()["facts"]
    house.publish()

    house.wiring.settle_unpriced()

    after = house.get("/v1/reconciliation").json()["facts"]
    assert (before["unpriced"], before["settled_fen"]) == (1, 0)
    assert (after["unpriced"], after["settled_fen"]) == (0, 1_200)


def test_an_overlapping_list_is_a_conflict_and_a_repeat_is_the_first_answer(house):
    first = house.publish(key="key-1")

    again = house.publish(key="key-1")
    other = house.publish(fen=130)

    assert (first.status_code, again.content) == (201, first.content)
    assert (other.status_code, other.json()["code"]) == (409, "price_list.overlap")


def test_the_list_of_the_smallest_area_is_shown(house):
    house.publish(fen=100)
    house.publish(area="350102", fen=130)

    found = house.get("/v1/price-lists", area_code="350102001001", role="company").json()

    assert found["lines"][0]["price_fen_per_kg"] == 130


def test_an_area_without_a_list_is_not_found(house):
    assert house.get("/v1/price-lists", area_code="11").status_code == 404


def test_concurrent_payouts_pay_once(house):
    house.publish()
    house.react(arrived(history((lot("lot-1", 10_000),))[0], 1))
    barrier, answers = threading.Barrier(4), []

    def pay():
        barrier.wait()
        answers.append(house.post(f"/v1/settlements/{PICKUP}/payments", {}).status_code)

    threads = [threading.Thread(target=pay) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [200, 409, 409, 409]
    assert house.get(f"/v1/accounts/{HOUSEHOLD}").json()["paid_fen"] == 1_200


def test_with_kafka_down_for_too_long_a_payout_waits_and_a_weigh_in_is_settled(house):
    house.publish()
    weighed, corrected = history((lot("lot-1", 10_000),), (lot("lot-1", 9_000),))
    house.react(arrived(weighed, 1))
    too_long = datetime.now(UTC) - timedelta(seconds=AGE_S_MAX + 60)
    house.wiring.db["settlements"].update_one({"_id": PICKUP}, {"$set": {"outbox.0.at": too_long}})

    with closing(house.restarted()) as again:
        refused = again.post(f"/v1/settlements/{PICKUP}/payments", {})
    house.react(arrived(corrected, 2))

    assert (refused.status_code, refused.json()["code"]) == (503, "outbox.backlog")
    settlement = house.get(f"/v1/settlements/{PICKUP}").json()
    assert (settlement["paid_fen"], settlement["revision"]) == (0, 2)


@pytest.mark.parametrize(
    ("role", "status"), [("resident", 403), ("collector", 403), ("company", 403)]
)
def test_only_an_operator_publishes(house, role, status):
    body = {"area_code": "3501", "valid_from": VALID_FROM, "lines": []}

    assert house.post("/v1/price-lists", body, role=role).status_code == status


@pytest.mark.parametrize(
    "wrong",
    [
        {"lines": []},
        {"area_code": "city"},
        {"valid_from": "2026-11-01T00:00:00"},
        {"valid_to": "2026-10-01T00:00:00Z"},
        {"lines": [{"material": "kryptonite", "grade": "A", "price_fen_per_kg": 1}]},
        {"lines": [{"material": "cardboard", "grade": "A", "price_fen_per_kg": 1.5}]},
        {"surprise": True},
    ],
)
def test_refuses_what_is_no_price_list(house, wrong):
    lines = [{"material": "cardboard", "grade": "A", "price_fen_per_kg": 1}]
    body = {"area_code": "3501", "valid_from": VALID_FROM, "lines": lines, **wrong}

    assert house.post("/v1/price-lists", body).status_code == 422


def test_a_post_without_a_key_is_refused(house):
    answer = house.call(
        "POST", f"/v1/settlements/{PICKUP}/payments", json={}, headers=house.headers("operator")
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency.key_missing")
