"""Consignments over HTTP and real MongoDB: from the draft to the receiver and back."""

from datetime import timedelta

import pytest

from tests.integration.consignment_house import house_of

pytestmark = pytest.mark.integration


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path) as held:
        yield held.registry().boxes("box-1", "box-2", "box-3")


def manifests(house):
    """The manifests' books, of what is not zero, once the registry was told."""
    house.tell()
    told = house.get("/reconciliation", by="op", role="operator").json()["facts"]["manifests"]
    return {name: value for name, value in told.items() if value}


def test_a_consignment_goes_from_the_draft_to_the_receiver(house):
    consignment_id = house.draft()
    sealed = house.seal(consignment_id)
    assert (sealed["state"], sealed["net_g"]) == ("sealed", 22_001)
    assert sealed["number"][4:8] == "3501"
    assert len(sealed["number"]) == 14
    unregistered = house.sign(consignment_id)
    assert unregistered.status_code == 200
    early = house.take(consignment_id)
    assert (early.status_code, early.json()["code"]) == (409, "consignment.not_registered")
    house.tell()

    assert house.take(consignment_id).json()["state"] == "in-transit"
    assert house.arrive(consignment_id).json()["state"] == "arrived"
    received = house.receive(consignment_id).json()

    assert received["state"] == "received"
    assert received["receptions"][0]["accepted_g"] == 22_001
    assert [each["stage"] for each in received["signatures"]] == [
        "consignor",
        "carrier",
        "receiver",
    ]
    verified = house.get(f"/consignments/{consignment_id}/verify").json()
    assert (verified["valid"], verified["signatures"]) == (True, 3)
    assert house.react() == [
        "recycling.consignment.sealed.v1",
        "recycling.consignment.signed.v1",
        "recycling.consignment.registered.v1",
        "recycling.consignment.signed.v1",
        "recycling.consignment.taken-over.v1",
        "recycling.consignment.arrived.v1",
        "recycling.consignment.signed.v1",
        "recycling.consignment.received.v1",
    ]
    house.heal()
    assert house.holders() == {}
    assert {house.box(tag).holder for tag in house.state(consignment_id).manifest.tags} == {
        "party/smelter"
    }
    assert house.books_agree()
    facts = house.get("/reconciliation", by="op", role="operator").json()["facts"]
    assert facts["numbers"]["used"] == 1
    assert facts["consignments"]["received"] == 1
    assert manifests(house) == {"numbered": 1, "declared_g": 22_001, "accepted_g": 22_001}
    assert all(house.wiring.invariants().values())


def test_a_partial_refusal_makes_one_child_that_goes_back(house):
    consignment_id = house.arrived()

    received = house.receive(consignment_id, "box-2").json()
    house.react()

    told = received["receptions"][0]
    assert (told["received_g"], told["refused_g"], told["accepted_g"]) == (22_001, 7_000, 15_001)
    child = house.get(f"/consignments/{told['child_id']}", by="smelter").json()
    assert (child["state"], child["number"]) == ("sealed", told["child_number"])
    assert child["number"][4:8] == "3502"
    assert (child["purpose"], child["parent_number"]) == ("return", received["number"])
    assert [each["container"] for each in child["containers"]] == ["box-2"]
    assert house.holders() == {"box-2": child["consignment_id"]}
    house.tell()
    child_id = child["consignment_id"]
    one_refused = {"numbered": 2, "partly_refused": 1, "children": 1, "declared_g": 29_001}
    of_child = {"child_declared_g": 7_000, "refused_declared_g": 7_000, "refused_g": 7_000}
    accepted = {**one_refused, **of_child, "accepted_g": 15_001}
    assert manifests(house) == {**accepted, "open_g": 7_000}
    assert house.sign(child_id, by="smelter").status_code == 200
    assert house.take(child_id).status_code == 200
    assert house.arrive(child_id, place_id="outlet-yard").status_code == 200
    receipt = {
        "party_id": "outlet",
        "place_id": "outlet-yard",
        "containers": [{"container": "box-2", "received_g": 7_000}],
    }
    refused = house.receive(child_id, "box-2", by="outlet")
    assert refused.json()["code"] == "reception.return_cannot_be_refused"
    assert house.done(child_id, "receipts", receipt)["state"] == "returned"
    assert manifests(house) == {**accepted, "returned_g": 7_000}
    house.heal()
    assert house.holders() == {}
    used = house.consigning.numbers.counts()
    assert (used["used"], used["held"], used["void"]) == (2, 0, 0)
    assert [house.box(tag).holder for tag in ("box-1", "box-2")] == [
        "party/smelter",
        "place/outlet-yard",
    ]
    assert house.books_agree()


def test_a_load_refused_as_a_whole_comes_back_and_one_given_up_stays(house):
    consignment_id = house.arrived("box-1", "box-2")
    assert house.receive(consignment_id, "box-1", "box-2").json()["state"] == "refused"
    declared = {"numbered": 1, "refused": 1, "declared_g": 17_000}
    assert manifests(house) == {**declared, "open_g": 17_000}
    assert house.take(consignment_id).status_code == 200
    assert house.arrive(consignment_id, place_id="outlet-yard").status_code == 200
    weighed = [("box-1", 9_990), ("box-2", 7_000)]
    receipt = {
        "party_id": "outlet",
        "place_id": "outlet-yard",
        "containers": [{"container": tag, "received_g": mass_g} for tag, mass_g in weighed],
    }

    assert house.done(consignment_id, "receipts", receipt)["state"] == "returned"

    assert manifests(house) == {**declared, "returned_g": 16_990, "difference_g": 10}
    given_up = house.draft("box-3")
    house.seal(given_up)
    house.done(given_up, "cancellation", {"reason": "wrong-vehicle"})
    both = {**declared, "numbered": 2, "declared_g": 22_001}
    ends = {"returned_g": 16_990, "difference_g": 10, "given_up_g": 5_001}
    assert manifests(house) == {**both, **ends}
    assert house.books_agree()


def test_what_the_receivers_scale_says_is_one_posting_and_what_is_lost_comes_back(house):
    consignment_id = house.arrived("box-1", "box-2")
    body = {
        "party_id": "smelter",
        "place_id": "smelter-gate",
        "verdicts": [
            {"container": "box-1", "accepted": True, "received_g": 9_990},
            {"container": "box-2", "accepted": True, "received_g": 7_004},
        ],
    }
    house.done(consignment_id, "receptions", body, by="smelter")
    assert house.balances_g("difference/") == {"difference/box-1": 10, "difference/box-2": -4}
    assert house.balances_g("party/smelter") == {
        "party/smelter/container/box-1": 9_990,
        "party/smelter/container/box-2": 7_004,
    }
    assert house.books_agree()

    lost = house.draft("box-3")
    house.seal(lost)
    house.tell()
    house.sign(lost)
    house.take(lost)
    now = house.desk.clock.now()
    house.watch(now + timedelta(days=3))
    house.done(lost, "losses", {"report_id": "report-1"})
    assert house.balances_g("loss/") == {"loss/box-3": 5_001}
    received = {"numbered": 2, "declared_g": 22_001, "accepted_g": 16_994, "difference_g": 6}
    assert manifests(house) == {**received, "lost_g": 5_001}
    assert house.box("box-3").state == "written-off"
    assert house.books_agree()

    house.arrive(lost)  # it stood at the gate after all: a fact
    assert house.balances_g("loss/") == {}
    assert house.receive(lost).json()["state"] == "received"
    assert house.box("box-3").holder == "party/smelter"
    assert house.books_agree()
