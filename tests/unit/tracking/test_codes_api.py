"""The code tables, asked over HTTP."""

import pytest

from tests.unit.tracking.code_desk import Desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return Desk(tmp_path_factory.mktemp("issuer"))


def test_lists_the_systems(desk):
    items = desk.get("/v1/codes").json()["items"]

    assert {each["system"] for each in items} == {
        *("basel", "cn", "cn-ewaste", "eu", "treatment", "un", "weee")
    }


def test_lists_a_system_as_it_is_on_a_day(desk):
    before = desk.get("/v1/codes/basel", on="2024-12-31").json()
    after = desk.get("/v1/codes/basel", on="2025-01-01").json()

    assert (before["on"], after["on"]) == ("2024-12-31", "2025-01-01")
    assert "A1180" in {each["code"] for each in before["items"]}
    assert "A1181" in {each["code"] for each in after["items"]}


def test_today_is_the_legal_day_in_shanghai(desk):
    listed = desk.get("/v1/codes/eu").json()

    assert listed["on"] == "2026-11-09"
    assert "20 01 43*" in {each["code"] for each in listed["items"]}


def test_tells_an_entry_with_its_details_and_source(desk):
    entry = desk.get("/v1/codes/un/UN3480", on="2026-01-01").json()

    assert entry["details"]["class"] == "9"
    assert entry["details"]["damaged_packing"] == "P908|LP904"
    assert (entry["certainty"], entry["valid_to"]) == ("M", None)
    assert entry["materials"] == ["lithium-ion-batteries"]
    assert entry["source"]


def test_an_asterisk_and_spaces_go_through_the_path(desk):
    assert desk.get("/v1/codes/eu/20 01 43*").json()["code"] == "20 01 43*"
    assert desk.get("/v1/codes/eu/200143%2A").json()["code"] == "20 01 43*"


def test_a_code_out_of_date_is_refused_with_its_successor(desk):
    answer = desk.get("/v1/codes/basel/A1180", on="2025-01-01")

    assert answer.status_code == 422
    assert answer.json()["code"] == "codes.expired"
    assert answer.json()["facts"] == {
        "valid_to": "2025-01-01",
        "successor": "A1181",
        "successors": ["A1181"],
    }
    assert desk.get("/v1/codes/basel/A1180", on="2024-12-31").status_code == 200


def test_a_code_with_several_successors_names_all(desk):
    facts = desk.get("/v1/codes/eu/20 01 34").json()["facts"]

    assert facts["successors"] == ["20 01 42*", "20 01 43*", "20 01 44"]


def test_a_code_that_is_not_yet_valid_is_refused_with_its_first_day(desk):
    answer = desk.get("/v1/codes/basel/A1181", on="2024-12-31")

    assert (answer.status_code, answer.json()["code"]) == (422, "codes.not_yet_valid")
    assert answer.json()["facts"] == {"valid_from": "2025-01-01", "predecessor": "A1180"}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/codes/basel/A9999", 404, "codes.unknown"),
        ("/v1/codes/oecd", 404, "codes.unknown_system"),
        ("/v1/codes/oecd/GC010", 404, "codes.unknown_system"),
        ("/v1/codes/BASEL", 422, "http.invalid_input"),
        ("/v1/codes/basel/" + "A" * 17, 422, "http.invalid_input"),
        ("/v1/materials/kryptonite/codes", 404, "materials.unknown"),
        ("/v1/materials/Lead/codes", 422, "http.invalid_input"),
    ],
)
def test_refuses_what_it_does_not_know(desk, path, status, code):
    answer = desk.get(path)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("on", ["", "soon", "2026-02-30", "1999-12-31", "2200-01-01", "0001-01-01"])
def test_refuses_a_day_that_is_none(desk, on):
    assert desk.get("/v1/codes/eu", on=on).status_code == 422


@pytest.mark.parametrize(("on", "code"), [("2026-11-08", "20 01 34"), ("2026-11-09", "20 01 43*")])
def test_a_material_is_called_by_the_day(desk, on, code):
    items = desk.get("/v1/materials/lithium-ion-batteries/codes", on=on).json()["items"]
    called = {(each["system"], each["context"]): each["code"] for each in items}

    assert called["eu", "household"] == code
    assert called["cn", "any"] is None
    assert called["un", "any"] == "UN3480"


@pytest.mark.parametrize(
    "path",
    ["/v1/codes", "/v1/codes/eu", "/v1/codes/un/UN2794", "/v1/materials/glass/codes"],
)
def test_needs_a_token(desk, path):
    assert desk.get(path, role=None).status_code == 401
