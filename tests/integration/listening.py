"""Clients of event streams: each keeps what it was told, and resumes as a browser does."""

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import orjson

from tests.integration.service_processes import until_ready


@dataclass
class Told:
    """One event as it came."""

    event: str
    id: int | None
    data: dict


@dataclass
class Listener:
    """One stream. `reconnects` says whether it comes again, with the last id that it was told.

    A patient one also comes again until it was let in once: MongoDB may be busy when it first asks.
    """

    url: str
    headers: dict = field(repr=False)
    last_id: int | None = None
    reconnects: bool = False
    is_patient: bool = True
    told: list = field(default_factory=list)
    connects: int = 0
    refused: int | None = None
    faults: list = field(default_factory=list)
    has_ended: bool = False

    @property
    def steps(self):
        return [each.data for each in self.told if each.event == "step"]

    @property
    def acts(self):
        return [each["act"] for each in self.steps]

    @property
    def ids(self):
        return [each.id for each in self.told if each.event == "step"]

    async def listen(self, client):
        while True:
            try:
                await self._once(client)
            except httpx.TransportError as fault:
                self.faults.append(repr(fault))
            if not self._comes_again():
                break
            await asyncio.sleep(0.05)
        self.has_ended = True

    def _comes_again(self):
        is_let_in_later = self.is_patient and self.refused in (None, 503)
        return self.reconnects or (not self.connects and is_let_in_later)

    async def _once(self, client):
        headers = dict(self.headers)
        if self.last_id is not None:
            headers["Last-Event-ID"] = str(self.last_id)
        async with client.stream("GET", self.url, headers=headers) as answer:
            if answer.status_code != 200:
                self.refused = answer.status_code
                self.faults.append((await answer.aread()).decode())
                return
            assert answer.headers["content-type"].startswith("text/event-stream")
            self.connects += 1
            fields = {}
            async for line in answer.aiter_lines():
                self._take(line, fields)

    def _take(self, line, fields):
        name, _, value = line.partition(":")
        if line and name:
            fields[name] = value.strip()
        elif not line:
            if "data" in fields:
                number = int(fields["id"]) if "id" in fields else None
                self.told.append(Told(fields["event"], number, orjson.loads(fields["data"])))
                self.last_id = number or self.last_id
            fields.clear()


class Audience:
    """Listeners on an event loop of their own, in a thread; all leave at the end."""

    def __init__(self, house):
        self._house = house
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(10, read=None), limits=httpx.Limits(max_connections=None)
        )
        self._futures = {}

    def listen(
        self,
        base,
        pickup_id,
        *,
        last_id=None,
        reconnects=False,
        is_patient=True,
        role="resident",
        **who,
    ):
        """Begin to listen; the first answer may come later."""
        url = f"{base}/v1/pickups/{pickup_id}/events"
        headers = self._house.headers(role, **who)
        listener = Listener(url, headers, last_id, reconnects, is_patient)
        listening = asyncio.run_coroutine_threadsafe(listener.listen(self._client), self._loop)
        self._futures[id(listener)] = listening
        return listener

    def leave(self, listener):
        """Hang up."""
        self._futures.pop(id(listener)).cancel()

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        for future in self._futures.values():
            future.cancel()
        asyncio.run_coroutine_threadsafe(self._client.aclose(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)
        self._loop.close()


@contextmanager
def api_at(house, port, **environment):
    """Collection's API as a process on a port; gives the process and its address."""
    base = f"http://127.0.0.1:{port}"
    with (
        house._process("api", http_port=str(port), **environment) as process,
        httpx.Client(base_url=base) as client,
    ):
        until_ready(process, client)
        yield process, base
