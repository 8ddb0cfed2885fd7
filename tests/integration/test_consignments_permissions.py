"""Who may do and see what: roles, parties, and a regulator's area."""

import pytest

from tests.integration.consignment_house import house_of

pytestmark = pytest.mark.integration

ACTS = {
    "seal": {},
    "cancellation": {"reason": "not-needed"},
    "paper": {"reason": "registry-down"},
    "loading-refusals": {"reason": "label"},
    "carrier-approvals": {},
    "arrivals": {"place_id": "smelter-gate"},
}
READS = ("", "/verify", "/manifest.pdf", "/waybill.pdf")


@pytest.fixture(scope="module")
def house(mongodb_uri, tmp_path_factory):
    with house_of(mongodb_uri, tmp_path_factory.mktemp("house")) as held:
        held.registry().boxes("box-1", "box-2", "box-3")
        held.sealed = held.draft(broker_id="broker")
        held.seal(held.sealed)
        yield held


def told(answer):
    return answer.status_code, answer.json()["code"]


def test_only_the_company_whose_act_it_is_acts(house):
    other, role, unseen = (
        (403, "consignment.other_party"),
        (403, "auth.role"),
        (404, "consignment.not_found"),
    )
    carriers = ("loading-refusals", "arrivals")
    for what, body in ACTS.items():
        for by in ("resident", "collector", "regulator", "operator"):
            assert told(house.act(house.sealed, what, body, by="outlet", role=by)) == role
        assert told(house.act(house.sealed, what, body, by="far-smelter")) == unseen
        strangers = ("outlet", "smelter", "broker") if what in carriers else ("carrier-1", "broker")
        for by in strangers:
            assert told(house.act(house.sealed, what, body, by=by)) == other, (what, by)


SEEING = [
    ("outlet", "company", None, 200),
    ("smelter", "company", None, 200),
    ("carrier-1", "company", None, 200),
    ("broker", "company", None, 200),
    ("far-smelter", "company", None, 404),
    ("anybody", "operator", None, 200),
    ("city", "regulator", None, 200),
    ("city", "regulator", "3501", 200),
    ("city", "regulator", "350203", 200),
    ("city", "regulator", "35", 200),
    ("city", "regulator", "4403", 404),
    ("city", "regulator", "3503", 404),
    ("home", "resident", None, 403),
    ("crew", "collector", None, 403),
]


def test_a_consignment_is_seen_by_its_parties_and_its_areas(house):
    for who, role, area, status in SEEING:
        for read in READS:
            path = f"/consignments/{house.sealed}{read}"
            answer = house.get(path, by=who, role=role, area=area)
            assert answer.status_code == status, (who, role, area, read)
        page = house.get("/consignments", by=who, role=role, area=area)
        if status != 403:
            assert len(page.json()["items"]) == (status == 200), (who, role, area)


def test_the_registry_is_kept_by_operators(house):
    for path in ("/parties", "/licences", "/plan-lines", "/approvals"):
        for role in ("company", "regulator", "resident", "collector"):
            assert house.post(path, {}, by="somebody", role=role).status_code == 403


def test_nobody_without_a_token(house):
    answer = house.call("GET", f"/v1/consignments/{house.sealed}")

    assert answer.status_code == 401


def test_another_partys_numbers_are_not_found(house):
    block = house.post("/number-blocks", {"device_id": "tablet", "size": 2}).json()["block_id"]

    for path, body in (
        ("return", {"reason": "not-needed"}),
        ("voids", {"number": block, "reason": "spoiled"}),
    ):
        answer = house.post(f"/number-blocks/{block}/{path}", body, by="smelter")
        assert answer.status_code == 404
    assert house.get(f"/number-blocks/{block}", by="smelter").status_code == 404
    assert house.get(f"/number-blocks/{block}").status_code == 200


def test_without_a_record_in_the_registry_nobody_drafts(house):
    answer = house.post("/consignments", house.body(), by="unknown-company")

    assert (answer.status_code, answer.json()["code"]) == (404, "party.not_found")
