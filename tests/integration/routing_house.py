"""Routing over real MongoDB: its API in this process, its reaction and its jobs."""

import asyncio
from contextlib import contextmanager
from datetime import datetime, timedelta

import httpx

from services.routing.adapters.cells import H3Cells
from services.routing.application import comparing, planning
from services.routing.bootstrap import Wiring, build_api
from services.routing.domain.greedy import plan_greedily
from services.routing.entrypoints.reactions import reaction
from services.routing.settings import RoutingSettings
from shared.contracts.pickup import TOPIC, DeclaredItem, PickupBooked
from shared.http.local_issuer import issue_token
from shared.kernel.clock import SHANGHAI, SystemClock, legal_day
from shared.kernel.events import Event
from shared.kernel.ids import new_id
from shared.messaging.reactions import sequence_mark
from tests.lent_databases import lent_database

COMMUNITY = "350102001001"
CELL = "8941b530a13ffff"
SPOT = {"latitude": 26.08, "longitude": 119.30}
DAY = legal_day(SystemClock().now()) + timedelta(days=3)


class GreedySolver:
    """The plain twin of the real solver, in this process."""

    def solve(self, problem, *, solve_time_s, seed):
        return plan_greedily(problem)


class House:
    """Routing's wiring over a database of its own, and callers of its API."""

    def __init__(self, settings):
        self.settings = settings
        self.wiring = Wiring(settings)
        self.wiring.prepare()
        self.restart()
        self._reaction = reaction(self.wiring.stops)
        self._sequence = 0

    def restart(self):
        """Begin again as a new process: what was measured is forgotten."""
        self._app = build_api(self.settings)

    def close(self):
        self.wiring.client.close()

    def book(self, *pickup_ids, day=DAY, hours=(9, 12)):
        events = [self._arrived(_booked(name, day, hours)) for name in pickup_ids]
        self._reaction.apply(events, sequence_mark("routing", 1))

    def solve(self):
        office = planning.Office(
            self.wiring.plans, self.wiring.search, GreedySolver(), cells=H3Cells()
        )
        return planning.solve_requested(office=office)

    def compare(self):
        held = self.wiring
        office = comparing.Office(held.plans, held.days, held.search, held.clock)
        return comparing.compare_due_days(office=office)

    def fleet(self):
        self.post("/v1/depots", {"id": "depot-1", **SPOT})
        self.post("/v1/facilities", {"id": "facility-1", **SPOT})
        vehicle = {"vehicle_id": "van-1", "depot_id": "depot-1", "capacity_g": 900_000}
        return self.post("/v1/vehicles", {**vehicle, "collector_id": "collector-1"})

    def planned(self, day=DAY):
        """Ask for a plan, solve it, and return its id."""
        body = {"service_day": day.isoformat(), "solve_time_s": 1}
        plan_id = self.post("/v1/plans", body).json()["plan_id"]
        self.solve()
        return plan_id

    def publish(self, plan_id, *, key=None):
        return self.post(f"/v1/plans/{plan_id}/publication", {}, key=key)

    def post(self, path, body, *, key=None, role="operator", subject="o-1"):
        headers = {**self._token(role, subject), "Idempotency-Key": key or new_id()}
        return self.call("POST", path, json=body, headers=headers)

    def get(self, path, *, role="operator", subject="o-1", **params):
        return self.call("GET", path, params=params, headers=self._token(role, subject))

    def call(self, method, path, **sent):
        async def answer():
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
                return await client.request(method, path, **sent)

        return asyncio.run(answer())

    def announced(self):
        """Return (type, key) of all that waits for Kafka."""
        return [
            (entry["headers"]["ce_type"], entry["value"].decode())
            for name in ("plans", "unloadings")
            for document in self.wiring.db[name].find()
            for entry in document["outbox"]
        ]

    def _token(self, role, subject):
        token = issue_token(self.settings.state_dir, subject=subject, roles=[role])
        return {"Authorization": f"Bearer {token}"}

    def _arrived(self, data):
        self._sequence += 1
        return Event(
            id=f"event-{self._sequence}",
            type=data.TYPE,
            subject=data.pickup_id,
            time=data.window_start,
            recorded_time=data.window_start,
            topic=TOPIC.name,
            partition=0,
            offset=self._sequence,
            sequence=self._sequence,
            key=COMMUNITY,
            traceparent=None,
            data=data,
        )


def _booked(pickup_id, day, hours):
    start, end = (datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI) for hour in hours)
    return PickupBooked(
        pickup_id=pickup_id,
        household_id="household-1",
        community_code=COMMUNITY,
        cell=CELL,
        service_day=day,
        window_start=start,
        window_end=end,
        items=(DeclaredItem(material="cardboard", estimated_mass_g=4_000, hazardous=False),),
        booking_version=1,
    )


@contextmanager
def running(uri, state_dir):
    with lent_database(uri, "routing") as database:
        house = House(RoutingSettings(mongodb=uri, database=database, state_dir=state_dir))
        try:
            yield house
        finally:
            house.close()
