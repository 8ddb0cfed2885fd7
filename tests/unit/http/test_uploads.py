"""Routes that take a file: larger bodies of stated types, few at a time, behind a good token."""

import asyncio

import pytest

from shared.http.uploads import UPLOADS_MAX
from tests.polling import eventually
from tests.unit.http.sample import FILE

PATH = "/v1/files/f-1/content"


def put(sample, content, *, path=PATH, **headers):
    sent = {**sample.headers(key="k"), "Content-Type": "image/png", **headers}
    return sample.call("POST", path, content=content, headers=sent)


def test_takes_more_than_json_may_be(sample):
    answer = put(sample, b"\x00" * FILE.bytes_max)

    assert (answer.status_code, answer.json()["bytes"]) == (200, FILE.bytes_max)


def test_refuses_a_byte_more(sample):
    answer = put(sample, b"\x00" * (FILE.bytes_max + 1))

    assert (answer.status_code, answer.json()["code"]) == (413, "http.body_too_large")


def test_refuses_a_stream_that_does_not_end(sample):
    async def endless():
        while True:
            yield b"\x00" * 10_000

    assert put(sample, endless()).status_code == 413


@pytest.mark.parametrize("media_type", ["application/json", "image/gif", "", "text/html"])
def test_refuses_another_media_type(sample, media_type):
    answer = put(sample, b"{}", **{"Content-Type": media_type})

    assert (answer.status_code, answer.json()["code"]) == (415, "http.unsupported_media_type")


def test_refuses_what_is_compressed(sample):
    assert put(sample, b"x", **{"Content-Encoding": "gzip"}).status_code == 415


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer made-up", "Basic eDp5"])
def test_reads_nothing_of_a_body_without_a_good_token(sample, token):
    async def unread():
        raise AssertionError("read")
        yield b""

    answer = put(sample, unread(), Authorization=token)

    assert (answer.status_code, answer.json()["code"]) == (401, "http.unauthenticated")


def test_other_routes_keep_their_limit_and_their_json(sample):
    headers = {**sample.headers(key="k"), "Content-Type": "image/png"}

    answer = sample.call("POST", "/v1/notes", content=b"\x89PNG", headers=headers)

    assert answer.status_code == 415
    assert sample.write(b" " * (64 * 1024 + 1)).status_code == 413


def test_lets_few_in_at_once(sample):
    path = "/v1/files/held/content"
    headers = {**sample.headers(key="k"), "Content-Type": "image/png"}

    async def crowd():
        asking = [
            asyncio.create_task(sample.ask("POST", path, content=b"x", headers=headers))
            for _ in range(UPLOADS_MAX)
        ]
        entered = sample.desk.entered
        for _ in asking:
            await asyncio.to_thread(eventually, lambda: entered.acquire(blocking=False))
        shed = await sample.ask("POST", path, content=b"x", headers=headers)
        sample.desk.gate.set()
        return shed, await asyncio.gather(*asking)

    shed, served = asyncio.run(crowd())

    assert (shed.status_code, shed.headers["retry-after"]) == (503, "1")
    assert {each.status_code for each in served} == {200}
    assert put(sample, b"x").status_code == 200


def test_refuses_a_slow_body(sample):
    async def slow():
        yield b"x"
        await asyncio.Event().wait()

    assert put(sample, slow()).status_code == 408


def test_openapi_tells_what_is_taken(sample):
    body = sample.api.openapi()["paths"]["/v1/files/{file_id}/content"]["post"]["requestBody"]

    assert set(body["content"]) == {"image/png", "image/jpeg"}
    assert body["content"]["image/png"]["schema"]["maxLength"] == FILE.bytes_max
