"""The booking API with all rules beside a bare handler, and how long to the topic at 200/s."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from deploy.local.ports import Ports, accepts
from deploy.local.testing import Infrastructure
from shared.http.local_issuer import ensure_issuer
from shared.kernel.ids import new_id
from tests.architecture.source_tree import ROOT
from tests.bench.city import City, Order, order, publish_prices
from tests.bench.load import post_for
from tests.bench.rows import Row
from tests.chaos.processes import spawned
from tests.polling import eventually
from tools.report.render import percentile
from tools.simulator.company import Company

FOR_S = 6.0
BOOKINGS_PER_S = 200
PACED_FOR_S = 10
# A band of a day has tens of places in a community: with fewer communities than these, a slot
# would have thousands, and all that is measured is how long MongoDB looks through them.
COMMUNITIES = 60
HOUSEHOLDS = 240
# With all rules, 0.8 of what the spine did without them (0.69 and 0.59) is the least.
AIM = "≥ 0.6"


@contextmanager
def api(
    infra: Infrastructure, database: str, *, with_worker: bool = False, **settings: str
) -> Iterator[tuple[int, Path]]:
    """Run collection's API, and its worker; give its port and the folder of its keys."""
    state_dir = infra.supervisor.layout.state_dir
    ensure_issuer(state_dir)
    ports = Ports(any_free=True)
    port, worker_port = ports.free("api", 0), ports.free("worker", 0)
    common = {
        "mongodb": infra.mongodb_uri,
        "kafka": infra.kafka_bootstrap,
        "database": database,
        "state_dir": str(state_dir),
        "requests_per_s_max": "100000",
        "open_bookings_max": "200",
        **settings,
    }
    module = "services.collection"
    with ExitStack() as running:
        running.enter_context(spawned(module, "api", **common, http_port=str(port)))
        eventually(lambda: accepts(port))
        if with_worker:
            worker = {**common, "http_port": str(worker_port), "instance": database}
            running.enter_context(spawned(module, "worker", **worker))
            eventually(lambda: accepts(worker_port))
        yield port, state_dir


@contextmanager
def booking_city(
    infra: Infrastructure, database: str, *, with_worker: bool = False
) -> Iterator[tuple[int, list[Order]]]:
    """Run collection with 240 residents in 60 communities; give its port and their bookings."""
    publish_prices(infra.mongodb_uri, database)
    with api(infra, database, with_worker=with_worker) as (port, state_dir):
        yield port, _orders(port, state_dir)


def _orders(port: int, state_dir: Path) -> list[Order]:
    city = City(port, state_dir)
    codes = [f"3501020010{number:02}" for number in range(COMMUNITIES)]
    for code in codes:
        city.rule(code)
    slots = {code: city.slot(code, capacity=2_000) for code in codes}
    found = []
    for number in range(HOUSEHOLDS):
        code = codes[number % COMMUNITIES]
        found.append(order(*city.resident(number, code), slots[code]))
    city.close()
    return found


@contextmanager
def bare(infra: Infrastructure) -> Iterator[int]:
    """Run the bare app; give its port."""
    port = Ports(any_free=True).free("bare", 0)
    command = [sys.executable, "-m", "tests.bench.bare_app", str(port)]
    environment = {**os.environ, "BARE_MONGODB": infra.mongodb_uri, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, cwd=ROOT) as process:
        try:
            eventually(lambda: accepts(port))
            yield port
        finally:
            process.kill()


def rows(infra: Infrastructure) -> list[Row]:
    """Measure both at 1 and at 32 clients, each for 6 s; the relay is measured by itself."""
    found: list[Row] = []
    for clients in (1, 32):
        with bare(infra) as port:
            bodies = [
                order("", f"h-{n}", f"slot-{clients}-{n % COMMUNITIES}") for n in range(HOUSEHOLDS)
            ]
            base = post_for(port, "/v1/pickups", bodies, clients=clients, for_s=FOR_S)
        with booking_city(infra, f"bench_{clients}") as (port, orders):
            ours = post_for(port, "/v1/pickups", orders, clients=clients, for_s=FOR_S)
        name = f"booking API, all rules, {clients} clients"
        beside = f"bare handler p50 {base.p50_ms:.1f} p99 {base.p99_ms:.1f} ms"
        found.append(Row(name, ours.per_s, "/s", base.per_s, beside, AIM))
        found.append(Row(f"  p50, {clients} clients", ours.p50_ms, "ms", base.p50_ms))
        found.append(Row(f"  p99, {clients} clients", ours.p99_ms, "ms", base.p99_ms))
    return found


def latency_rows(infra: Infrastructure) -> list[Row]:
    """Book 200 a second for 10 s, and see how long each took to the topic."""
    company = Company(infra.kafka_bootstrap)
    with booking_city(infra, "bench_paced", with_worker=True) as (port, orders):
        company.start()
        begin = time.monotonic()

        def client(number: int) -> None:
            with httpx.Client(timeout=10) as http:
                for turn in range(number, BOOKINGS_PER_S * PACED_FOR_S, 8):
                    wait_s = begin + turn / BOOKINGS_PER_S - time.monotonic()
                    threading.Event().wait(max(0.0, wait_s))
                    asked = orders[turn % HOUSEHOLDS]
                    headers = {"Authorization": f"Bearer {asked.token}"}
                    headers["Idempotency-Key"] = new_id()
                    url = f"http://127.0.0.1:{port}/v1/pickups"
                    http.post(url, json=asked.body, headers=headers).raise_for_status()

        threads = [threading.Thread(target=client, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took_s = time.monotonic() - begin
        wanted = BOOKINGS_PER_S * PACED_FOR_S - 100
        eventually(lambda: len(company.booked_to_topic_s) >= wanted, within_s=20)
    company.stop()
    ages = company.booked_to_topic_s
    rate = BOOKINGS_PER_S * PACED_FOR_S / took_s
    return [
        Row(
            "booked → on the topic, p50", percentile(ages, 0.5) * 1000, "ms", beside=f"{rate:.0f}/s"
        ),
        Row("booked → on the topic, p99", percentile(ages, 0.99) * 1000, "ms", aim="< 250"),
    ]
