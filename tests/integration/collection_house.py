"""Collection over real MongoDB: its API in this process or in one of its own, and its jobs."""

import asyncio
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import httpx

from services.collection.application import places
from services.collection.bootstrap import Wiring, build_api
from services.collection.settings import CollectionSettings
from shared.http.app import edge
from shared.http.local_issuer import issue_token
from shared.kernel.clock import ManualClock, SystemClock, legal_day
from shared.kernel.ids import new_id
from tests.integration.service_processes import ServiceProcesses
from tests.lent_databases import lent_database

COMMUNITY = "350102001001"
ITEMS = [{"material": "cardboard", "estimated_mass_g": 4_000}]


def service_day(days=3):
    return legal_day(SystemClock().now()) + timedelta(days=days)


def slot_id(band="morning", days=3):
    return f"{COMMUNITY}.{service_day(days).isoformat()}.{band}"


class House(ServiceProcesses):
    """A database with collection's wiring on it, and callers of its API."""

    SERVICE = "collection"

    def __init__(self, settings):
        self.settings = settings
        self.wiring = Wiring(settings)
        self.wiring.prepare()
        self._app = edge(build_api(settings), settings)
        self._tokens = {}

    def call(self, method, path, **sent):
        """One request to the API in this process."""

        async def answer():
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
                return await client.request(method, path, **sent)

        return asyncio.run(answer())

    def headers(self, role, *, key=None, subject=None, version=None, area=None):
        who = (role, subject or f"{role}-1", area)
        if who not in self._tokens:
            self._tokens[who] = issue_token(
                self.settings.state_dir, subject=who[1], roles=[role], area_code=area
            )
        held = {"Authorization": f"Bearer {self._tokens[who]}"}
        if key is not None:
            held["Idempotency-Key"] = key
        if version is not None:
            held["If-Match"] = version
        return held

    def post(self, path, body, *, role="resident", key=None, call=None, **who):
        headers = self.headers(role, key=key or new_id(), **who)
        return (call or self.call)("POST", f"/v1{path}", json=body, headers=headers)

    def get(self, path, *, role="resident", subject=None, area=None, **params):
        headers = self.headers(role, subject=subject, area=area)
        return self.call("GET", f"/v1{path}", params=params, headers=headers)

    def open_slot(self, band="morning", *, capacity=20, days=3):
        body = {
            "community_code": COMMUNITY,
            "service_day": service_day(days).isoformat(),
            "band": band,
            "capacity": capacity,
        }
        return self.post("/slots", body, role="operator")

    def household(self, **rest):
        body = {"community_code": COMMUNITY, "latitude": 26.0812, "longitude": 119.2967, **rest}
        return self.post("/households", body).json()["household_id"]

    def book(self, household_id, *, slot=None, key=None, call=None, **rest):
        body = {"household_id": household_id, "slot_id": slot or slot_id(), "items": ITEMS, **rest}
        return self.post("/pickups", body, key=key, call=call)

    def heal(self):
        """What the worker's jobs do, when all holds are past their time."""
        later = ManualClock(SystemClock().now() + timedelta(minutes=3))
        desk = replace(self.wiring.desk, lease_clock=later)
        places.sweep_holds(desk=desk)
        places.free_given_up(desk=desk)

    def holds(self, slot=None):
        return sorted(h.hold_id for h in self.wiring.pools.get(slot or slot_id()).holds)

    def used(self, slot=None):
        pool_id = slot or slot_id()
        found = self.wiring.pickups.collection.find({"state.places.pool_id": pool_id})
        places = [place for each in found for place in each["state"]["places"]]
        return sorted(place["hold_id"] for place in places if place["pool_id"] == pool_id)


@contextmanager
def house_of(uri, state_dir, **rest):
    with lent_database(uri, "collection") as database:
        house = House(
            CollectionSettings(mongodb=uri, database=database, state_dir=state_dir, **rest)
        )
        try:
            yield house
        finally:
            house.wiring.client.close()
