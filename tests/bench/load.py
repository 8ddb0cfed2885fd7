"""A closed-loop HTTP load: so many clients, a connection each, one request at a time."""

import http.client
import itertools
import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from shared.kernel.ids import new_id
from tests.bench.city import Order


@dataclass(frozen=True, slots=True)
class Load:
    per_s: float
    p50_ms: float
    p99_ms: float


def post_for(port: int, path: str, orders: Sequence[Order], *, clients: int, for_s: float) -> Load:
    """POST one order after another under new keys for `for_s` seconds with `clients` clients."""
    payloads = [(each.token, json.dumps(each.body).encode()) for each in orders]
    turns = itertools.count()
    until = time.monotonic() + for_s

    def client(_number: int) -> list[float]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        took = []
        while time.monotonic() < until:
            token, payload = payloads[next(turns) % len(payloads)]
            headers = {
                "Authorization": f"Bearer {token}",
                "Idempotency-Key": new_id(),
                "Content-Type": "application/json",
            }
            begun = time.perf_counter()
            connection.request("POST", path, payload, headers)
            answer = connection.getresponse()
            answer.read()
            took.append(time.perf_counter() - begun)
            if answer.status >= 400:
                raise AssertionError(f"{path}: {answer.status}")
        connection.close()
        return took

    begun = time.monotonic()
    with ThreadPoolExecutor(clients) as pool:
        all_took = sorted(t for took in pool.map(client, range(clients)) for t in took)
    elapsed_s = time.monotonic() - begun
    count = len(all_took)
    p50, p99 = all_took[count // 2], all_took[min(count - 1, int(count * 0.99))]
    return Load(count / elapsed_s, p50 * 1000, p99 * 1000)
