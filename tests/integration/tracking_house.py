"""Tracking over real MongoDB: its API in this process or in one of its own, its reactions fed."""

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx

from services.tracking.bootstrap import OUTBOXES, Wiring, build_api
from services.tracking.settings import TrackingSettings
from shared.http.local_issuer import issue_token
from shared.kernel.ids import new_id
from shared.messaging.pending import MongoPendingEvents
from shared.messaging.reactions import sequence_mark
from tests.integration.service_processes import ServiceProcesses
from tests.lent_databases import lent_database
from tests.unit.tracking.builders import LEAD, event_of


class House(ServiceProcesses):
    """A database with tracking's wiring on it, callers of its API, and readers of its events."""

    SERVICE = "tracking"

    def __init__(self, settings):
        self.settings = settings
        self.wiring = Wiring(settings)
        self.wiring.prepare()
        self._app = build_api(settings)
        self._facts, *self._own = self.wiring.reactions()
        self._pending = MongoPendingEvents([self.wiring.db[name] for name in OUTBOXES])
        self._sequences = Counter()
        self.heard = []

    def react(self, *events):
        """Take events of others, and then what tracking tells itself of them."""
        self._facts.apply(events, sequence_mark("tracking", 1))
        self.follow()

    def follow(self, *, times=1):
        """Let tracking's own events come back, as by Kafka; each so often."""
        while entries := self._pending.oldest():
            events = [self._numbered(entry) for entry in entries]
            for own in self._own:
                handled = [event for event in events if own.handles(event.type)]
                for _ in range(times):
                    own.apply(handled, sequence_mark(own.group, 1))
            self._pending.clear(entries)
            self.heard.extend(event.data for event in events)

    def _numbered(self, entry):
        place = entry.topic, entry.partition
        self._sequences[place] += 1
        return event_of(entry, sequence=self._sequences[place])

    def call(self, method, path, **sent):
        """One request to the API, in this process."""

        async def answer():
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
                return await client.request(method, path, **sent)

        return asyncio.run(answer())

    def headers(self, role, *, subject=None, area=None):
        token = issue_token(
            self.settings.state_dir, subject=subject or f"{role}-1", roles=[role], area_code=area
        )
        return {"Authorization": f"Bearer {token}"}

    def get(self, path, *, role="operator", area=None, **params):
        return self.call("GET", path, params=params, headers=self.headers(role, area=area))

    def post(self, path, body=None, *, role="operator", key=None, call=None, subject=None):
        headers = {**self.headers(role, subject=subject), "Idempotency-Key": key or new_id()}
        return (call or self.call)("POST", path, json=body or {}, headers=headers)

    def register(self, tag="GL-1", *, key=None, role="collector", **changed):
        body = {
            "tag": tag,
            "container_type": "box-60l",
            "material": LEAD,
            "tare_g": 4_000,
            "limit_g": 60_000,
            **changed,
        }
        body = {name: value for name, value in body.items() if value is not None}
        return self.post("/v1/containers", body, role=role, key=key)

    def do(self, tag, act, *, role="operator", key=None, call=None, **said):
        """Do an act to a container by the API, and let follow what follows."""
        answer = self.post(f"/v1/containers/{tag}/{act}", said, role=role, key=key, call=call)
        self.follow()
        return answer

    def reader(self):
        """Another process's reader of others' events, with connections of its own."""
        facts, *_ = Wiring(self.settings).reactions()
        return lambda event: facts.apply([event], sequence_mark("tracking", 1))

    def at_once(self, count, act):
        """Do `act(number)` with many clients at a time."""
        with ThreadPoolExecutor(10) as pool:
            return list(pool.map(act, range(count)))

    def container(self, tag="GL-1"):
        return self.wiring.containers.get(tag).state

    def facts(self):
        return self.get("/v1/reconciliation", role="regulator").json()["facts"]

    def balances_g(self, prefix):
        self.wiring.poster().post_all()
        items = self.get("/v1/stock", account=prefix, is_prefix="true").json()["items"]
        return {(each["account"], each["material"]): each["mass_g"] for each in items}

    def books_agree(self):
        """Say whether ledger, containers and tasks tell the same of every gram."""
        facts = self.facts()
        quarantine = {
            material: grams["quarantine"]
            for material, grams in facts["by_material"].items()
            if grams["quarantine"]
        }
        return (
            all(self.wiring.invariants().values())
            and facts["ledger_in_containers_g"] == facts["containers_hold_g"]
            and quarantine == facts["tasks_hold_g"]
        )


@contextmanager
def house_of(uri, state_dir, **settings):
    with lent_database(uri, "tracking") as database:
        house = House(
            TrackingSettings(mongodb=uri, database=database, state_dir=state_dir, **settings)
        )
        try:
            yield house
        finally:
            house.wiring.client.close()
