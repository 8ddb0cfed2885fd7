"""Opaque keyset cursors: a page goes on behind the last item."""

import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.paging import decode_cursor, encode_cursor
from shared.kernel.errors import Invalid
from tests.unit.http.sample import NOTES

WHOLE_64_BITS = st.integers(min_value=-(2**63) + 1, max_value=2**63 - 1)


def test_following_the_links_gives_each_item_once(sample):
    path, found = "/v1/notes?word=note&limit=3", []
    while path:
        page = sample.call("GET", path)
        found += page.json()["items"]
        path = page.links.get("next", {}).get("url")

    assert found == NOTES


def test_the_link_keeps_the_question_and_has_one_cursor(sample):
    first = sample.call("GET", "/v1/notes?word=note&limit=2").links["next"]["url"]

    second = sample.call("GET", first).links["next"]["url"]

    assert second.startswith("/v1/notes?word=note&limit=2&cursor=")
    assert second.count("cursor=") == 1


def test_the_last_page_has_no_link(sample):
    response = sample.call("GET", "/v1/notes?limit=7")

    assert response.json()["next"] is None
    assert "link" not in response.headers


@pytest.mark.parametrize("limit", ["0", "-1", "201", "many"])
def test_refuses_a_page_without_a_limit(sample, limit):
    assert sample.call("GET", f"/v1/notes?limit={limit}").status_code == 422


@given(st.text(st.characters(codec="utf-8"), max_size=40), WHOLE_64_BITS)
def test_reads_what_it_gave(word, number):
    assert decode_cursor(encode_cursor(word, number), str, int) == [word, number]


def given_as(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"[]",
        b'["a"]',
        b'["a","b"]',
        b"[1,2]",
        b'["a",true]',
        b'["a",1.0]',
        b'["a",NaN]',
    ],
)
def test_refuses_other_keys(raw):
    with pytest.raises(Invalid, match="never given"):
        decode_cursor(given_as(raw), str, int)


@pytest.mark.parametrize("raw", [b'["a",9223372036854775808]', b'["\\ud800",1]', b'["\xff",1]'])
def test_refuses_what_no_database_can_look_for(raw):
    with pytest.raises(Invalid):
        decode_cursor(given_as(raw), str, int)


@given(st.text(max_size=60))
def test_refuses_or_reads_but_never_breaks(cursor):
    with suppress(Invalid):
        assert isinstance(decode_cursor(cursor, str)[0], str)


def test_answers_a_made_up_cursor_as_invalid(sample):
    response = sample.call("GET", "/v1/notes?cursor=made-up")

    assert (response.status_code, response.json()["code"]) == (400, "paging.cursor")


@pytest.mark.parametrize(
    "limit", ["0", "-1", "201", "1000000000", "1_0", "+1", "01", "1.0", "٣", ""]
)
def test_a_limit_is_a_number_as_json_writes_it_within_its_bounds(sample, limit):
    response = sample.call("GET", "/v1/notes", params={"limit": limit})

    assert (response.status_code, response.json()["code"]) == (422, "http.invalid_input")


def test_the_document_tells_the_bounds_of_a_limit(sample):
    told = sample.api.openapi()["paths"]["/v1/notes"]["get"]["parameters"]
    (limit,) = [each["schema"] for each in told if each["name"] == "limit"]

    assert (limit["type"], limit["minimum"], limit["maximum"]) == ("integer", 1, 200)
