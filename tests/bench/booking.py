"""The booking API beside a bare handler, and how long a booking takes to the topic at 200/s."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from typing import Any

import httpx

from deploy.local.ports import Ports, accepts
from deploy.local.testing import Infrastructure
from shared.http.local_issuer import ensure_issuer, issue_token
from shared.kernel.ids import new_id
from tests.architecture.source_tree import ROOT
from tests.bench.load import post_for
from tests.bench.rows import Row
from tests.chaos.processes import spawned
from tests.polling import eventually
from tools.report.render import percentile
from tools.simulator.company import Company

FOR_S = 6.0
BOOKINGS_PER_S = 200
PACED_FOR_S = 10
COMMUNITIES = 6
HOUSEHOLDS = 240
Json = dict[str, Any]


@contextmanager
def collection(
    infra: Infrastructure, database: str, *, with_worker: bool
) -> Iterator[tuple[int, str, list[Json]]]:
    """Run collection's API, and its worker; give its port, a token and bodies to book with."""
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
    }
    token = issue_token(state_dir, subject="bench", roles=["operator"])
    module = "services.collection"
    with ExitStack() as running:
        running.enter_context(spawned(module, "api", **common, http_port=str(port)))
        eventually(lambda: accepts(port))
        if with_worker:
            worker = {**common, "http_port": str(worker_port), "instance": database}
            running.enter_context(spawned(module, "worker", **worker))
            eventually(lambda: accepts(worker_port))
        yield port, token, _bookings(port, token)


def _bookings(port: int, token: str) -> list[Json]:
    """Register 240 households in 6 communities: a household may have 20 open bookings."""
    found = []
    day = (date.today() + timedelta(days=3)).isoformat()  # noqa: DTZ011 - any coming day will do
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:

        def post(path: str, body: Json) -> Json:
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": new_id()}
            answer = client.post(path, json=body, headers=headers)
            answer.raise_for_status()
            held: Json = answer.json()
            return held

        for number in range(HOUSEHOLDS):
            code = f"35010200100{number % COMMUNITIES}"
            place = {"community_code": code, "latitude": 26.08, "longitude": 119.3}
            slot = {"community_code": code, "service_day": day, "band": "morning"}
            household = post("/v1/households", place)
            opened = post("/v1/slots", {**slot, "capacity": 2000})
            found.append(_body(household["household_id"], opened["slot_id"]))
    return found


def _body(household_id: str, slot_id: str) -> Json:
    items = [{"material": "cardboard", "estimated_mass_g": 3000}]
    return {"household_id": household_id, "slot_id": slot_id, "items": items}


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
                _body(f"h-{n}", f"slot-{clients}-{n % COMMUNITIES}") for n in range(HOUSEHOLDS)
            ]
            base = post_for(port, "/v1/pickups", bodies, token="", clients=clients, for_s=FOR_S)
        with collection(infra, f"bench_{clients}", with_worker=False) as (port, token, bookings):
            ours = post_for(
                port, "/v1/pickups", bookings, token=token, clients=clients, for_s=FOR_S
            )
        name = f"booking API, {clients} clients"
        beside = f"bare handler p50 {base.p50_ms:.1f} p99 {base.p99_ms:.1f} ms"
        found.append(Row(name, ours.per_s, "/s", base.per_s, beside, "≥ 0.6"))
        found.append(Row(f"  p50, {clients} clients", ours.p50_ms, "ms", base.p50_ms))
        found.append(Row(f"  p99, {clients} clients", ours.p99_ms, "ms", base.p99_ms))
    return found


def latency_rows(infra: Infrastructure) -> list[Row]:
    """Book 200 a second for 10 s, and see how long each took to the topic."""
    company = Company(infra.kafka_bootstrap)
    with collection(infra, "bench_paced", with_worker=True) as (port, token, bookings):
        company.start()
        begin = time.monotonic()

        def client(number: int) -> None:
            with httpx.Client(timeout=10) as http:
                for turn in range(number, BOOKINGS_PER_S * PACED_FOR_S, 8):
                    wait_s = begin + turn / BOOKINGS_PER_S - time.monotonic()
                    threading.Event().wait(max(0.0, wait_s))
                    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": new_id()}
                    url = f"http://127.0.0.1:{port}/v1/pickups"
                    http.post(
                        url, json=bookings[turn % HOUSEHOLDS], headers=headers
                    ).raise_for_status()

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
