"""The code tables and the exemption rules, asked over HTTP in this process."""

import asyncio
from datetime import UTC, datetime

import httpx
import pytest

from services.tracking.adapters.exemptions import TableExemptions
from services.tracking.entrypoints import codes, exemptions
from shared.http.app import create_app
from shared.http.local_issuer import ensure_issuer, issue_token
from shared.kernel.clock import ManualClock
from shared.observability.settings import ServiceSettings
from shared.reference.materials import materials
from tests.unit.tracking.legs import TABLE

# Past midnight in Shanghai: the legal day is 2026-11-09, while in UTC it is still the day before.
EU_MIDNIGHT = datetime(2026, 11, 8, 16, 0, tzinfo=UTC)
LEG = {"leg": "transport", "holder": "household", "material": "lead-acid-batteries"}


class Desk:
    """The API of both routers, with a clock that stands at the EU's midnight."""

    def __init__(self, folder):
        ensure_issuer(folder)
        clock = ManualClock(EU_MIDNIGHT)
        self._app = create_app(
            title="tracking",
            routers=[codes.router(clock), exemptions.router(TableExemptions(), clock)],
            settings=ServiceSettings(state_dir=folder),
            ready=lambda: True,
        )
        self.token = issue_token(folder, subject="c-1", roles=["company"])

    def get(self, path, *, with_token=True, **params):
        headers = {"Authorization": f"Bearer {self.token}"} if with_token else {}

        async def answer():
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
                return await client.get(path, params=params, headers=headers)

        return asyncio.run(answer())

    def decide(self, **facts):
        return self.get("/v1/exemptions/decision", **{**LEG, **facts})


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
    assert desk.get(path, with_token=False).status_code == 401


def test_a_decision_is_explained(desk):
    decided = desk.decide(central_store="true", condition="unknown").json()
    manifest = next(each for each in decided["answers"] if each["question"] == "manifest")

    assert decided["needs"] == {
        "manifest": True,
        "dangerous_goods_waybill": True,
        "licence": True,
        "label": True,
        "label_size": "by-volume",
        "packing": "apart-leak-proof",
        "vehicle": "not-this-one",
        "handover": "accepted",
    }
    assert (manifest["answer"], manifest["rule"]) == ("required", "manifest.hazardous-waste")
    assert set(manifest["words"]) == {"zh-CN", "en"}
    assert manifest["source"]
    assert (decided["table"], decided["on"]) == (TABLE.version, "2026-11-09")
    assert (decided["waste_code"], decided["un_number"]) == ("900-052-31", "UN2794")
    assert decided["dangerous_goods"]["details"]["class"] == "8"


def test_exempt_carriage_still_needs_the_manifest(desk):
    proof = {"rain_proof": True, "leak_proof": True, "spill_proof": True}

    needs = desk.decide(condition="intact", volume_ml=60_000, **proof).json()["needs"]

    assert (needs["manifest"], needs["dangerous_goods_waybill"]) == (True, False)
    assert needs["label_size"] == "150x150"


def test_a_code_that_names_one_material_stands_for_it(desk):
    asked = {"leg": "transport", "holder": "household"}

    lead = desk.get("/v1/exemptions/decision", **asked, code="900-052-31").json()
    packed = desk.get("/v1/exemptions/decision", **asked, system="un", code="3481").json()

    assert (lead["material"], lead["waste_code"]) == ("lead-acid-batteries", "900-052-31")
    assert (packed["material"], packed["un_number"]) == ("lithium-ion-batteries", "UN3481")
    assert packed["dangerous_goods"]["code"] == "UN3481"


@pytest.mark.parametrize(
    ("facts", "code", "told"),
    [
        ({"material": "kryptonite"}, "materials.unknown", None),
        ({"jurisdiction": "FR"}, "exemptions.jurisdiction", None),
        ({"on": "2020-12-31"}, "exemptions.not_covered", {"valid_from": "2021-01-01"}),
        ({"leg": "return"}, "http.invalid_input", None),
        ({"holder": "somebody"}, "http.invalid_input", None),
        ({"condition": "leaking"}, "http.invalid_input", None),
        ({"volume_ml": "0"}, "http.invalid_input", None),
        ({"volume_ml": "1.5"}, "http.invalid_input", None),
        ({"central_store": "perhaps"}, "http.invalid_input", None),
        ({"vehicle": "van"}, "http.invalid_input", None),
        ({"code": "900-052-31"}, "http.invalid_input", None),
    ],
)
def test_refuses_facts_that_the_rules_do_not_know(desk, facts, code, told):
    problem = desk.decide(**facts).json()

    assert problem["code"] == code
    assert told is None or problem["facts"] == told


def test_a_code_that_names_several_materials_asks_which(desk):
    asked = {"leg": "transport", "holder": "household", "code": "900-044-49"}

    problem = desk.get("/v1/exemptions/decision", **asked).json()

    assert problem["code"] == "exemptions.material_needed"
    assert sorted(problem["facts"]["materials"]) == ["crt-glass", "ni-cd-batteries"]


def test_neither_material_nor_code_is_refused(desk):
    answer = desk.get("/v1/exemptions/decision", leg="mixed", holder="household")

    assert (answer.status_code, answer.json()["code"]) == (422, "http.invalid_input")


def test_every_material_of_the_table_has_a_decision_and_its_codes(desk):
    for material in materials():
        assert desk.decide(material=material).status_code == 200
        assert desk.get(f"/v1/materials/{material}/codes").status_code == 200
