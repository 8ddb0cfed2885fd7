"""The way: carriers in order, labels, breakdowns, arrivals that are facts."""

from datetime import timedelta

import pytest

from services.tracking.domain import consignment_watching as watching
from services.tracking.domain.consignment_claims import Deed
from services.tracking.domain.consignment_states import State
from shared.kernel.errors import Conflict, Invalid
from tests.unit.tracking.consignments import NOW, RULES, Walk, carrier
from tests.unit.tracking.test_consignment_life import lost, missing


def test_another_carrier_cannot_take_the_load():
    walk = Walk().seal().registered().sign()

    with pytest.raises(Conflict) as refused:
        walk.take("carrier-2")

    assert refused.value.code == "signature.other_party"


def test_carriers_take_over_in_order():
    walk = Walk().in_transit()
    with pytest.raises(Conflict):
        walk.take("carrier-1")

    walk.take("carrier-2")

    assert (walk.held.taken, walk.held.current_carrier.carrier_id) == (2, "carrier-2")
    with pytest.raises(Conflict) as over:
        walk.take("carrier-2")
    assert over.value.code == "consignment.no_carrier"


def test_a_label_that_does_not_match_stops_the_loading():
    walk = Walk().seal().registered().sign()

    with pytest.raises(Conflict) as refused:
        walk.take(scanned=("box-1", "box-2", "box-9"))

    assert refused.value.code == "consignment.labels_differ"


def test_nobody_loads_without_registry_or_paper():
    walk = Walk().seal().sign()

    with pytest.raises(Conflict) as refused:
        walk.take()
    assert refused.value.code == "consignment.not_registered"
    walk.do(watching.go_on_paper(walk.held, "registry-down", rules=RULES, now=NOW))

    assert walk.take().held.state is State.IN_TRANSIT


def test_a_signed_carrier_is_not_replaced_and_the_next_one_is():
    walk = Walk().in_transit()

    with pytest.raises(Conflict) as refused:
        walk.replace_carrier(leg=1)
    assert refused.value.code == "consignment.carrier_signed"
    walk.replace_carrier(leg=2, by=carrier("carrier-4", trip_id="trip-4"))

    assert walk.held.next_carrier.carrier_id == "carrier-4"
    with pytest.raises(Invalid):
        walk.replace_carrier(leg=9)


def test_a_replaced_carriers_trip_is_given_up():
    walk = Walk().seal()

    walk.replace_carrier(leg=1)

    (errand,) = walk.held.errands
    assert (errand.deed, errand.claim.key) == (Deed.FREE, "truck-of-carrier-1/trip-1/outlet")


def test_an_unplanned_carrier_signs_only_after_the_consignors_approval():
    walk = Walk().in_transit().break_down()
    with pytest.raises(Conflict):
        walk.take("carrier-3")

    walk.approve().take("carrier-3")

    assert walk.held.current_carrier.unplanned
    assert walk.held.expected_at == NOW + timedelta(hours=30)
    with pytest.raises(Conflict):
        walk.approve()


def test_only_who_has_the_load_reports_a_breakdown_or_an_arrival():
    walk = Walk().in_transit()

    with pytest.raises(Conflict):
        walk.break_down(by="carrier-2")


def test_an_arrival_elsewhere_is_recorded_and_flagged():
    walk = Walk().in_transit().arrive("somewhere-else")

    assert walk.held.state is State.ARRIVED
    assert walk.held.flags == ("arrival.other_place", "arrival.carrier_skipped")


def test_an_arrival_of_a_lost_load_is_recorded_and_flagged():
    walk = lost(missing(Walk().in_transit())).arrive()

    assert walk.held.state is State.ARRIVED
    assert "arrival.after_lost" in walk.held.flags


def test_an_arrival_from_the_future_is_a_wrong_clock():
    walk = Walk().in_transit()

    with pytest.raises(Invalid) as refused:
        walk.arrive(at=NOW + timedelta(hours=1))

    assert refused.value.code == "consignment.future"
