"""Who may do what to a consignment, and what the national registry hears of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.tracking.application.consignment_receptions import OnwardWish
from services.tracking.domain.consignment_claims import Kind
from services.tracking.domain.consignment_permits import Activity
from services.tracking.domain.consignment_receiving import Onward
from shared.kernel.errors import Conflict, Forbidden, NotFound, Unavailable
from tests.unit.tracking.consignments import LEAD, NOW, carrier, licence, permits
from tests.unit.tracking.depot import Depot


def refused(act, code, family=Conflict):
    with pytest.raises(family) as no:
        act()
    assert no.value.code == code


def test_a_code_on_the_carriers_device_signs_for_the_consignor():
    depot = Depot()
    depot.draft()
    depot.seal()

    refused(
        lambda: depot.sign(by="carrier-1", of="outlet", code="000000"),
        "signature.code_wrong",
        Forbidden,
    )
    signed = depot.sign(by="carrier-1", of="outlet", code="424242").state.signatures[-1]

    assert (signed.signing.method, signed.signing.device_of) == ("code", "carrier-1")


def test_without_a_code_a_party_signs_for_itself_only():
    depot = Depot()
    depot.draft()
    depot.seal()

    refused(lambda: depot.sign(by="carrier-1", of="outlet"), "consignment.other_party", Forbidden)


def test_a_stranger_sees_nothing():
    depot = Depot()
    depot.draft()

    for act in (depot.seal, depot.sign, depot.cancel, depot.arrive):
        refused(lambda act=act: act(by="far-smelter"), "consignment.not_found", NotFound)


@pytest.mark.parametrize("by", ["carrier-1", "smelter"])
def test_what_is_the_consignors_is_no_other_partys(by):
    depot = Depot()
    depot.draft()

    for act in (depot.seal, depot.cancel, depot.replace_carrier, depot.turn_back, depot.approve):
        refused(lambda act=act: act(by=by), "consignment.other_party", Forbidden)
    refused(lambda: depot.go_on_paper(by=by), "consignment.other_party", Forbidden)


@pytest.mark.parametrize("by", ["outlet", "smelter"])
def test_what_is_a_carriers_is_no_other_partys(by):
    depot = Depot()
    depot.in_transit()

    for act in (depot.arrive, depot.break_down, depot.refuse_loading):
        refused(lambda act=act: act(by=by), "consignment.other_party", Forbidden)


def test_unknown_parties_and_containers_are_named():
    depot = Depot()

    refused(lambda: depot.draft("c-9", "box-9"), "container.not_found", NotFound)
    refused(lambda: depot.draft(receiver_id="nobody"), "party.not_found", NotFound)
    refused(lambda: depot.draft(carriers=(carrier("nobody"),)), "party.not_found", NotFound)


def test_a_registry_that_is_away_is_told_later_and_meanwhile_there_is_paper():
    depot = Depot()
    depot.draft()
    depot.seal()
    depot.registry.away = True
    with pytest.raises(Unavailable):
        depot.tell()
    depot.sign()
    refused(depot.take, "consignment.not_registered")
    depot.go_on_paper()
    depot.take()

    depot.registry.away = False
    depot.tell()

    registration = depot.held().registration
    assert registration.paper.backfilled_at is not None
    assert not registration.pending


def test_a_lost_answer_of_the_registry_is_asked_for_again_and_counts_once():
    depot = Depot()
    depot.draft()
    depot.seal()
    depot.registry.loses_answers = 1
    with pytest.raises(Unavailable):
        depot.tell()
    assert depot.held().registration.pending

    depot.tell()

    number = depot.held().number
    assert depot.registry.tellings == [(number, 1), (number, 1)]
    assert depot.registry.known == {number: 1}
    announced = [each.headers["ce_type"] for each in depot.consignments.announced]
    assert announced.count("recycling.consignment.registered.v1") == 1


def test_a_registry_that_refuses_one_document_still_hears_the_others():
    depot = Depot()
    depot.draft("c-1", "box-1", trip="trip-1")
    depot.seal("c-1")
    depot.registry.refuses = "registry.rejected"
    depot.tell()
    assert depot.held("c-1").registration.refused == "registry.rejected"

    depot.registry.refuses = None
    depot.draft("c-2", "box-2", trip="trip-2")
    depot.seal("c-2")

    assert depot.tell() == 1
    assert depot.held("c-2").registration.registered_at is not None


def test_a_licensed_carrier_that_is_not_planned_needs_the_consignors_approval_first():
    held = permits(
        licences=(*permits().licences, licence("carrier-9", Activity.TRANSPORT, codes=(LEAD,)))
    )
    depot = Depot(held=held)
    depot.in_transit()
    depot.break_down()
    refused(lambda: depot.take(by="carrier-3"), "consignment.no_carrier")

    depot.approve()
    taken = depot.take(by="carrier-3").state

    assert taken.current_carrier.carrier_id == "carrier-3"
    assert "truck-of-carrier-3/break-c-1/outlet" in depot.trips.held


def test_a_load_that_is_refused_as_a_whole_goes_on_by_a_trip_of_its_own():
    depot = Depot()
    depot.arrived("c-1", "box-1", "box-2")
    waiting = carrier("carrier-4", trip_id="trip-4")
    depot.draft("c-2", "box-3", carriers=(waiting,))
    depot.seal("c-2")

    def send_on(with_whom):
        onward = Onward("outlet-yard", NOW + timedelta(days=1), carrier=with_whom)
        return depot.receive("c-1", "box-1", "box-2", onward=OnwardWish(onward))

    with pytest.raises(Conflict) as no:
        send_on(waiting)
    other = send_on(replace(waiting, trip_id="trip-5")).state

    assert no.value.code == "trip.taken"
    assert {claim.key for claim in other.claims_of(Kind.TRIP)} == {
        f"truck-of-{who}/{trip}/outlet"
        for who, trip in (("carrier-1", "trip-1"), ("carrier-4", "trip-5"))
    }


def test_a_carriers_year_counts_what_it_carried_and_a_receivers_what_it_accepted():
    carrying = licence("carrier-1", Activity.TRANSPORT, annual_g=1_000_000)
    others = [each for each in permits().licences if each.party_id != "carrier-1"]
    depot = Depot(held=permits(licences=(*others, carrying)))
    depot.arrived()

    depot.receive("c-1", "box-2")
    depot.heal()

    used = [depot.grams.left(f"licence/licence-{who}/2026") for who in ("carrier-1", "smelter")]
    assert used == [{"used_g": 22_001, "held_g": 0}, {"used_g": 15_001, "held_g": 0}]
