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


@pytest.mark.parametrize("role", ["resident", "collector", "regulator", "operator"])
@pytest.mark.parametrize("what", sorted(ACTS))
def test_only_companies_act(house, what, role):
    answer = house.act(house.sealed, what, ACTS[what], by="outlet", role=role)

    assert (answer.status_code, answer.json()["code"]) == (403, "auth.role")


@pytest.mark.parametrize("what", sorted(ACTS))
def test_a_stranger_finds_nothing(house, what):
    answer = house.act(house.sealed, what, ACTS[what], by="far-smelter")

    assert (answer.status_code, answer.json()["code"]) == (404, "consignment.not_found")


@pytest.mark.parametrize("by", ["carrier-1", "smelter", "broker"])
@pytest.mark.parametrize("what", ["seal", "cancellation", "paper", "carrier-approvals"])
def test_what_is_the_consignors_is_nobody_elses(house, what, by):
    answer = house.act(house.sealed, what, ACTS[what], by=by)

    assert (answer.status_code, answer.json()["code"]) == (403, "consignment.other_party")


@pytest.mark.parametrize("by", ["outlet", "smelter", "broker"])
@pytest.mark.parametrize("what", ["loading-refusals", "arrivals"])
def test_what_is_a_carriers_is_nobody_elses(house, what, by):
    answer = house.act(house.sealed, what, ACTS[what], by=by)

    assert (answer.status_code, answer.json()["code"]) == (403, "consignment.other_party")


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize(
    ("who", "role", "area", "status"),
    [
        ("outlet", "company", None, 200),
        ("smelter", "company", None, 200),
        ("carrier-1", "company", None, 200),
        ("broker", "company", None, 200),
        ("far-smelter", "company", None, 404),
        ("anybody", "operator", None, 200),
        ("city", "regulator", None, 200),
        ("city", "regulator", "3501", 200),
        ("city", "regulator", "3502", 200),
        ("city", "regulator", "35", 200),
        ("city", "regulator", "4403", 404),
        ("city", "regulator", "3503", 404),
        ("home", "resident", None, 403),
        ("crew", "collector", None, 403),
    ],
)
def test_a_consignment_is_seen_by_its_parties_and_its_areas(
    house, read, *, who, role, area, status
):
    answer = house.get(f"/consignments/{house.sealed}{read}", by=who, role=role, area=area)

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("who", "role", "area", "count"),
    [
        ("outlet", "company", None, 1),
        ("smelter", "company", None, 1),
        ("carrier-1", "company", None, 1),
        ("broker", "company", None, 1),
        ("far-smelter", "company", None, 0),
        ("anybody", "operator", None, 1),
        ("city", "regulator", None, 1),
        ("city", "regulator", "350203", 1),
        ("city", "regulator", "4403", 0),
        ("city", "regulator", "350", 1),
    ],
)
def test_lists_have_what_may_be_seen(house, *, who, role, area, count):
    page = house.get("/consignments", by=who, role=role, area=area).json()

    assert len(page["items"]) == count


@pytest.mark.parametrize("path", ["/parties", "/licences", "/plan-lines", "/approvals"])
@pytest.mark.parametrize("role", ["company", "regulator", "resident", "collector"])
def test_the_registry_is_kept_by_operators(house, path, role):
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
