"""Tracking's consignments over real MongoDB: its API, in this process or in one of its own, its
jobs and its reaction."""

import asyncio
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import httpx

from services.tracking.application import consignment_jobs
from services.tracking.application.consignment_claiming import sweep_claims
from services.tracking.application.consignment_errands import follow_errands
from services.tracking.bootstrap import OUTBOXES, Wiring, build_api
from services.tracking.settings import TrackingSettings
from shared.http.local_issuer import issue_token
from shared.kernel.clock import ManualClock, SystemClock
from shared.kernel.ids import new_id
from shared.messaging.pending import MongoPendingEvents
from shared.messaging.reactions import sequence_mark
from tests.integration.consignment_city import MASSES_G, City
from tests.integration.service_processes import ServiceProcesses
from tests.lent_databases import lent_database
from tests.unit.tracking.builders import LEAD, event_of, history, in_order, lot

TARE_G = 4_000


class House(City, ServiceProcesses):
    """A database with tracking's wiring on it, and callers of its API."""

    SERVICE = "tracking"

    def __init__(self, settings):
        self.settings = settings
        self.wiring = Wiring(settings)
        self.wiring.prepare()
        self.consigning = self.wiring.consigning
        self._app = build_api(settings)
        self._tokens = {}
        self._facts, self._own, self._children, *_ = self.wiring.reactions()
        self._pending = MongoPendingEvents([self.wiring.db[name] for name in OUTBOXES])
        self._sequences = Counter()

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

    def boxes(self, *tags, at="outlet-yard"):
        """Sealed containers with lead batteries in them, at the outlet's yard."""
        for tag in tags:
            self.operate(
                "/containers",
                {
                    "tag": tag,
                    "container_type": "box-60l",
                    "material": LEAD,
                    "tare_g": TARE_G,
                    "limit_g": 60_000,
                },
                status=201,
            )
        self.fill({tag: {LEAD: mass_of(tag)} for tag in tags}, at=at)
        return self

    def mixed(self, tag, **grams):
        """A sealed container with several materials in it."""
        inside = {name.replace("_", "-"): mass_g for name, mass_g in grams.items()}
        registered = {
            "tag": tag,
            "container_type": "box-60l",
            "materials": list(inside),
            "tare_g": TARE_G,
            "limit_g": 60_000,
        }
        self.operate("/containers", registered, status=201)
        self.fill({tag: inside})
        return self

    def fill(self, inside, *, at="outlet-yard"):
        """Weigh lots into containers, and seal them as full."""
        for tag, grams in inside.items():
            lots = [
                lot(f"lot-{number}", mass_g, material=material, tag=tag)
                for number, (material, mass_g) in enumerate(grams.items(), start=1)
            ]
            (event, *_) = history(tuple(lots), pickup_id=f"pickup-{tag}")
            self._facts.apply(in_order(event), sequence_mark("tracking", 1))
            gross_g = TARE_G + sum(grams.values())
            sealing = {"gross_g": gross_g, "scale_id": "scale-1", "place_id": at}
            self.operate(f"/containers/{tag}/sealings", sealing)
        self.react()

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
        """Let what was announced come back, as by Kafka; return the types that consignments told.

        Then what it left is done, until nothing follows any more.
        """
        told = []
        while entries := self._pending.oldest():
            events = [self._numbered(entry) for entry in entries]
            for reacts in (self._own, self._children):
                wanted = [event for event in events if reacts.handles(event.type)]
                reacts.apply(wanted, sequence_mark(reacts.group, 1))
            self._pending.clear(entries)
            told += [event.type for event in events if ".consignment." in event.type]
            follow_errands(desk=self.desk)
        return told

    def _numbered(self, entry):
        self._sequences[entry.topic, entry.partition] += 1
        return event_of(entry, sequence=self._sequences[entry.topic, entry.partition])

    def heal(self):
        """What the worker's jobs do, when all holds are past their time."""
        later = ManualClock(SystemClock().now() + timedelta(minutes=3))
        self.consigning.numbers.settle_open()
        follow_errands(desk=self.desk)
        sweep_claims(desk=replace(self.desk, lease_clock=later))

    def holders(self):
        """Which consignment has which container."""
        found = self.wiring.db["containers"].find({"state.reservation": {"$ne": None}})
        return {each["_id"]: each["state"]["reservation"]["consignment_id"] for each in found}

    def box(self, tag):
        return self.wiring.containers.get(tag).state

    def balances_g(self, prefix):
        """Grams by account, of what is not zero, once all movements are posted."""
        self.react()
        self.wiring.poster().post_all()
        told = self.get("/stock", by="op", role="operator", account=prefix, is_prefix="true")
        return {each["account"]: each["mass_g"] for each in told.json()["items"]}

    def books_agree(self):
        """Say whether ledger and containers tell the same of every gram, and all terms add up."""
        self.react()
        facts = self.get("/reconciliation", by="op", role="operator").json()["facts"]
        agree = facts["ledger_in_containers_g"] == facts["containers_hold_g"]
        return agree and all(self.wiring.invariants().values())


def mass_of(tag):
    return MASSES_G.get(tag, 1_000)


@contextmanager
def house_of(uri, state_dir, **settings):
    with lent_database(uri, "tracking") as database:
        told = TrackingSettings(mongodb=uri, database=database, state_dir=state_dir, **settings)
        house = House(told)
        try:
            yield house
        finally:
            house.wiring.client.close()
