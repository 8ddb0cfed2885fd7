"""Streams of events: bounded by themselves, outside of the places for requests."""

import asyncio
from contextlib import ExitStack

import pytest

from shared.http.limits import Limits
from shared.http.streams import Streams
from shared.kernel.errors import Rejected, Unavailable
from tests.unit.http.sample import Sample
from tests.unit.http.test_edge import counted, until


def refused(streams, caller):
    with pytest.raises((Rejected, Unavailable)) as no, streams.place(caller):
        pass
    return type(no.value), no.value.code


def test_a_caller_and_a_process_have_so_many_streams_and_get_them_back():
    streams = Streams(streams_max=3, of_caller_max=2)
    with ExitStack() as held:
        held.enter_context(streams.place("one"))
        held.enter_context(streams.place("one"))

        assert refused(streams, "one") == (Rejected, "http.too_many_requests")
        held.enter_context(streams.place("two"))
        assert refused(streams, "three") == (Unavailable, "http.too_many_streams")

    assert len(streams) == 0
    with streams.place("one"):
        assert len(streams) == 1


def test_a_stream_that_has_begun_takes_no_place_of_a_request(tmp_path):
    sample = Sample(tmp_path, Limits(concurrent_max=1, request_timeout_s=0.2))

    async def beside_streams():
        streams = [asyncio.create_task(sample.ask("GET", "/v1/held/stream"))]
        await until(lambda: sample.desk.entered.acquire(blocking=False))
        streams.append(asyncio.create_task(sample.ask("GET", "/v1/held/stream")))
        await until(lambda: sample.desk.entered.acquire(blocking=False))
        notes = await sample.ask("GET", "/v1/notes")
        sample.desk.gate.set()
        return notes, await asyncio.gather(*streams)

    notes, streams = asyncio.run(beside_streams())

    assert notes.status_code == 200
    assert [each.text.count("event: begun") for each in streams] == [1, 1]
    # How long somebody listened is no time to answer.
    assert counted("greenloop_http_requests_total", **labels("/v1/held/stream")) >= 2
    assert counted("greenloop_http_request_duration_seconds_count", route="/v1/held/stream") == 0


def labels(route):
    return {"route": route, "method": "GET", "status": "2xx"}
