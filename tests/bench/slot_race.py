"""200 residents at once want 20 places of one slot: exactly 20 get one, and how long that takes.

The API takes them all at a time here, where it would else tell some to come again (503).
"""

import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

from pymongo import MongoClient

from deploy.local.testing import Infrastructure
from shared.kernel.ids import new_id
from tests.bench.booking import api
from tests.bench.city import DAY, City, Order, order, publish_prices
from tests.bench.rows import Row
from tools.report.render import percentile

CLIENTS, PLACES, RACES = 200, 20, 5
COMMUNITY = "350102001001"
DATABASE = "bench_slot_race"
BOOKED, TAKEN = 201, 409


def rows(infra: Infrastructure) -> list[Row]:
    """Race five times, each for another day's slot."""
    publish_prices(infra.mongodb_uri, DATABASE)
    with api(infra, DATABASE, concurrent_requests_max=str(CLIENTS * 2)) as (port, state_dir):
        races = _races(port, state_dir)
        took_s = [_race(port, orders) for orders in races]
    oversold = _held(infra, races)
    return [
        Row(
            f"slot race, {CLIENTS} clients for {PLACES} places",
            RACES * PLACES / sum(took_s),
            "places/s",
            beside=f"all answered in {percentile(took_s, 0.5):.2f} s (median of {RACES})",
        ),
        Row("  most places that were held", oversold, "", aim=f"exactly {PLACES}"),
    ]


def _races(port: int, state_dir: Path) -> list[list[Order]]:
    city = City(port, state_dir)
    city.rule(COMMUNITY)
    residents = [city.resident(number, COMMUNITY) for number in range(CLIENTS)]
    slots = [
        city.slot(COMMUNITY, capacity=PLACES, day=DAY + timedelta(days=n)) for n in range(RACES)
    ]
    city.close()
    return [[order(*who, slot) for who in residents] for slot in slots]


def _race(port: int, orders: list[Order]) -> float:
    """Return how long it took until all were answered; exactly the places were given."""
    gate = Barrier(len(orders) + 1)

    def client(asked: Order) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.connect()
        headers = {
            "Authorization": f"Bearer {asked.token}",
            "Idempotency-Key": new_id(),
            "Content-Type": "application/json",
        }
        gate.wait()
        connection.request("POST", "/v1/pickups", json.dumps(asked.body), headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status

    with ThreadPoolExecutor(len(orders)) as pool:
        racing = [pool.submit(client, each) for each in orders]
        gate.wait()
        begun = time.monotonic()
        statuses = [each.result() for each in racing]
        took_s = time.monotonic() - begun
    if statuses.count(BOOKED) != PLACES or statuses.count(TAKEN) != len(orders) - PLACES:
        raise AssertionError({each: statuses.count(each) for each in set(statuses)})
    return took_s


def _held(infra: Infrastructure, races: list[list[Order]]) -> int:
    """Return the most places that a slot says are held; fewer than there are is wrong, too."""
    slots = [orders[0].body["slot_id"] for orders in races]
    with MongoClient(infra.mongodb_uri) as client:
        held = [len(client[DATABASE]["slots"].find_one({"_id": each})["holds"]) for each in slots]
    if set(held) != {PLACES}:
        raise AssertionError(held)
    return max(held)
