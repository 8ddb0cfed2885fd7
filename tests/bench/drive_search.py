"""Lists of a million drives, over HTTP: pages of 50, each kind by itself."""

import http.client
import random
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

from pymongo import MongoClient

from deploy.local.testing import Infrastructure
from services.collection.adapters.drive_announcements import announce_drive
from services.collection.adapters.drive_lists import MongoDriveLists
from services.collection.domain.drive import Drive
from shared.http.local_issuer import issue_token
from shared.kernel.clock import legal_day
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.reference.communities import communities
from tests.bench import many_drives
from tests.bench.booking import api
from tests.bench.rows import Row
from tests.bench.search import Query, timed
from tests.unit.collection.drive_builders import NOW

COUNT = 1_000_000
COMMUNITIES = 300
DATABASE = "bench_drives"
Asked = Iterator[tuple[str, Query]]


def rows(infra: Infrastructure) -> list[Row]:
    """Fill, then ask for pages as an operator, a resident, regulators and a collector do."""
    codes = [each.code for each in communities()][:COMMUNITIES]
    begun = time.monotonic()
    with MongoClient(infra.mongodb_uri) as client:
        many_drives.fill(client[DATABASE], COUNT, communities=codes, kinds=("drives",))
        held = MongoAggregates(
            client[DATABASE]["drives"], kind="drive", state_type=Drive, announce=announce_drive
        )
        MongoDriveLists(held).prepare()
    filled = f"{time.monotonic() - begun:.0f} s"
    found = [Row("drives, filled and indexed", COUNT, "", beside=filled)]
    with api(infra, DATABASE) as (port, state_dir):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for name, (token, asked) in _kinds(codes, state_dir).items():
            found.append(timed(connection, token, f"drives, {name}", asked))
    return found


def _kinds(codes: list[str], state_dir: Path) -> dict[str, tuple[str, Asked]]:
    draw = random.Random(4)
    token = partial(issue_token, state_dir, subject="collector-1")

    def drives(**asked: str) -> Asked:
        while True:
            code, day = draw.choice(codes), NOW - timedelta(days=draw.randrange(600))
            facts = {"code": code, "day": legal_day(day).isoformat()}
            yield "/v1/drives", {name: held.format(**facts) for name, held in asked.items()}

    def own() -> Asked:
        while True:
            day = legal_day(NOW - timedelta(days=draw.randrange(600)))
            yield "/v1/my-drives", {"service_day": day.isoformat()}

    staff, public = token(roles=["operator"]), token(roles=["resident"])
    return {
        "all": (staff, drives()),
        "community": (public, drives(community_code="{code}")),
        "community, rare state": (staff, drives(community_code="{code}", state="aborted")),
        "site": (public, drives(site_id="site-{code}-1")),
        "campaign": (public, drives(campaign_id="campaign-3")),
        "rare state": (staff, drives(state="missed")),
        "a day": (public, drives(service_day="{day}")),
        "a county": (token(roles=["regulator"], area_code=codes[0][:6]), drives()),
        "a street": (token(roles=["regulator"], area_code=codes[0][:9]), drives()),
        "area without any": (token(roles=["regulator"], area_code="99"), drives()),
        "a collector's day": (token(roles=["collector"]), own()),
    }
