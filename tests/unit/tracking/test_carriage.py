"""What consignments tell their containers: facts are never refused, and count once."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from services.tracking.domain import container_carriage as carriage
from services.tracking.domain import container_custody as custody
from services.tracking.domain.amounts import Amount
from services.tracking.domain.container import SYSTEM
from services.tracking.domain.container_states import State
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict
from tests.unit.tracking.consignments import BOXES
from tests.unit.tracking.depot import Depot

BOX_G = {item.tag: item.net_g for item in BOXES}


def depot_with(*tags):
    depot = Depot()
    depot.in_transit("c-1", *tags)
    return depot


def box(depot, tag="box-1"):
    return depot.containers.containers.get(tag).state


def operate(depot, tag, act, **said):
    """What an operator does to a container beside its consignment."""
    doing = partial(act, at=depot.clock.now(), by=SYSTEM, **said)
    depot.containers.containers.change(tag, doing)


def alarms(depot, consignment_id="c-1"):
    return [(alarm.code, alarm.about) for alarm in depot.held(consignment_id).alarms]


def moved_g(depot, tag="box-1"):
    """Where a box's grams came to, by the postings that follow from what it told."""
    by_account = {account: g for (account, _), g in depot.containers.moved_g().items()}
    return {account: g for account, g in by_account.items() if g > 0 and account.endswith(tag)}


def test_each_carriers_vehicle_has_the_container_in_turn():
    depot = depot_with("box-1")
    depot.follow()
    assert box(depot).holder == "vehicle/truck-of-carrier-1"
    depot.break_down()
    depot.approve()

    depot.take(by="carrier-3")
    depot.follow()

    assert (box(depot).state, box(depot).holder) == (
        State.IN_TRANSIT,
        "vehicle/truck-of-carrier-3",
    )
    assert moved_g(depot) == {"vehicle/truck-of-carrier-3/container/box-1": BOX_G["box-1"]}


def test_a_late_repeat_of_a_departure_changes_nothing():
    depot = Depot()
    depot.draft("c-1", "box-1")
    depot.seal()
    depot.tell()
    depot.sign()
    depot.take()
    (departure,) = depot.held().errands
    depot.heal()
    depot.break_down()
    depot.approve()
    depot.take(by="carrier-3")
    depot.heal()
    before = box(depot)

    assert depot.containers.tell_all([departure]) == {}

    assert box(depot) == before


def test_a_container_that_was_lost_and_then_travels_is_found():
    depot = Depot()
    depot.draft("c-1", "box-1")
    depot.seal()
    depot.tell()
    depot.sign()
    operate(depot, "box-1", custody.lose, reason="not-there")

    depot.take()
    depot.follow()

    assert (box(depot).state, box(depot).holder) == (
        State.IN_TRANSIT,
        "vehicle/truck-of-carrier-1",
    )
    assert alarms(depot) == []


def test_departures_of_many_loads_are_told_at_once_and_each_oddity_to_its_own():
    depot = Depot()
    for number in (1, 2):
        depot.draft(f"c-{number}", f"box-{number}", trip=f"trip-{number}")
        depot.seal(f"c-{number}")
        depot.tell()
        depot.sign(f"c-{number}")
    for act in (custody.lose, custody.write_off):
        operate(depot, "box-2", act, reason="not-there")
    for number in (1, 2):
        depot.take(f"c-{number}")
    assert box(depot, "box-1").state is State.RESERVED

    assert depot.follow() == 2
    assert depot.follow() == 0

    assert box(depot, "box-1").state is State.IN_TRANSIT
    assert (alarms(depot, "c-1"), len(alarms(depot, "c-2"))) == ([], 1)


@pytest.mark.parametrize("arrives", [True, False])
def test_what_a_lost_load_took_with_it_comes_back_with_it(arrives):
    depot = depot_with("box-1")
    depot.clock.advance(timedelta(days=3))
    depot.watch()
    depot.lose()
    assert moved_g(depot) == {"loss/box-1": BOX_G["box-1"]}
    assert (box(depot).state, box(depot).content_g) == (State.WRITTEN_OFF, 0)

    if arrives:
        depot.arrive()
    else:
        depot.find()

    assert (box(depot).state, box(depot).content_g) == (State.IN_TRANSIT, BOX_G["box-1"])
    assert moved_g(depot) == {"vehicle/truck-of-carrier-1/container/box-1": BOX_G["box-1"]}
    assert depot.containers.holders == {"box-1": "c-1"}


def test_a_damaged_one_in_its_overpack_travels_and_arrives():
    depot = depot_with("box-1")
    operate(depot, "box-1", custody.damage, reason="dropped", overpack_tag="box-9")
    depot.arrive()

    depot.receive()

    assert (box(depot).state, box(depot).holder) == (State.DAMAGED, "party/smelter")
    assert depot.containers.holders == {}
    assert alarms(depot) == []


def test_one_that_was_emptied_meanwhile_is_a_persons_to_look_at_and_nothing_is_posted():
    depot = depot_with("box-1", "box-2")
    operate(depot, "box-1", custody.damage, reason="burst", overpack_tag=None)
    operate(depot, "box-1", custody.empty, holder="place/spill-store")
    depot.arrive()

    depot.receive()

    assert alarms(depot) == [("tracking.not_reserved", "box-1")]
    assert depot.held().errands == ()
    assert moved_g(depot) == {}
    assert box(depot).deeds[-1].reason == "tracking.not_reserved"
    assert box(depot, "box-2").holder == "party/smelter"


def test_the_childs_containers_were_the_parents():
    depot = depot_with("box-1", "box-2")
    depot.arrive()
    operate(depot, "box-2", custody.lose, reason="not-there")
    told = depot.receive("c-1", "box-2").state.receptions[0]

    depot.heal()
    depot.heal()

    assert depot.containers.holders == {"box-2": told.child_id}


def test_a_container_with_another_content_than_declared_is_not_reserved():
    depot = Depot()
    depot.draft("c-1", "box-1")
    depot.containers.containers.change("box-1", heavier)

    with pytest.raises(Conflict) as no:
        depot.seal()

    assert no.value.code == "container.changed"
    assert depot.containers.holders == {}


def heavier(held):
    return Decision(replace(held, booked=(Amount(held.material, held.content_g + 1),)))


@pytest.mark.parametrize(
    ("holder", "code"),
    [
        ("place/nobodys-yard", "place.no_operating_party"),
        ("vehicle/truck-1", "container.not_at_place"),
        ("party/other", "container.other_party"),
    ],
)
def test_what_is_nobodys_or_anothers_is_not_consigned(holder, code):
    depot = Depot()
    depot.containers.containers.change("box-1", lambda held: Decision(replace(held, holder=holder)))

    with pytest.raises(Conflict) as no:
        depot.draft("c-1", "box-1")

    assert no.value.code == code


def test_letting_go_never_refuses():
    for state in State:
        depot = Depot()
        depot.draft("c-1", "box-1")
        depot.seal()
        held = box(depot)
        decision = carriage.let_go(
            held.reservation.hold_id, replace(held, state=state), at=depot.clock.now()
        )
        assert decision.state.reservation is None


def test_what_was_handed_over_is_its_receivers_to_consign():
    depot = depot_with("box-1")
    depot.arrive()
    depot.receive()

    with pytest.raises(Conflict) as no:
        depot.draft("c-2", "box-1", trip="trip-2")
    assert no.value.code == "container.other_party"

    drafted = depot.draft("c-3", "box-1", by="smelter", trip="trip-3", receiver_id="spare-smelter")
    assert drafted.state.manifest.tags == ("box-1",)
