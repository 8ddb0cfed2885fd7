"""Crates over real MongoDB: the API, races for the last ones, a kill, balances at a time."""

from collections import Counter
from datetime import timedelta

import httpx
import pytest

from services.tracking.domain.crates import OVER_BOOK
from tests.chaos.processes import KILLED
from tests.integration.tracking_house import house_of
from tests.unit.tracking.builders import LATER

pytestmark = [pytest.mark.integration, pytest.mark.chaos]

PARTY = "organisation-7"
HOUR = timedelta(hours=1)
CLIENTS = 20


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path) as held:
        yield held


def move(house, what, pieces, *, party=PARTY, at=LATER, key=None, call=None, **line):
    body = {
        "happened_at": at.isoformat(),
        "lines": [{"crate_type": "crate-60l", "grade": "A", "pieces": pieces, **line}],
    }
    return house.post(f"/v1/parties/{party}/crate-{what}", body, key=key, call=call)


def held(house, *, party=PARTY, **asked):
    found = house.get(f"/v1/parties/{party}/crates", **asked).json()["held"]
    return {each["grade"]: each["pieces"] for each in found}


def test_a_party_takes_returns_and_is_told_what_it_holds_now_and_then(house):
    issued = move(house, "issues", 10, key="key-1")
    again = move(house, "issues", 10, key="key-1")
    move(house, "returns", 4, at=LATER + 2 * HOUR, to_grade="B")
    house.follow(times=2)
    house.wiring.poster().post_all()

    assert (issued.status_code, again.content) == (200, issued.content)
    assert held(house) == {"A": 6}
    assert held(house, at=(LATER + HOUR).isoformat()) == {"A": 10}
    assert held(house, at=(LATER - HOUR).isoformat()) == {}
    assert house.facts()["crates_held_in_ledger"] == {"crate-60l": 6}
    assert all(house.wiring.invariants().values())


def test_one_of_many_gives_the_last_crates_back_unflagged(house):
    move(house, "issues", 5)

    with house.serving() as (_, call):
        answers = house.at_once(
            CLIENTS, lambda n: move(house, "returns", 1, key=f"key-{n}", call=call)
        )
    house.follow()

    flags = Counter(tuple(answer.json()["flags"]) for answer in answers)
    assert {answer.status_code for answer in answers} == {200}
    assert flags == {(): 5, (OVER_BOOK,): CLIENTS - 5}
    assert sorted(answer.json()["step"] for answer in answers) == list(range(2, CLIENTS + 2))
    assert held(house) == {"A": 5 - CLIENTS}
    facts = house.facts()
    assert facts["crates_held"] == facts["crates_held_in_ledger"]


def test_many_first_movements_make_one_party(house):
    with house.serving() as (_, call):
        answers = house.at_once(
            CLIENTS, lambda n: move(house, "issues", 1, key=f"key-{n}", call=call)
        )

    assert {answer.status_code for answer in answers} == {200}
    assert held(house) == {"A": CLIENTS}


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_server_that_dies_at_a_movement_records_it_once(house, side):
    with house.serving(crash_at=f"outbox.write.{side}:1") as (process, call):
        with pytest.raises(httpx.HTTPError):
            move(house, "issues", 3, key="key-1", call=call)
        assert process.wait(timeout=30) == KILLED

    repeated = move(house, "issues", 3, key="key-1")
    house.follow()

    assert repeated.json()["step"] == 1
    assert held(house) == {"A": 3}
    assert house.facts()["crates_held_in_ledger"] == {"crate-60l": 3}


def test_limits_are_set_for_a_version_and_parties_and_movements_are_paged(house):
    for number in range(3):
        move(house, "issues", number + 1, party=f"p-{number}")
    for number in range(5):
        move(house, "losses", 1, party="p-2", at=LATER + number * HOUR)
    house.follow()
    path = "/v1/parties/p-0/crate-limits"
    limits = {"limits": [{"crate_type": "crate-60l", "pieces": 1}]}
    etag = house.call("GET", "/v1/parties/p-0/crates", headers=house.headers("operator"))

    def limit(version):
        sent = {"Idempotency-Key": f"key-{len(version)}", "If-Match": version}
        headers = {**house.headers("operator"), **sent}
        return house.call("POST", path, json=limits, headers=headers)

    answers = [limit(version) for version in ('"99"', etag.headers["ETag"])]
    page = house.get("/v1/crates", limit=2).json()
    rest = house.get("/v1/crates", limit=2, cursor=page["next"]).json()
    movements = house.get("/v1/parties/p-2/crate-movements", limit=4).json()
    older = house.get("/v1/parties/p-2/crate-movements", limit=4, cursor=movements["next"]).json()

    assert [answer.status_code for answer in answers] == [412, 200]
    assert move(house, "issues", 1, party="p-0").json()["flags"] == ["crates.over_limit"]
    assert [each["party_id"] for each in page["items"] + rest["items"]] == ["p-0", "p-1", "p-2"]
    assert [each["step"] for each in movements["items"]] == [6, 5, 4, 3]
    assert sorted(each["step"] for each in older["items"]) == [1, 2]


@pytest.mark.parametrize(
    ("what", "line", "code"),
    [
        ("issues", {"crate_type": "no-such"}, "crates.unknown_type"),
        ("regradings", {"to_grade": "A"}, "crates.grade"),
        ("issues", {"pieces": 0}, "http.malformed"),
        ("issues", {"grade": "D"}, "http.malformed"),
    ],
)
def test_refuses_what_cannot_be(house, what, line, code):
    refused = move(house, what, **{"pieces": 1, **line})

    assert refused.status_code == 422
    assert code in ("http.malformed", refused.json()["code"])
    assert house.get(f"/v1/parties/{PARTY}/crates").status_code == 404
