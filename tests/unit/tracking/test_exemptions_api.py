"""The exemption rules and recorded verdicts, asked over HTTP."""

import pytest

from shared.reference.materials import materials
from tests.unit.tracking.builders import COMMUNITY, LEAD, LITHIUM, PICKUP, history, in_order, lot
from tests.unit.tracking.code_desk import Desk
from tests.unit.tracking.legs import TABLE


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return Desk(tmp_path_factory.mktemp("issuer"))


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


def test_a_place_that_is_flagged_as_a_central_store_ends_the_household_exemption(desk):
    asked = {"condition": "intact", "leg": "collection", "sorting_rules": "true"}

    needs = {
        place_id: desk.decide(place_id=place_id, **asked).json()["needs"]["manifest"]
        for place_id in ("outlet-1", "central-1")
    }

    assert needs == {"outlet-1": False, "central-1": True}


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


def test_tells_the_verdict_on_each_hazardous_lot_of_a_pickup(desk):
    lots = (lot("lot-1", 700), lot("lot-2", 9_000, material=LEAD, condition="intact"))
    desk.yard.react(*in_order(*history(lots)))

    told = desk.get(f"/v1/exemptions/verdicts/{PICKUP}", role="operator").json()

    (item,) = told["items"]
    assert (item["lot_id"], item["on"], item["table"]) == ("lot-2", "2026-11-24", TABLE.version)
    assert item["needs"]["manifest"] is False
    assert {"question": "manifest", "answer": "not-required", "rule": "manifest.household"} in (
        item["rulings"]
    )


@pytest.mark.parametrize(
    ("role", "area_code", "status"),
    [
        ("regulator", COMMUNITY[:4], 200),
        ("regulator", "3502", 404),
        ("resident", None, 403),
        ("company", None, 403),
    ],
)
def test_verdicts_are_for_operators_and_for_the_regulator_of_the_area(
    desk, role, area_code, status
):
    desk.yard.react(*in_order(*history((lot("lot-1", 700, material=LITHIUM),), pickup_id="p-2")))

    answer = desk.get("/v1/exemptions/verdicts/p-2", role=role, area_code=area_code)

    assert answer.status_code == status


def test_a_pickup_that_is_not_known_has_no_verdicts(desk):
    answer = desk.get("/v1/exemptions/verdicts/p-9", role="operator")

    assert (answer.status_code, answer.json()["code"]) == (404, "journal.not_found")
