"""Bodies that are meant to hurt: each gets a 4xx with a code, none gets a 500."""

import asyncio
import json

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.http.limits import Limits
from tests.unit.http.sample import Sample

LARGE = 64 * 1024


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        '{"text": "x"}'.encode("utf-16"),
        b'{"text": NaN}',
        b'{"text": "x", "mass_g": Infinity}',
        b'{"text": "x", "mass_g": 1e999}',
        b'{"text": "x", "mass_g": ' + b"9" * 5_000 + b"}",
        b'{"text": "a", "text": "b"}',
        b'{"text": {"a": 1, "a": 2}}',
        b'{"text": "\\ud800"}',
        b'{"text": "x",}',
        b"{'text': 'x'}",
        b'{"text": "x"} {}',
        b"[" * 30_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    ],
    ids=lambda body: repr(body[:24]),
)
def test_refuses_what_is_not_plain_json(sample, body):
    response = sample.write(body)

    assert (response.status_code, response.json()["code"]) == (400, "http.not_json")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'"text"',
        b"{}",
        b'{"text": 1}',
        b'{"text": null}',
        b'{"text": ["x"]}',
        b'{"text": "x", "mass_g": true}',
        b'{"text": "x", "mass_g": 1.5}',
        b'{"text": "x", "mass_g": 99999999999999999999999}',
        b'{"text": "x", "mass_g": -1}',
        b'{"text": "x", "unknown": 1}',
        b'{"text": "x", "at": "0001-01-01T00:00:00+14:00"}',
        b'{"text": "x", "at": "9999-12-31T23:59:59-14:00"}',
        b'{"text": "x", "at": "2026-11-24T08:00:00"}',
        b'{"text": "x", "at": 1e15}',
    ],
    ids=repr,
)
def test_refuses_other_shapes(sample, body):
    response = sample.write(body)

    assert (response.status_code, response.json()["code"]) == (422, "http.invalid_input")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/jsonp"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
    ids=str,
)
def test_refuses_another_media_type(sample, headers):
    sent = {**sample.headers(key="k"), **headers}

    response = sample.call("POST", "/v1/notes", content=b'{"text": "x"}', headers=sent)

    assert (response.status_code, response.json()["code"]) == (415, "http.unsupported_media_type")


def test_takes_a_body_of_64_kib_and_not_a_byte_more(sample):
    padded = b'{"text": "x"' + b" " * (LARGE - 13) + b"}"

    assert sample.write(padded).status_code == 201
    assert sample.write(padded + b" ").status_code == 413


def test_refuses_a_large_body_that_comes_in_pieces(sample):
    async def pieces():
        for _ in range(100):
            yield b" " * 1_024

    response = sample.write(pieces())

    assert (response.status_code, response.json()["code"]) == (413, "http.body_too_large")


@pytest.mark.parametrize("length", ["-1", "x", "\xb2", "1" * 5_000, "1,1", "0x10"])
def test_refuses_a_length_that_is_none(sample, length):
    assert exchanged(sample.app, length=length) in (400, 413)


def test_gives_up_on_a_body_that_does_not_come(tmp_path):
    sample = Sample(tmp_path, Limits(body_timeout_s=0.05))

    assert exchanged(sample.app, never_ends=True) == 408


def exchanged(app, *, length=None, never_ends=False):
    """The status of a request that no client library would send."""
    headers = [(b"content-type", b"application/json")]
    if length is not None:
        headers.append((b"content-length", length.encode("latin-1")))
    sent = []

    async def receive():
        if never_ends:
            await asyncio.get_running_loop().create_future()
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/notes",
        "query_string": b"",
        "headers": headers,
        "client": ("10.0.0.1", 1),
    }
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=9), below),
    max_leaves=8,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200) | JSON.map(lambda held: repr(held).encode("utf-8", "replace")))
def test_answers_any_bytes(sample, body):
    assert sample.write(body).status_code in (201, 400, 422)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=JSON, mass_g=JSON, at=JSON)
def test_answers_any_values(sample, text, mass_g, at):
    try:
        body = orjson.dumps({"text": text, "mass_g": mass_g, "at": at})
    except TypeError:  # more than 64 bits
        body = b'{"text": 99999999999999999999999999}'

    response = sample.write(body)

    assert response.status_code == (400 if b"\\u0000" in body else response.status_code)
    assert response.status_code in (201, 400, 422)


@pytest.mark.parametrize(
    "at",
    [
        "1764000000",
        1_764_000_000,
        1.5,
        True,
        "2026-11-24",
        "2026-11-24T08:00+08:00",
        "2026-11-24 08:00:00+08:00",
        "2026-11-24T08:00:00",
        "٢٠٢٦-11-24T08:00:00Z",
        "1999-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z",
        "0001-01-01T00:00:00+08:00",
        "2026-02-30T08:00:00Z",
        "2026-11-24T24:00:00Z",
        "2026-11-24T23:59:60Z",
        "2026-11-24T08:00:00+14:01",
        "2026-11-24T08:00:00-15:00",
        "",
    ],
)
def test_refuses_an_instant_that_is_not_written_as_the_document_says(sample, at):
    response = sample.write(json.dumps({"text": "x", "at": at}))

    assert response.status_code == 422


@pytest.mark.parametrize(
    "at",
    ["2026-11-24T08:00:00+08:00", "2026-11-24t00:00:00.123456789z", "2199-12-31T09:59:59-14:00"],
)
def test_takes_an_instant_as_rfc_3339_writes_it(sample, at):
    assert sample.write(json.dumps({"text": "x", "at": at})).status_code == 201


@pytest.mark.parametrize("path", ["/v1/notes/a%00b", "/v1/notes?word=%00", "/v1/notes?%00=a"])
def test_refuses_a_nul_in_a_path_or_query(sample, path):
    response = sample.call("GET", path, headers=sample.headers())

    assert (response.status_code, response.json()["code"]) == (400, "http.not_text")


@pytest.mark.parametrize(
    "path", ["/v1/notes/%ff", "/v1/notes?word=%ed%a0%80", "/v1/notes?word=%C3", "/v1/notes?%ff=a"]
)
def test_refuses_a_path_or_query_that_is_no_utf_8(sample, path):
    response = sample.call("GET", path, headers=sample.headers())

    assert (response.status_code, response.json()["code"]) == (400, "http.not_text")


def test_an_encoded_slash_reaches_no_other_route(sample):
    created = sample.write(b'{"text": "x"}').json()["note_id"]

    response = sample.write(b'{"text": "y"}', path=f"/v1/notes/{created}%2Ftexts", version="*")

    assert (response.status_code, response.json()["code"]) == (404, "http.no_such_path")


@pytest.mark.parametrize("text", ["\\u0000", "a\\u0000", "\\\\\\u0000", "\\n\\\\\\u0000b"])
def test_refuses_a_nul_in_a_text(sample, text):
    response = sample.write(f'{{"text": "{text}"}}')

    assert (response.status_code, response.json()["code"]) == (400, "http.not_text")


@pytest.mark.parametrize("text", ["\\\\u0000", "\\\\\\\\u0000", "\\u0001", "u0000"])
def test_takes_a_text_that_only_looks_like_a_nul(sample, text):
    assert sample.write(f'{{"text": "{text}"}}').status_code == 201


@pytest.mark.parametrize(
    ("charset", "status"),
    [("utf-8", 201), ('"UTF-8"', 201), ("us-ascii", 201), ("latin-1", 415), ("utf-16", 415)],
)
def test_reads_utf_8_and_no_other_charset(sample, charset, status):
    headers = sample.headers(key="k") | {"Content-Type": f"application/json; charset={charset}"}

    response = sample.call("POST", "/v1/notes", content=b'{"text": "x"}', headers=headers)

    assert response.status_code == status
