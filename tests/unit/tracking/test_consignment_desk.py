"""The commands of consignments over their ports: who may, what is held before, what follows."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.tracking.application.consignment_receptions import OnwardWish
from services.tracking.domain.consignment_receiving import Onward
from services.tracking.domain.consignment_states import State
from services.tracking.domain.numbers import Lease, Owner, Series
from shared.kernel.errors import Conflict, Invalid
from tests.unit.tracking.consignments import NOW, carrier, permits
from tests.unit.tracking.depot import Depot
from tests.unit.tracking.pools import InMemoryNumbers


def refused(act, code, family=Conflict):
    with pytest.raises(family) as no:
        act()
    assert no.value.code == code


def test_a_consignment_comes_from_the_draft_to_the_receiver():
    depot = Depot()
    depot.arrived()

    depot.receive()
    depot.heal()

    assert depot.held().state is State.RECEIVED
    assert depot.containers.holders == {}
    assert depot.numbers.counts()["used"] == 1
    assert depot.grams.left("licence/licence-smelter/2026") == {"used_g": 22_001, "held_g": 0}
    assert depot.grams.left("plan/plan-1") == {"used_g": 22_001, "held_g": 0}


def test_a_sealed_container_is_another_consignments_no_more():
    depot = Depot()
    depot.draft("c-1", "box-1", "box-2", trip="trip-1")
    depot.draft("c-2", "box-2", "box-3", trip="trip-2")
    depot.seal("c-1")

    refused(lambda: depot.seal("c-2"), "tracking.container_reserved")

    depot.heal()
    assert depot.containers.holders == {"box-1": "c-1", "box-2": "c-1"}
    assert depot.held("c-2").state is State.DRAFT


def test_a_consignor_has_one_manifest_for_a_vehicles_trip():
    depot = Depot()
    depot.draft("c-1", "box-1")
    depot.draft("c-2", "box-2")
    depot.seal("c-1")

    refused(lambda: depot.seal("c-2"), "trip.taken")

    depot.heal()
    assert depot.containers.holders == {"box-1": "c-1"}
    depot.cancel("c-1")
    assert depot.seal("c-2").state.state is State.SEALED


def test_a_cancellation_releases_everything_and_voids_the_number():
    depot = Depot()
    depot.draft()
    depot.seal()
    depot.tell()
    depot.sign()

    depot.cancel()

    assert depot.containers.holders == depot.trips.held == {}
    counts = depot.numbers.counts()
    assert (counts["void"], counts["held"], counts["used"]) == (1, 0, 0)
    assert depot.grams.left("plan/plan-1") == {"used_g": 0, "held_g": 0}


def test_a_number_that_nobody_signs_is_void_after_seven_days_and_its_containers_free():
    depot = Depot()
    depot.draft()
    depot.seal()
    depot.clock.advance(timedelta(days=8))

    depot.watch()

    assert depot.held().state is State.VOID
    assert depot.containers.holders == {}
    assert depot.numbers.counts()["void"] == 1


def test_an_offline_number_is_used_once():
    depot = Depot()
    lease = Lease("lease-1", Owner("outlet", Series(2026, "3501")), "tablet", 5)
    block = depot.numbers.lease(lease, at=NOW)
    depot.draft("c-1", "box-1", trip="trip-1")
    depot.draft("c-2", "box-2", trip="trip-2")

    depot.seal("c-1", number=block.numbers[2], at=NOW - timedelta(hours=3))

    assert depot.held("c-1").number == block.numbers[2]
    refused(lambda: depot.seal("c-2", number=block.numbers[2]), "numbers.taken")
    depot.seal("c-2", number=block.numbers[0])
    depot.heal()
    assert depot.numbers.counts()["used"] == 2


def test_somebody_elses_number_or_one_of_tomorrow_is_refused():
    depot = Depot()
    lease = Lease("lease-1", Owner("other", Series(2026, "3501")), "tablet", 5)
    block = depot.numbers.lease(lease, at=NOW)
    depot.draft()

    refused(lambda: depot.seal(number=block.numbers[0]), "numbers.not_leased", Invalid)
    later = NOW + timedelta(hours=1)
    refused(lambda: depot.seal(at=later), "consignment.future", Invalid)


def test_past_the_years_last_number_nothing_is_sealed():
    depot = Depot(numbers=InMemoryNumbers(next_serial=999_999))
    depot.draft("c-1", "box-1", trip="trip-1")
    depot.draft("c-2", "box-2", trip="trip-2")
    assert depot.seal("c-1").state.number == "20263501999999"

    refused(lambda: depot.seal("c-2"), "numbers.exhausted")

    depot.heal()
    assert depot.containers.holders == {"box-1": "c-1"}


def test_a_licences_grams_of_the_year_are_reserved_and_no_more():
    held = permits(licences=tuple(_small(each) for each in permits().licences))
    depot = Depot(held=held)
    for number, tag in ((1, "box-1"), (2, "box-2")):
        depot.draft(f"c-{number}", tag, trip=f"trip-{number}")
        depot.seal(f"c-{number}")
        depot.tell()
    depot.sign("c-1")

    refused(lambda: depot.sign("c-2"), "licence.exhausted")

    depot.heal()
    assert depot.grams.left("licence/licence-smelter/2026") == {"used_g": 0, "held_g": 10_000}
    assert depot.grams.left("plan/plan-1") == {"used_g": 0, "held_g": 10_000}
    assert depot.held("c-2").state is State.SEALED


def _small(held):
    return replace(held, annual_g=16_999) if held.party_id == "smelter" else held


def test_after_a_partial_refusal_only_accepted_grams_count():
    depot = Depot()
    depot.arrived()

    depot.receive("c-1", "box-2")

    assert depot.grams.left("licence/licence-smelter/2026") == {"used_g": 15_001, "held_g": 0}


def test_a_refused_loading_frees_the_grams_and_the_next_signature_reserves_them_anew():
    depot = Depot()
    depot.draft()
    depot.seal()
    depot.tell()
    depot.sign()

    depot.refuse_loading()
    assert depot.grams.left("plan/plan-1")["held_g"] == 0
    depot.sign()
    depot.heal()

    assert depot.grams.left("plan/plan-1")["held_g"] == 22_001


def test_an_expired_licence_stops_the_signature_and_not_the_arrival():
    depot = Depot()
    depot.draft()
    depot.seal()
    depot.tell()
    depot.parties.held = permits(licences=tuple(_withdrawn(each) for each in permits().licences))
    refused(depot.sign, "licence.expired")
    depot.parties.held = permits()
    depot.sign()
    depot.take()

    depot.parties.held = permits(licences=tuple(_withdrawn(each) for each in permits().licences))
    depot.arrive()
    received = depot.receive().state

    assert received.state is State.RECEIVED
    assert "licence.expired" in received.flags


def _withdrawn(held):
    return replace(held, withdrawn=True) if held.party_id == "smelter" else held


def test_the_version_seen_is_stored_with_the_signature():
    depot = Depot()
    depot.draft()
    depot.seal()
    renewed = tuple(replace(each, revision=7) for each in permits().licences)
    depot.parties.held = permits(licences=renewed)

    signed = depot.sign().state.signatures[-1]

    assert {seen.revision for seen in signed.seen if seen.permit_id != "plan-1"} == {7}


def test_a_partial_refusal_makes_one_child_however_often_it_is_read():
    depot = Depot()
    depot.arrived()
    told = depot.receive("c-1", "box-2").state.receptions[0]

    depot.heal()
    depot.heal()

    child = depot.held(told.child_id)
    assert (child.number, child.state) == (told.child_number, State.SEALED)
    assert depot.containers.holders == {"box-2": told.child_id}
    assert depot.numbers.counts()["used"] == 2


def test_a_child_goes_to_an_alternate_of_the_same_province():
    depot = Depot()
    depot.arrived()
    wish = OnwardWish(Onward("spare-gate", NOW + timedelta(days=1)), "spare-smelter")
    told = depot.receive("c-1", "box-2", onward=wish).state.receptions[0]
    depot.heal()
    depot.tell()
    child_id = told.child_id
    depot.sign(child_id, by="smelter")
    depot.take(child_id)
    depot.arrive(child_id)

    depot.receive(child_id, by="spare-smelter")
    depot.heal()

    assert depot.held(child_id).state is State.RECEIVED
    assert depot.containers.holders == {}


def test_a_repeat_gets_its_first_answer_even_where_it_could_not_be_done_any_more():
    depot = Depot()
    depot.draft()
    first = depot.seal(scope="seal")
    depot.cancel()

    again = depot.seal(scope="seal")

    assert again.answer == first.answer
    assert depot.held().state is State.CANCELLED
    assert depot.numbers.counts()["void"] == 1


def test_a_replaced_carriers_trip_is_freed_and_the_new_one_claimed():
    depot = Depot()
    depot.draft()
    depot.seal()

    depot.replace_carrier(named=carrier("carrier-4", trip_id="trip-9"))

    assert set(depot.trips.held) == {"truck-of-carrier-4/trip-9/outlet"}


def test_each_leg_keeps_what_the_law_asked_of_it():
    depot = Depot()
    depot.in_transit("c-1", "box-1", "box-2")
    depot.break_down()
    depot.approve()

    depot.take(by="carrier-3")

    legs = depot.held().legs
    assert [(each.leg, each.verdict.facts.material) for each in legs] == [
        (1, "lead-acid-batteries"),
        (2, "lead-acid-batteries"),
    ]
    assert all(each.verdict.needs_manifest and each.verdict.table for each in legs)
