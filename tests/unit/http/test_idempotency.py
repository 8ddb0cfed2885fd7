"""Promise P4: one Idempotency-Key, one effect, one answer."""

import pytest

from shared.http.auth import Caller
from shared.http.idempotency import KeyedCall
from shared.kernel.aggregate import Answer, Stored
from tests.unit.http.sample import Sample

BODY = b'{"text": "first"}'


def test_gives_a_repeat_the_first_answer_word_for_word(sample):
    first = sample.write(BODY, key="k-1")
    second = sample.write(BODY, key="k-1")

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second.headers["etag"] == first.headers["etag"] == '"1"'


def test_says_where_the_new_thing_is(sample):
    written = sample.write(BODY)

    read = sample.call("GET", written.headers["location"], headers=sample.headers())

    assert read.json() == written.json()


def test_says_where_a_thing_is_whose_id_is_not_ascii():
    call = KeyedCall(Caller("r-1", frozenset()), "scope", "sha", "/v1/notes", "write_note")

    response = call.respond(Stored("盒子", 1, None, Answer(201, b"{}")))

    assert response.headers["location"] == "/v1/notes/%E7%9B%92%E5%AD%90"


def test_gives_another_key_another_effect(sample):
    first = sample.write(BODY, key="k-1").json()
    second = sample.write(BODY, key="k-2").json()

    assert first["note_id"] != second["note_id"]


def test_gives_another_caller_with_the_same_key_another_effect(sample):
    headers = sample.headers(key="k-1", token=sample.token(subject="r-2"))

    mine = sample.write(BODY, key="k-1").json()
    theirs = sample.call("POST", "/v1/notes", json={"text": "first"}, headers=headers).json()

    assert mine["note_id"] != theirs["note_id"]


def test_refuses_another_body_under_the_same_key(sample):
    sample.write(BODY, key="k-1")

    second = sample.write(b'{"text": "second"}', key="k-1")

    assert second.status_code == 422
    assert second.json()["code"] == "idempotency.body_differs"


def test_does_not_keep_an_answer_that_is_no_success(sample):
    refused = sample.write(b'{"text": 7}', key="k-1")
    accepted = sample.write(BODY, key="k-1")

    assert (refused.status_code, accepted.status_code) == (422, 201)


def test_asks_for_a_key(sample):
    response = sample.call("POST", "/v1/notes", json={"text": "x"}, headers=sample.headers())

    assert response.status_code == 400
    assert response.json()["code"] == "idempotency.key_missing"


@pytest.mark.parametrize("key", ["", " ", "a b", '"', '"half', "x" * 129, "ключ".encode()])
def test_refuses_a_malformed_key(sample: Sample, key):
    headers = {**sample.headers(), "Idempotency-Key": key}

    response = sample.call("POST", "/v1/notes", json={"text": "x"}, headers=headers)

    assert response.status_code == 400
    assert response.json()["code"] == "idempotency.key_malformed"


def test_takes_a_key_quoted_or_bare(sample):
    bare = sample.write(BODY, key="k-1")
    quoted = sample.write(BODY, key='"k-1"')

    assert quoted.content == bare.content


def test_asks_who_calls_before_it_asks_for_a_key(sample):
    response = sample.call("POST", "/v1/notes", json={"text": "x"})

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


def test_a_secret_changes_what_ids_are_derived_from(tmp_path):
    """Who knows caller and key cannot make sure that an id is of them."""
    plain, secret = Sample(tmp_path), Sample(tmp_path)
    secret.api.state.scope_secret = lambda: b"not in the database"

    ids = [each.write(BODY, key="k-1").json()["note_id"] for each in (plain, secret, secret)]

    assert ids[0] != ids[1] == ids[2]
