"""The document tells what dependencies read from headers; all services' documents do."""

import json

import pytest

from tests.architecture.source_tree import ROOT

DOCUMENTS = sorted((ROOT / "docs" / "openapi").glob("*.json"))


def headers_of(operation):
    return {p["name"] for p in operation.get("parameters", []) if p["in"] == "header"}


def test_tells_key_version_and_token(sample):
    operation = sample.api.openapi()["paths"]["/v1/notes/{note_id}/texts"]["post"]

    assert headers_of(operation) == {"Idempotency-Key", "If-Match"}
    assert operation["security"] == [{"token": []}]


def test_tells_each_header_once_however_often_it_is_asked(sample):
    first = json.dumps(sample.api.openapi())

    assert json.dumps(sample.api.openapi()) == first


def test_does_not_ask_for_a_token_where_none_is_needed(sample):
    assert "security" not in sample.api.openapi()["paths"]["/v1/notes"]["get"]


def test_is_served(sample):
    assert sample.call("GET", "/openapi.json").json()["openapi"].startswith("3.1")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.stem)
def test_every_post_of_every_service_is_keyed_and_everything_needs_a_token_or_says_why_not(path):
    paths = json.loads(path.read_text(encoding="utf-8"))["paths"]
    posts = [each["post"] for each in paths.values() if "post" in each]
    operations = [operation for each in paths.values() for operation in each.values()]

    assert all("Idempotency-Key" in headers_of(post) for post in posts)
    guarded = [op for op in operations if "x-public" not in op]
    assert all(operation["security"] and operation["x-roles"] for operation in guarded)
