"""The rules of consignments over HTTP: amendments, numbers, registry, time, permits, paper."""

from datetime import timedelta

import pytest

from shared.kernel.clock import legal_day
from tests.integration.consignment_city import CODE
from tests.integration.consignment_house import house_of

pytestmark = pytest.mark.integration


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path) as held:
        yield held.registry().boxes("box-1", "box-2", "box-3")


def code_of(answer):
    return answer.status_code, answer.json()["code"]


def amended(house, consignment_id, version="*", **changed):
    body = house.body(**{"carriers": [], **changed})
    return house.act(consignment_id, "amendments", body, version=version)


def test_an_amendment_names_its_version_and_changes_no_frozen_field(house):
    consignment_id = house.draft("box-1", carriers=[])
    assert code_of(house.act(consignment_id, "amendments", house.body("box-1")))[0] == 428
    assert amended(house, consignment_id, '"9"').status_code == 412
    assert amended(house, consignment_id, '"1"', containers=["box-1"]).status_code == 200
    house.seal(consignment_id)

    later = (house.desk.clock.now() + timedelta(hours=12)).isoformat()
    moved = amended(house, consignment_id, containers=["box-1"], expected_arrival_at=later)
    other = amended(house, consignment_id, containers=["box-1"], receiver_id="spare-smelter")

    assert moved.status_code == 200
    assert code_of(other) == (409, "consignment.field_frozen")
    assert other.json()["facts"] == {"field": "receiver"}


def test_a_draft_without_a_carrier_is_sealed_and_cannot_be_signed(house):
    consignment_id = house.draft("box-1", carriers=[])
    house.seal(consignment_id)

    missing = house.sign(consignment_id)

    assert code_of(missing) == (409, "consignment.field_missing")
    assert missing.json()["facts"] == {"field": "planned_carriers"}


IMPOSSIBLE = [
    ({"receiver_id": "outlet"}, "manifest.parties"),
    ({"containers": ["box-1", "box-1"]}, "manifest.containers"),
    ({"containers": []}, "http.invalid_input"),
    ({"treatment_code": "X1"}, "http.invalid_input"),
    ({"anything": 1}, "http.invalid_input"),
]


def test_an_impossible_draft_is_refused(house):
    for changed, code in IMPOSSIBLE:
        answer = house.post("/consignments", house.body(**{"containers": ["box-1"], **changed}))
        assert code_of(answer) == (422, code)


def test_time_voids_numbers_and_misses_loads(house):
    unsigned, lost = house.draft("box-1"), house.draft("box-2")
    house.seal(unsigned)
    house.seal(lost)
    house.tell()
    house.sign(lost)
    house.take(lost)
    now = house.desk.clock.now()

    house.watch(now + timedelta(days=9))
    house.heal()

    assert house.state(unsigned).state == "void"
    assert house.holders() == {"box-2": lost}
    assert house.state(lost).state == "missing"
    gone = house.done(lost, "losses", {"report_id": "report-1"})
    assert gone["state"] == "lost"
    expected_at = (now + timedelta(days=10)).isoformat()
    back = house.done(lost, "findings", {"expected_at": expected_at}, by="op", role="operator")
    assert (back["state"], back["flags"]) == ("in-transit", ["found.after_lost"])


def test_across_provinces_there_is_an_approval_with_grams_left(house):
    year = legal_day(house.desk.clock.now()).year
    approval = {
        "approval_id": "approval-1",
        "consignor_id": "outlet",
        "receiver_id": "far-smelter",
        "codes": [CODE],
        "limit_g": 9_999,
        "valid_from": f"{year}-01-01",
        "valid_to": f"{year}-12-31",
    }
    without = house.draft("box-2", receiver_id="far-smelter")
    house.seal(without)
    missing = house.sign(without)
    assert (code_of(missing), missing.json()["facts"]) == (
        (409, "consignment.field_missing"),
        {"field": "approval"},
    )
    consignment_id = house.draft("box-1", receiver_id="far-smelter", approval_id="approval-1")
    house.seal(consignment_id)
    assert code_of(house.sign(consignment_id)) == (409, "approval.missing")
    house.operate("/approvals", approval)
    assert code_of(house.sign(consignment_id)) == (409, "approval.exhausted")
    revised = house.operate("/approvals", {**approval, "limit_g": 10_000})

    signed = house.sign(consignment_id)

    assert revised == {"record_id": "approval-1", "revision": 2}
    assert signed.status_code == 200
    seen = {each["permit_id"]: each["revision"] for each in signed.json()["signatures"][0]["seen"]}
    assert seen["approval-1"] == 2


def test_an_approval_is_for_a_year_at_the_most(house):
    body = {
        "approval_id": "approval-1",
        "consignor_id": "outlet",
        "receiver_id": "far-smelter",
        "codes": [CODE],
        "limit_g": 1,
        "valid_from": "2026-03-01",
        "valid_to": "2027-03-01",
    }

    long = house.post("/approvals", body, by="op", role="operator")
    backwards = house.post(
        "/approvals", {**body, "valid_to": "2026-02-01"}, by="op", role="operator"
    )

    assert code_of(long) == (422, "approval.too_long")
    assert code_of(backwards) == (422, "permit.period")


def test_a_full_refusal_goes_to_an_alternate(house):
    consignment_id = house.arrived("box-1", alternate_id="spare-smelter")
    onward = house.back(
        to="alternate", alternate_id="spare-smelter", destination_place="spare-gate"
    )

    refused = house.receive(consignment_id, "box-1", onward=onward).json()
    assert (refused["state"], refused["destination"]["party_id"]) == ("refused", "spare-smelter")
    assert house.take(consignment_id).status_code == 200
    assert house.arrive(consignment_id, place_id="spare-gate").status_code == 200
    received = house.receive(consignment_id, by="spare-smelter").json()

    assert received["state"] == "received"
    assert [each["outcome"] for each in received["receptions"]] == ["refused", "accepted"]
    assert house.get(f"/consignments/{consignment_id}/verify").json()["valid"]


def test_a_breakdown_brings_an_approved_carrier(house):
    consignment_id = house.draft("box-1")
    house.seal(consignment_id)
    house.tell()
    house.sign(consignment_id)
    house.take(consignment_id)
    later = (house.desk.clock.now() + timedelta(hours=20)).isoformat()
    body = {"reason": "engine", "carrier": house.carrier("carrier-3"), "expected_at": later}

    broken = house.done(consignment_id, "breakdowns", body, by="carrier-1")
    assert broken["proposed_carrier"]["carrier_id"] == "carrier-3"
    assert house.get(f"/consignments/{consignment_id}", by="carrier-3").status_code == 200
    house.done(consignment_id, "carrier-approvals")
    taken = house.take(consignment_id, by="carrier-3").json()

    assert [each["has_signed"] for each in taken["carriers"]] == [True, True]
    assert taken["carriers"][1]["unplanned"]
    assert code_of(house.arrive(consignment_id)) == (409, "signature.other_party")


def test_pages_follow_each_other(house):
    ids = sorted(house.draft(tag, carriers=[]) for tag in ("box-1", "box-2", "box-3"))

    first = house.get("/consignments", limit=2)
    second = house.get("/consignments", limit=2, cursor=first.json()["next"])

    pages = [first.json()["items"], second.json()["items"]]
    assert [[each["consignment_id"] for each in page] for page in pages] == [ids[:2], ids[2:]]
    assert 'rel="next"' in first.headers["link"]
    assert second.json()["next"] is None
    by_container = house.get("/consignments", container="box-2").json()["items"]
    assert len(by_container) == 1
    assert house.get("/consignments", cursor="made-up").status_code == 400


def test_what_was_changed_in_the_database_is_seen(house):
    consignment_id = house.arrived("box-1")
    house.wiring.db["consignments"].update_one(
        {"_id": consignment_id}, {"$set": {"state.manifest.containers.0.net_g": 9_999}}
    )

    found = house.get(f"/consignments/{consignment_id}/verify").json()

    assert (found["valid"], found["ordinal"], found["code"]) == (
        False,
        1,
        "signature.content_changed",
    )


def test_manifest_and_waybill_are_printed_with_the_names_that_are_known(house):
    consignment_id = house.arrived("box-1")

    printed = house.get(f"/consignments/{consignment_id}/manifest.pdf")
    waybill = house.get(f"/consignments/{consignment_id}/waybill.pdf", by="carrier-1")

    for answer in (printed, waybill):
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")
    number = house.state(consignment_id).number
    assert f"manifest-{number}.pdf" in printed.headers["content-disposition"]


def test_the_registry_keeps_revisions_and_a_party_that_it_knows_can_draft(house):
    body = {"party_id": "new-outlet", "division_code": "350104001001", "name": "新网点"}
    assert house.operate("/parties", body)["revision"] == 1
    assert house.operate("/parties", {**body, "name": None})["revision"] == 2
    plan = {
        "plan_line_id": "plan-outlet",
        "consignor_id": "outlet",
        "year": legal_day(house.desk.clock.now()).year,
        "waste_code": CODE,
        "planned_g": 1,
    }
    assert house.operate("/plan-lines", plan)["revision"] == 2

    house.boxes("box-7", at="new-yard")
    house.operate("/places/new-yard/operating-party", {"party_id": "new-outlet"})

    drafted = house.draft("box-7", by="new-outlet")
    sealed = house.draft("box-2")
    house.seal(sealed)

    assert house.state(drafted).manifest.consignor.division_code == "350104001001"
    assert code_of(house.sign(sealed)) == (409, "plan.exhausted")


def test_what_lies_at_a_place_is_its_operating_partys(house):
    unknown = house.post(
        "/places/other-yard/operating-party", {"party_id": "nobody"}, by="op", role="operator"
    )
    house.boxes("box-8", at="other-yard")
    asked = {"by": "outlet"}
    before = house.get("/containers/box-8/custody", **asked).json()
    nobodys = house.post("/consignments", house.body("box-8"))
    named = {"party_id": "other-outlet"}
    said = house.post("/places/other-yard/operating-party", named, by="op", role="operator")
    after = house.get("/containers/box-8/custody", **asked).json()
    stranger = house.post("/consignments", house.body("box-8"))
    owner = house.post("/consignments", house.body("box-8"), by="other-outlet")
    held = house.get("/places/other-yard", by="op", role="operator").json()
    home = {"party_id": "outlet"}
    back = house.post("/places/other-yard/operating-party", home, by="op", role="operator")
    late = house.act(owner.json()["consignment_id"], "seal", by="other-outlet")
    house.operate("/places/outlet-yard/central-store", {"is_central_store": True})
    way = house.arrived("box-1")
    legs = house.get(f"/consignments/{way}").json()["legs"]

    assert [leg["central_store"] for leg in legs] == [True]
    assert code_of(unknown) == (404, "party.not_found")
    assert code_of(nobodys) == (409, "place.no_operating_party")
    assert nobodys.json()["facts"] == {"place_id": "other-yard"}
    assert (before["holder"], before["owner_id"]) == ("place/other-yard", None)
    assert (said.status_code, back.status_code, owner.status_code) == (200, 200, 201)
    assert (after["owner_id"], held["operating_party_id"]) == ("other-outlet", "other-outlet")
    assert code_of(stranger) == code_of(late) == (409, "container.other_party")
