"""Tracking's consignments over real MongoDB: its API, in this process or in one of its own, its
jobs and its reaction."""

import asyncio
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import httpx

from services.tracking.adapters.mongo_mass import MongoRegistry
from services.tracking.application import consignment_jobs
from services.tracking.application.consignment_claiming import sweep_claims
from services.tracking.application.consignment_errands import follow_errands
from services.tracking.bootstrap import Wiring, build_api, judging_of
from services.tracking.entrypoints.reactions import reaction
from services.tracking.settings import TrackingSettings
from shared.contracts.codec import RawRecord, decode, wire_headers
from shared.http.local_issuer import issue_token
from shared.kernel.clock import ManualClock, SystemClock
from shared.kernel.ids import new_id
from shared.messaging.pending import MongoPendingEvents
from shared.messaging.reactions import sequence_mark
from tests.chaos.processes import started
from tests.integration.collection_house import free_port, is_ready
from tests.integration.consignment_city import MASSES_G, City
from tests.polling import eventually
from tests.unit.tracking.builders import LEAD, history, in_order, lot


class House(City):
    """A database with tracking's wiring on it, and callers of its API."""

    def __init__(self, settings):
        self.settings = settings
        self.wiring = Wiring(settings)
        self.wiring.prepare()
        self.consigning = self.wiring.consigning
        self._app = build_api(settings)
        self._tokens = {}
        self._read = {}

    @property
    def desk(self):
        return self.consigning.desk

    def call(self, method, path, **sent):
        """One request to the API in this process."""

        async def answer():
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
                return await client.request(method, path, **sent)

        return asyncio.run(answer())

    def headers(self, subject, role="company", *, key=None, version=None, area=None):
        who = (role, subject, area)
        if who not in self._tokens:
            self._tokens[who] = issue_token(
                self.settings.state_dir, subject=subject, roles=[role], area_code=area
            )
        held = {"Authorization": f"Bearer {self._tokens[who]}"}
        if key is not None:
            held["Idempotency-Key"] = key
        if version is not None:
            held["If-Match"] = version
        return held

    def post(self, path, body, *, by="outlet", role="company", key=None, call=None, version=None):
        headers = self.headers(by, role, key=key or new_id(), version=version)
        return (call or self.call)("POST", f"/v1{path}", json=body, headers=headers)

    def get(self, path, *, by="outlet", role="company", area=None, **params):
        headers = self.headers(by, role, area=area)
        return self.call("GET", f"/v1{path}", params=params, headers=headers)

    def boxes(self, *tags):
        """Sealed containers with lead batteries in them."""
        for tag in tags:
            self.post(
                "/containers",
                {
                    "tag": tag,
                    "container_type": "box-60l",
                    "material": LEAD,
                    "tare_g": 4_000,
                    "limit_g": 60_000,
                },
                by="operator-1",
                role="operator",
            )
            held = (lot("lot-1", MASSES_G.get(tag, 1_000), material=LEAD, tag=tag),)
            self.fill(*in_order(*history(held, pickup_id=f"pickup-{tag}")))
        return self

    def fill(self, *events):
        registry = MongoRegistry(self.wiring.containers)
        judging = judging_of(self.settings)
        fills = reaction(self.wiring.journals, registry=registry, judging=judging)
        fills.apply(events, sequence_mark("tracking", 1))

    def body(self, *tags, **changed):
        now = self.desk.clock.now()
        return {
            "receiver_id": "smelter",
            "containers": list(tags or MASSES_G),
            "carriers": [self.carrier("carrier-1")],
            "origin_place": "outlet-yard",
            "destination_place": "smelter-gate",
            "expected_arrival_at": (now + timedelta(hours=10)).isoformat(),
            "treatment_code": "R4",
            **changed,
        }

    def carrier(self, carrier_id, *, trip_id=None, hours=1):
        at = self.desk.clock.now() + timedelta(hours=hours)
        return {
            "carrier_id": carrier_id,
            "vehicle_id": f"truck-{carrier_id}",
            "trip_id": trip_id or f"trip-{new_id()}",
            "planned_at": at.isoformat(),
        }

    def draft(self, *tags, by="outlet", **changed):
        answer = self.post("/consignments", self.body(*tags, **changed), by=by)
        assert answer.status_code == 201, answer.text
        return answer.json()["consignment_id"]

    def act(self, consignment_id, what, body=None, *, by="outlet", **sent):
        return self.post(f"/consignments/{consignment_id}/{what}", body or {}, by=by, **sent)

    def done(self, consignment_id, what, body=None, **sent):
        answer = self.act(consignment_id, what, body, **sent)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def seal(self, consignment_id, **sent):
        return self.done(consignment_id, "seal", **sent)

    def sign(self, consignment_id, by="outlet", **changed):
        body = {"role": "consignor", "party_id": by, "place_id": "outlet-yard", **changed}
        return self.act(consignment_id, "signatures", body, by=by)

    def take(self, consignment_id, by="carrier-1", **changed):
        stored = self.consigning.consignments.get(consignment_id).state
        body = {
            "role": "carrier",
            "party_id": by,
            "place_id": "outlet-yard",
            "scanned_tags": list(stored.manifest.tags),
            **changed,
        }
        return self.act(consignment_id, "signatures", body, by=by)

    def arrive(self, consignment_id, by="carrier-1", place_id="smelter-gate"):
        return self.act(consignment_id, "arrivals", {"place_id": place_id}, by=by)

    def verdicts(self, consignment_id, *refused):
        held = self.consigning.consignments.get(consignment_id).state
        return [
            {
                "container": item.tag,
                "accepted": item.tag not in refused,
                "received_g": item.net_g,
                **({"reason": "damaged"} if item.tag in refused else {}),
            }
            for item in held.manifest.containers
        ]

    def receive(self, consignment_id, *refused, by="smelter", onward=None, **sent):
        body = {
            "party_id": by,
            "place_id": "smelter-gate",
            "verdicts": self.verdicts(consignment_id, *refused),
            **({"onward": onward or self.back()} if refused else {}),
        }
        return self.act(consignment_id, "receptions", body, by=by, **sent)

    def back(self, **changed):
        later = self.desk.clock.now() + timedelta(days=1)
        plain = {
            "to": "consignor",
            "destination_place": "outlet-yard",
            "expected_at": later.isoformat(),
        }
        return {**plain, **changed}

    def arrived(self, *tags, **changed):
        """A consignment at the receiver's gate."""
        consignment_id = self.draft(*tags, **changed)
        self.seal(consignment_id)
        self.tell()
        assert self.sign(consignment_id).status_code == 200
        assert self.take(consignment_id).status_code == 200
        assert self.arrive(consignment_id).status_code == 200
        return consignment_id

    def state(self, consignment_id):
        return self.consigning.consignments.get(consignment_id).state

    def tell(self):
        return consignment_jobs.tell_registry(self.consigning.registry, desk=self.desk)

    def watch(self, at):
        """What the worker's job does when the business clock says so."""
        desk = replace(self.desk, clock=ManualClock(at))
        return consignment_jobs.watch_deadlines(desk=desk)

    def react(self):
        """Apply what consignments announced and no reaction of this house has had yet, in order."""
        pending = MongoPendingEvents([self.wiring.db["consignments"]]).oldest()
        events = []
        for entry in pending:
            place = (entry.topic, entry.partition)
            sequence = self._read.get(place, 0) + 1
            self._read[place] = sequence
            headers = wire_headers(entry.headers, sequence=sequence)
            raw = RawRecord(
                entry.topic, entry.partition, sequence - 1, entry.key.encode(), entry.value, headers
            )
            events.append(decode(raw))
        reacts = self.consigning.reaction()
        wanted = [event for event in events if reacts.handles(event.type)]
        reacts.apply(wanted, sequence_mark(reacts.group, 1))
        MongoPendingEvents([self.wiring.db["consignments"]]).clear(pending)
        follow_errands(desk=self.desk)
        return [event.type for event in events]

    def heal(self):
        """What the worker's jobs do, when all holds are past their time."""
        later = ManualClock(SystemClock().now() + timedelta(minutes=3))
        self.consigning.numbers.settle_open()
        follow_errands(desk=self.desk)
        sweep_claims(desk=replace(self.desk, lease_clock=later))

    def holders(self):
        """Who holds which container."""
        found = self.wiring.db["containers"].find({"hold": {"$ne": None}})
        return {each["_id"]: each["hold"]["hold_id"].rpartition(":")[0] for each in found}

    @contextmanager
    def serving(self, **environment):
        """The API as a process; gives what sends it a request."""
        port = free_port()
        limits = httpx.Limits(max_connections=64)
        base = f"http://127.0.0.1:{port}"
        with (
            self._process("api", http_port=str(port), **environment) as process,
            httpx.Client(base_url=base, timeout=30, limits=limits) as client,
        ):
            eventually(lambda: is_ready(client), within_s=60)
            yield process, client.request

    def working(self, **environment):
        """The worker as a process."""
        return self._process("worker", http_port=str(free_port()), **environment)

    def _process(self, part, **environment):
        return started(
            *("-m", "services.tracking", part),
            mongodb=self.settings.mongodb,
            database=self.settings.database,
            state_dir=str(self.settings.state_dir),
            **environment,
        )


@contextmanager
def house_of(uri, state_dir, **settings):
    database = f"tracking_{new_id().replace('-', '')}"
    house = House(TrackingSettings(mongodb=uri, database=database, state_dir=state_dir, **settings))
    try:
        yield house
    finally:
        house.wiring.client.drop_database(database)
        house.wiring.client.close()
