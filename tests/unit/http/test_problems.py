"""Every error is a problem (RFC 9457) with a code, and repeats nothing of what was sent."""

import orjson
import pytest

from shared.http.app import edge
from shared.http.problems import rejected
from shared.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Rejected, Stale
from shared.observability.settings import ServiceSettings
from tests.unit.http.sample import PHONE


def problem_of(response):
    assert response.headers["content-type"] == "application/problem+json"
    return response.json()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Invalid("a.b"), 422),
        (NotFound("a.b"), 404),
        (Forbidden("a.b"), 403),
        (Conflict("a.b"), 409),
        (Stale("a.b"), 412),
        (Rejected("a.b"), 400),
        (Rejected("http.unauthenticated"), 401),
        (Rejected("http.precondition_required"), 428),
    ],
)
def test_gives_each_family_its_status(error, status):
    assert rejected(error).status_code == status


def test_has_all_members_and_the_trace(sample):
    trace = "00-" + "ab" * 16 + "-" + "cd" * 8 + "-01"

    response = sample.call("GET", "/v1/nothing", headers={"traceparent": trace})

    assert problem_of(response) == {
        "type": "urn:greenloop:problem:http.no_such_path",
        "title": "Not found",
        "status": 404,
        "code": "http.no_such_path",
        "instance": f"urn:trace:{'ab' * 16}",
    }


def test_answers_another_method_with_those_that_are_allowed(sample):
    response = sample.call("DELETE", "/v1/bug")

    assert problem_of(response)["code"] == "http.method_not_allowed"
    assert response.status_code == 405
    assert response.headers["allow"] == "GET"


def test_does_not_redirect_a_trailing_slash(sample):
    assert sample.call("GET", "/v1/bug/").status_code == 404


def test_tells_place_and_code_of_what_is_invalid_but_not_the_value(sample):
    response = sample.write(orjson.dumps({"text": PHONE * 9, "mass_g": "12"}))

    assert response.status_code == 422
    assert problem_of(response)["errors"] == [
        {"pointer": "/body/text", "code": "string_too_long"},
        {"pointer": "/body/mass_g", "code": "int_type"},
    ]
    assert PHONE not in response.text


def test_does_not_repeat_the_name_of_an_unknown_field(sample):
    response = sample.write(orjson.dumps({"text": "x", PHONE: 1}))

    assert problem_of(response)["errors"] == [{"pointer": "/body", "code": "extra_forbidden"}]
    assert PHONE not in response.text


def test_tells_what_is_wrong_with_a_query(sample):
    response = sample.call("GET", "/v1/notes", params={"limit": PHONE})

    assert response.status_code == 422
    assert problem_of(response)["errors"] == [
        {"pointer": "/query/limit", "code": "less_than_equal"}
    ]
    assert PHONE not in response.text


def test_shows_twenty_errors_at_most(sample):
    body = {f"field-{n}": 1 for n in range(100)}

    response = sample.write(orjson.dumps(body))

    assert len(problem_of(response)["errors"]) == 20


def test_answers_a_bug_without_a_word_of_it(sample, capsys):
    response = sample.call("GET", "/v1/bug")

    assert response.status_code == 500
    assert problem_of(response)["code"] == "http.internal"
    assert PHONE not in response.text
    assert PHONE not in capsys.readouterr().out


def test_answers_unavailability_with_when_to_come_again(sample):
    response = sample.call("GET", "/v1/away")

    assert response.status_code == 503
    assert response.headers["retry-after"] == "3"
    assert problem_of(response)["code"] == "storage.unavailable"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/v1/notes", "GET, POST"), ("/v1/notes/n-1", "GET"), ("/v1/notes/n-1/texts", "POST")],
)
def test_a_refused_method_is_told_all_that_the_path_allows(sample, path, allowed):
    response = sample.call("DELETE", path)

    assert (response.status_code, response.headers["allow"]) == (405, allowed)


def test_a_refused_method_of_a_path_of_the_framework_is_told_too(sample):
    response = sample.call("DELETE", "/openapi.json")

    assert response.status_code == 405
    assert "GET" in response.headers["allow"]


def test_a_method_that_no_route_has_is_refused_as_such_whatever_it_carries(sample):
    sample.app = edge(sample.api, ServiceSettings(state_dir=sample.state_dir))
    headers = {"Content-Type": "image/png"}

    response = sample.call("PUT", "/v1/notes", content=b"\x89PNG", headers=headers)

    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")
