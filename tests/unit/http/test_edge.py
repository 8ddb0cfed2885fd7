"""The outermost layer: rates, places, time limits, headers. What is refused is a problem too."""

import asyncio

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from shared.http.edge import is_noteworthy
from shared.http.limits import Limits
from shared.http.rates import BURST_S, CALLERS_MAX, Rates
from tests.polling import eventually
from tests.unit.http.sample import Sample


def counted(name, **labels):
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def until(ask):
    """Wait for a condition without holding up the loop."""
    await asyncio.to_thread(eventually, ask, within_s=10)


def test_refuses_a_caller_over_the_rate_and_says_when_to_come_again(tmp_path):
    sample = Sample(tmp_path, Limits(requests_per_s_max=1))

    async def many():
        return [await sample.ask("GET", "/v1/notes") for _ in range(BURST_S + 2)]

    last = asyncio.run(many())[-1]

    assert (last.status_code, last.headers["retry-after"]) == (429, "1")
    assert last.json()["code"] == "http.too_many_requests"


def test_made_up_tokens_give_no_new_allowance(tmp_path):
    sample = Sample(tmp_path, Limits(requests_per_s_max=1))

    async def many():
        made_up = [{"Authorization": f"Bearer {n}"} for n in range(BURST_S + 2)]
        return [await sample.ask("GET", "/v1/who", headers=each) for each in made_up]

    statuses = [response.status_code for response in asyncio.run(many())]

    assert statuses == [401] * BURST_S + [429] * 2


def test_one_caller_does_not_use_up_another_ones_allowance(tmp_path):
    sample = Sample(tmp_path, Limits(requests_per_s_max=1))
    greedy, modest = (sample.headers(token=sample.token(who)) for who in ("r-1", "r-2"))

    async def both():
        first = await sample.ask("GET", "/v1/who", headers=modest)
        many = [await sample.ask("GET", "/v1/who", headers=greedy) for _ in range(9)]
        return first, many[-1], await sample.ask("GET", "/v1/who", headers=modest)

    assert [response.status_code for response in asyncio.run(both())] == [200, 429, 200]


def test_remembers_a_bounded_number_of_callers():
    rates = Rates(per_s=1)

    for number in range(CALLERS_MAX + 100):
        rates.allow(str(number))

    assert len(rates) == CALLERS_MAX


def test_sheds_load_but_takes_weigh_ins_longer(tmp_path):
    sample = Sample(tmp_path, Limits(concurrent_max=2))

    async def crowd():
        held = [asyncio.create_task(sample.ask("GET", "/v1/held")) for _ in range(2)]
        await until(lambda: sample.desk.entered.acquire(blocking=False))
        await until(lambda: sample.desk.entered.acquire(blocking=False))
        shed = await sample.ask("GET", "/v1/notes")
        weighed = asyncio.create_task(sample.ask("POST", "/v1/held/weigh-ins"))
        await until(lambda: sample.desk.entered.acquire(blocking=False))
        shed_too = await sample.ask("POST", "/v1/held/weigh-ins")
        sample.desk.gate.set()
        return shed, shed_too, [*await asyncio.gather(*held), await weighed]

    shed, shed_too, served = asyncio.run(crowd())

    assert [each.status_code for each in (shed, shed_too)] == [503, 503]
    assert shed.json()["code"] == "http.overloaded"
    assert shed.headers["retry-after"] == "1"
    assert [response.status_code for response in served] == [200] * 3


def test_gives_places_back(tmp_path):
    sample = Sample(tmp_path, Limits(concurrent_max=1))

    paths = ("/v1/bug", "/v1/away", "/v1/nothing", "/v1/notes", "/v1/notes")
    statuses = [sample.call("GET", path).status_code for path in paths]

    assert statuses == [500, 503, 404, 200, 200]


def test_answers_in_time_and_keeps_the_place_until_the_work_ends(tmp_path):
    sample = Sample(tmp_path, Limits(concurrent_max=1, request_timeout_s=0.05))
    sent = []

    async def late():
        asking = asyncio.create_task(raw(sample.app, "/v1/held", sent))
        await until(lambda: sent and sent[-1]["type"] == "http.response.body")
        during = await sample.ask("GET", "/v1/notes")
        sample.desk.gate.set()
        await asking
        return during, await sample.ask("GET", "/v1/notes")

    during, after = asyncio.run(late())

    assert [message.get("status") for message in sent] == [503, None]
    assert b"http.timeout" in sent[1]["body"]
    assert during.json()["code"] == "http.overloaded"
    assert after.status_code == 200


async def raw(app, path, sent):
    """One GET, whose answer's messages are kept as they come."""

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
    await app(scope, receive, send)


def test_slow_bodies_take_no_place(tmp_path):
    sample = Sample(tmp_path, Limits(concurrent_max=1))
    gate = asyncio.Event()

    async def slow():
        yield b'{"text": '
        await gate.wait()
        yield b'"x"}'

    async def both():
        headers = {**sample.headers(key="k"), "Content-Type": "application/json"}
        writing = asyncio.create_task(
            sample.ask("POST", "/v1/notes", content=slow(), headers=headers)
        )
        await asyncio.sleep(0)
        meanwhile = await sample.ask("GET", "/v1/notes")
        gate.set()
        return meanwhile, await writing

    assert [each.status_code for each in asyncio.run(both())] == [200, 201]


@pytest.mark.parametrize("path", ["/v1/notes", "/v1/nothing", "/v1/bug", "/livez"])
def test_every_answer_has_the_security_headers(sample, path):
    headers = sample.call("GET", path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


def test_continues_the_callers_trace(sample):
    trace = "ab" * 16

    response = sample.call("GET", "/v1/notes", headers={"traceparent": f"00-{trace}-{'c' * 16}-01"})

    assert response.headers["traceparent"].startswith(f"00-{trace}-")


def test_counts_by_route_and_never_by_what_callers_make_up(sample):
    name = "greenloop_http_requests_total"
    labels = {"route": "/v1/notes/{note_id}", "method": "GET", "status": "4xx"}
    other = {"route": "/v1/notes", "method": "other", "status": "4xx"}
    before = counted(name, **labels), counted(name, **other)

    sample.call("GET", "/v1/notes/13800001234", headers=sample.headers())
    sample.call("MADEUP", "/v1/notes")

    assert counted(name, **labels) == before[0] + 1
    assert counted(name, **other) == before[1] + 1


def test_lives_and_is_measured_whatever_the_database_does(sample):
    sample.desk.is_ready = False

    statuses = [sample.call("GET", path).status_code for path in ("/livez", "/readyz", "/metrics")]

    assert statuses == [200, 503, 200]


def test_is_ready_when_the_database_answers(sample):
    assert sample.call("GET", "/readyz").text == "ok"


@pytest.mark.parametrize(
    ("status", "took_s", "noted"),
    [(200, 0.9, False), (200, 1.1, True), (404, 0.01, True), (503, 0.01, True)],
)
def test_the_log_has_a_line_for_what_was_refused_failed_or_slow(status, took_s, noted):
    assert is_noteworthy(status, took_s) is noted


def test_a_refused_request_is_a_line_with_its_route(sample):
    with capture_logs() as lines:
        sample.call("GET", "/v1/notes/unknown", headers=sample.headers())

    (line,) = [each for each in lines if each["event"] == "http"]
    assert (line["log_level"], line["route"]) == ("info", "/v1/notes/{note_id}")
    assert line["status"] == 404
