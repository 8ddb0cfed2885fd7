"""A phone number in any place of any request is neither logged nor sent back by a refusal.

The requests are made from the OpenAPI document: each operation, each parameter, each field of its
body (also where another type belongs there, and under a name that nobody knows), the path, the
query, the headers.
"""

import json
from urllib.parse import quote

import httpx
import pytest

from services.collection.bootstrap import build_api
from shared.kernel.ids import new_id
from tests.chaos.processes import started
from tests.integration.collection_house import house_of
from tests.integration.service_processes import free_port, is_ready
from tests.polling import eventually

pytestmark = pytest.mark.integration

PHONE = "+8613812345678"
DIGITS = "13812345678"
ROLES = ("resident", "collector", "operator", "regulator")
HARMLESS = {"traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"}


def operations(document):
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            yield method.upper(), path, told


def fields_of(document, told):
    """Return the names of a JSON body's fields."""
    content = told.get("requestBody", {}).get("content", {})
    reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
    schema = document["components"]["schemas"].get(reference.rpartition("/")[2], {})
    return list(schema.get("properties", {}))


def bodies_of(fields):
    """Return bodies with the number in each field, in all, nested, and in a name of its own."""
    yield {}
    yield {PHONE: PHONE}
    yield {"unknown": PHONE}
    yield dict.fromkeys(fields, PHONE)
    yield dict.fromkeys(fields, int(DIGITS))
    for field in fields:
        yield {field: PHONE}
        yield {field: [PHONE]}
        yield {field: {PHONE: {"deep": PHONE}}}
        yield {field: [{PHONE: [PHONE]}]}


def requests_of(document):
    """Return (method, path, query, body) of all requests that are tried."""
    for method, path, told in operations(document):
        names = [each["name"] for each in told.get("parameters", []) if each["in"] == "path"]
        queries = [each["name"] for each in told.get("parameters", []) if each["in"] == "query"]
        filled = path
        for name in names:
            filled = filled.replace(f"{{{name}}}", quote(PHONE, safe=""))
        bodies = bodies_of(fields_of(document, told)) if method == "POST" else [None]
        for body in bodies:
            yield method, filled, {}, body
        for query in (*queries, "phone", PHONE):
            yield method, filled, {query: PHONE}, None
    yield "GET", f"/v1/{PHONE}/{PHONE}", {}, None
    yield "DELETE", f"/v1/pickups/{PHONE}", {}, None
    yield PHONE, "/v1/pickups", {}, None


@pytest.fixture(scope="module")
def served(mongodb_uri, tmp_path_factory):
    state_dir = tmp_path_factory.mktemp("echoes")
    log = state_dir / "api.log"
    with house_of(mongodb_uri, state_dir) as house:
        port = free_port()
        process = started(
            "services.collection",
            "api",
            log=log,
            mongodb=mongodb_uri,
            database=house.settings.database,
            state_dir=str(state_dir),
            http_port=str(port),
            requests_per_s_max="100000",
            log_level="DEBUG",
        )
        with process, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            eventually(lambda: is_ready(client), within_s=60)
            yield house, client, log


def test_a_phone_number_is_neither_logged_nor_sent_back(served):
    house, client, log = served
    document = build_api(house.settings).openapi()
    tried, refused, echoes = 0, 0, []
    for method, path, query, body in requests_of(document):
        for role in ROLES:
            headers = {**house.headers(role, key=new_id(), version="*"), **HARMLESS}
            content = None if body is None else json.dumps(body)
            headers["Content-Type"] = "application/json"
            answer = client.request(method, path, params=query, content=content, headers=headers)
            tried += 1
            assert answer.status_code < 500, (method, path, body)
            if answer.status_code >= 400:
                refused += 1
                said = answer.text + str(answer.headers)
                if DIGITS in said:
                    echoes.append((method, path, query, body, role))
            if answer.status_code != 403:
                break

    said = log.read_text()
    assert echoes == []
    assert DIGITS not in said
    assert refused > 500
    assert said.count('"event": "http"') > 0.9 * tried  # it does log what was asked


@pytest.mark.parametrize(
    "headers",
    [
        {"Idempotency-Key": f"{PHONE} {PHONE}"},
        {"If-Match": PHONE},
        {"Authorization": f"Bearer {PHONE}"},
        {"Content-Type": PHONE},
        {"traceparent": PHONE},
        {PHONE.replace("+", "x"): PHONE},
    ],
)
def test_a_phone_number_in_a_header_is_neither_logged_nor_sent_back(served, headers):
    house, client, log = served
    sent = {**house.headers("resident", key=new_id(), version="*"), **headers}

    answer = client.post("/v1/person", content="{}", headers=sent)

    assert DIGITS not in answer.text + str(answer.headers)
    assert DIGITS not in log.read_text()


@pytest.mark.parametrize(
    "content", [PHONE, f'"{PHONE}"', f'{{"{PHONE}', f'{{"a": {PHONE}}}', f"[{DIGITS}]"]
)
def test_a_body_that_is_no_object_is_not_sent_back(served, content):
    house, client, log = served
    headers = house.headers("resident", key=new_id())
    headers["Content-Type"] = "application/json"

    answer = client.post("/v1/person", content=content, headers=headers)

    assert answer.status_code in (400, 422)
    assert DIGITS not in answer.text
    assert DIGITS not in log.read_text()
