"""Lists on a million pickups: what each walk reads, and how long a page of 50 takes, over HTTP."""

import http.client
import json
import random
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from pymongo import MongoClient

from deploy.local.testing import Infrastructure
from services.collection.adapters.announcements import announce
from services.collection.adapters.mongo_pickups import MongoPickupSearch
from services.collection.adapters.pickup_lists import MongoPickupLists, steps_of
from services.collection.application.listing import (
    LISTED,
    OfArea,
    OfCommunity,
    OfHouseholds,
    Wanted,
    key_of,
)
from services.collection.domain.pickup import Pickup
from services.collection.domain.states import State
from shared.http.local_issuer import issue_token
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.reference.communities import communities
from tests.bench.booking import api
from tests.bench.many_pickups import COLLECTORS, TODAY, fill
from tests.bench.plans import plan_of
from tests.bench.rows import Row
from tools.report.render import percentile

COUNT = 1_000_000
COMMUNITIES = 300
HOUSEHOLDS_EACH = 250
PAGES = 200
AIM = "< 50"
DATABASE = "bench_search"
Query = dict[str, Any]
TOOK_MS: list[float] = []  # of all kinds over HTTP, of this run


def rows(infra: Infrastructure) -> list[Row]:
    """Fill, check the walks, then ask for pages one after another, each kind by itself."""
    codes = [each.code for each in communities()][:COMMUNITIES]
    client: MongoClient[dict[str, Any]] = MongoClient(infra.mongodb_uri)  # no limit of time
    held = client[DATABASE]["pickups"]
    begun = time.monotonic()
    fill(held, COUNT, communities=codes, households_each=HOUSEHOLDS_EACH)
    pickups = MongoAggregates(held, kind="pickup", state_type=Pickup, announce=announce)
    MongoPickupLists(pickups).prepare()
    MongoPickupSearch(pickups).prepare()
    found = [
        Row("pickups, filled and indexed", COUNT, "", beside=f"{time.monotonic() - begun:.0f} s")
    ]
    found += [_walks(pickups, codes), _households(pickups, codes)]
    with api(infra, DATABASE) as (port, state_dir):
        token = issue_token(state_dir, subject="bench", roles=["operator"])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for name, asked in _kinds(codes).items():
            found.append(timed(connection, token, name, asked))
    client.close()
    return [*found, Row("page: all kinds, p99", percentile(TOOK_MS, 0.99), "ms", aim=AIM)]


def _walks(pickups: MongoAggregates[Pickup], codes: list[str]) -> Row:
    """Explain pages of every kind; the most documents that one read for each that it gave."""
    lists, most, count = MongoPickupLists(pickups), 0.0, 0
    for wanted in _wanted(codes):
        page = lists.page(wanted, behind=None, limit=20)
        for behind in [None, *(key_of(each.state) for each in page[-1:])]:
            for step in steps_of(wanted, behind):
                plan = plan_of(pickups.collection, step, limit=21)
                if not {"COLLSCAN", "SORT"}.isdisjoint(plan.stages):
                    raise AssertionError(f"{wanted}: {plan}")
                most = max(most, plan.examined / max(1, plan.returned))
                count += 1
    return Row("documents read for each given", most, "", beside=f"{count} walks", aim="1")


def _wanted(codes: list[str]) -> Iterator[Wanted]:
    month = (TODAY - timedelta(days=31), TODAY)
    for scope in (
        OfHouseholds(tuple(f"home-{code}-1" for code in codes[:5])),
        OfCommunity(codes[1]),
        OfArea(""),
        OfArea(codes[2][:6]),
        OfArea(codes[3][:9]),
    ):
        for states in (LISTED, (State.DISPUTED,), (State.FAILED, State.MISSED)):
            for days in ((None, None), month):
                for newest_first in (False, True):
                    yield Wanted(scope, states, *days, newest_first)


def _kinds(codes: list[str]) -> dict[str, Iterator[tuple[str, Query]]]:
    draw = random.Random(1)

    def pickups(**asked: Any) -> Iterator[tuple[str, Query]]:
        while True:
            code = draw.choice(codes)
            day = TODAY - timedelta(days=draw.randrange(380))
            held = {name: value(code, day) for name, value in asked.items()}
            yield "/v1/pickups", {**held, "sort": draw.choice(["oldest", "newest"])}

    def stops() -> Iterator[tuple[str, Query]]:
        while True:
            day = TODAY - timedelta(days=draw.randrange(380))
            collector = f"collector-{draw.randrange(COLLECTORS)}"
            yield "/v1/stops", {"collector_id": collector, "service_day": day.isoformat()}

    def reviews() -> Iterator[tuple[str, Query]]:
        while True:
            yield "/v1/reviews", draw.choice([{}, {"code": "pickup.disputed"}])

    rare = ["disputed", "missed"]
    return {
        "community": pickups(community_code=lambda code, _: code),
        "community, rare states": pickups(
            community_code=lambda code, _: code, state=lambda *_: rare
        ),
        "community, a day": pickups(
            community_code=lambda code, _: code, service_day=lambda _, day: day.isoformat()
        ),
        "city, a day": pickups(service_day=lambda _, day: day.isoformat()),
        "city, rare states": pickups(state=lambda *_: rare),
        "county": pickups(area_code=lambda code, _: code[:6]),
        "street, from a day": pickups(
            area_code=lambda code, _: code[:9], **{"from": lambda _, day: day.isoformat()}
        ),
        "area without any": pickups(area_code=lambda *_: "99"),
        "a collector's stops": stops(),
        "open reviews": reviews(),
    }


def timed(
    connection: http.client.HTTPConnection,
    token: str,
    name: str,
    asked: Iterator[tuple[str, Query]],
) -> Row:
    """Ask for pages, every second one by the cursor of the one before."""
    took_ms, given = [], 0
    following: str | None = None
    for _ in range(PAGES):
        if following is None:
            path, query = next(asked)
            target = f"{path}?{urlencode(query, doseq=True)}"
        else:
            target = f"{path}?{urlencode({**query, 'cursor': following}, doseq=True)}"
        begun = time.perf_counter()
        connection.request("GET", target, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        body = answer.read()
        took_ms.append((time.perf_counter() - begun) * 1000)
        if answer.status != 200:
            raise AssertionError(f"{target}: {answer.status}")
        page = json.loads(body)
        given += len(page["items"])
        following = None if following else page.get("next")
    TOOK_MS.extend(took_ms)
    p50 = percentile(took_ms, 0.5)
    beside = f"p50 {p50:.1f} ms, {given / len(took_ms):.0f} a page"
    return Row(f"page: {name}, p99", percentile(took_ms, 0.99), "ms", beside=beside, aim=AIM)


def _households(pickups: MongoAggregates[Pickup], codes: list[str]) -> Row:
    """A resident's own list, of two households, below the API: the bench's have no members."""
    draw, took_ms, given = random.Random(2), [], 0
    lists = MongoPickupLists(pickups)
    for _ in range(PAGES):
        names = [f"home-{draw.choice(codes)}-{draw.randrange(HOUSEHOLDS_EACH)}" for _ in range(2)]
        wanted = Wanted(OfHouseholds(tuple(names)), newest_first=True)
        begun = time.perf_counter()
        given += len(lists.page(wanted, behind=None, limit=51))
        took_ms.append((time.perf_counter() - begun) * 1000)
    beside = f"p50 {percentile(took_ms, 0.5):.1f} ms, {given / PAGES:.0f} a page"
    return Row("page: own households, p99", percentile(took_ms, 0.99), "ms", beside=beside, aim=AIM)
