"""What is known of a container's lots and of a vehicle decides what the law asks of a leg."""

from dataclasses import replace
from datetime import date, datetime
from itertools import permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.tracking.adapters.consignment_contents import content_of, manifest_of
from services.tracking.application.consignment_containers import NO_CODES, item_of
from services.tracking.application.consignment_legs import leg_verdicts
from services.tracking.domain import consignment_drafting as drafting
from services.tracking.domain import container_custody as custody
from services.tracking.domain.consignment import Consignment, Learnt
from services.tracking.domain.consignment_conditions import learn_condition
from services.tracking.domain.consignment_fields import value_of
from services.tracking.domain.consignment_states import State
from services.tracking.domain.container import Deposit, OfferedLot, Reservation
from services.tracking.domain.exemptions import (
    CONDITIONS,
    VEHICLE_FACTS,
    LegVehicle,
    worst_condition,
)
from services.tracking.domain.manifest import Purpose
from services.tracking.entrypoints.consignment_bodies import CarrierBody
from shared.contracts.container_life import ContainerConditionLearnt
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict
from tests.unit.tracking.builders import LEAD, container
from tests.unit.tracking.consignments import ID, NOW, RULES, TODAY, Walk, box, carrier, manifest
from tests.unit.tracking.depot import Depot
from tests.unit.tracking.legs import EXEMPTIONS, rules
from tests.unit.tracking.ward import Ward, battery

SAID = st.sampled_from((*CONDITIONS, None))


def lead(lot_id, condition, mass_g=4_000):
    return battery(mass_g, lot_id=lot_id, condition=condition)


def item(yard):
    return item_of(yard.container(), lambda _material: NO_CODES)


@given(st.lists(SAID, max_size=6))
def test_things_are_intact_together_only_where_each_is_known_to_be(said):
    worst = "broken" if "broken" in said else None
    assert worst_condition(said) == ("intact" if set(said) == {"intact"} else worst)
    assert {worst_condition(order) for order in permutations(said[:4])} == {
        worst_condition(said[:4])
    }


def test_a_container_has_the_worst_condition_of_the_lots_that_lie_in_it():
    yard = Ward(container(limit_g=9_000))
    yard.weigh(lead("lot-1", "intact"), lead("lot-2", "intact"), lead("lot-3", "broken", 8_000))

    assert [each.misfit for each in yard.container().deposits[0].lots] == [
        None,
        None,
        "tracking.over_limit",
    ]
    assert yard.container().condition == "intact"  # what is broken lies in quarantine


def test_a_correction_of_a_condition_moves_no_gram_and_a_seal_freezes_it():
    yard = Ward(container())
    intact, broken = [lead("lot-1", "intact")], [lead("lot-1", "broken")]
    yard.weigh(*intact)
    told = len(yard.containers.announced)

    yard.correct(intact, broken)
    assert (yard.container().condition, len(yard.containers.announced)) == ("broken", told)

    yard.seal(8_000)
    yard.correct(intact, broken, intact)
    assert (yard.container().condition, item(yard).condition) == ("broken", "broken")


def test_what_is_learnt_of_a_closed_container_is_told_once_and_only_if_it_is_worse():
    yard = Ward(container())
    intact, broken = [lead("lot-1", "intact")], [lead("lot-1", "broken")]
    yard.weigh(*intact)
    yard.seal(8_000)
    yard.act("GL-1", custody.reserve, reservation=Reservation("c-1", "c-1:1"))

    yard.act("GL-1", custody.damage, reason="dropped", overpack_tag="GL-9")
    yard.correct(intact, broken)
    yard.correct(intact, broken, intact)

    learnt = [(t.condition, t.consignment_id) for t in yard.told(ContainerConditionLearnt)]
    assert learnt == [("unknown", "c-1"), ("broken", "c-1")]


@given(st.lists(st.sampled_from(("unknown", "broken")), max_size=4), SAID)
def test_a_leg_is_judged_by_the_worst_that_is_known_and_a_person_told_once(learnt, declared):
    held, worst = sealed(declared), declared or "unknown"
    for said in learnt:
        decision = learn_condition(held, Learnt("box-1", said), rules=RULES, at=NOW)
        held = held if decision is None else decision.state
        worst = "broken" if "broken" in (worst, said) else "unknown"

    (leg,) = leg_verdicts(held, TODAY, exemptions=EXEMPTIONS)
    assert leg.verdict.facts.condition == worst
    assert [each.about for each in held.alarms] == ["box-1"] * bool(learnt)
    assert held.manifest == sealed(declared).manifest
    over = replace(held, state=State.RECEIVED)
    assert learn_condition(over, Learnt("box-1", "broken"), rules=RULES, at=NOW) is None


def test_a_box_is_consigned_only_in_the_condition_that_its_manifest_declares():
    depot = Depot()
    depot.draft()
    (one, *_) = depot.containers.all()
    broken = Deposit("p", "p", 1, NOW, 1, (), (OfferedLot("l", LEAD, 1, condition="broken"),), ())
    depot.containers.containers.change(one.tag, lambda h: Decision(replace(h, deposits=(broken,))))

    with pytest.raises(Conflict) as no:
        depot.seal()

    assert (no.value.code, depot.held().state) == ("container.changed", State.DRAFT)


def sealed(condition=None, *vehicle_facts):
    """A sealed consignment of one box of lead batteries of which so much is known."""
    said = manifest(
        containers=(replace(box(), condition=condition),),
        carriers=(replace(carrier(), vehicle_facts=vehicle_facts),),
    )
    return Walk(drafting.draft(ID, said, now=NOW).state).seal().held


def ruled(held, on=TODAY):
    """The rules that judged its first leg."""
    (leg,) = leg_verdicts(held, on, exemptions=EXEMPTIONS)
    return rules(leg.verdict)


def test_a_legs_verdict_changes_with_the_condition():
    assert ruled(sealed())["packing"] == "packing.lead-unknown"
    assert ruled(sealed("intact"))["packing"] == "packing.lead-intact"
    assert ruled(sealed("broken"))["packing"] == "packing.lead-broken"


def test_a_legs_verdict_changes_with_what_was_shown_of_its_vehicle():
    proof, before = ("rain-proof", "leak-proof", "spill-proof"), date(2024, 12, 31)
    bare, licensed = ruled(sealed("intact")), ruled(sealed("intact", "licensed"))

    assert (bare["vehicle"], licensed["vehicle"]) == ("vehicle.unlicensed", "vehicle.licensed")
    assert ruled(sealed("intact", *proof), before)["waybill"] == "waybill.transport-exempt"
    assert ruled(sealed("broken", *proof), before)["waybill"] != "waybill.transport-exempt"
    assert ruled(sealed("intact", *proof[1:]), before)["waybill"] != "waybill.transport-exempt"


@pytest.mark.parametrize("central", [frozenset(), frozenset({"outlet-yard"})])
def test_a_leg_from_a_flagged_place_is_one_from_a_central_store(central):
    depot = Depot()
    depot.containers.places.central = central
    depot.in_transit()

    assert [leg.verdict.facts.place.central_store for leg in depot.held().legs] == [bool(central)]


def test_containers_of_one_material_are_judged_apart_by_their_condition():
    boxes = (box("b-1"), replace(box("b-2"), condition="intact"), box("b-3"))
    held = Walk(drafting.draft(ID, manifest(containers=boxes), now=NOW).state).seal().held

    legs = leg_verdicts(held, TODAY, exemptions=EXEMPTIONS)

    assert [each.verdict.facts.condition for each in legs] == ["unknown", "intact"]


def test_what_was_shown_is_signed_and_published_and_its_absence_changes_no_old_hash():
    full, bare = sealed("broken", "licensed"), sealed()
    names = ("containers", "planned_carriers")
    signed, old = ([value_of(name, held, 0)[0] for name in names] for held in (full, bare))

    assert (signed[0]["condition"], signed[1]["vehicle_facts"]) == ("broken", ["licensed"])
    assert not {"condition", "vehicle_facts"} & {*old[0], *old[1]}
    told = manifest_of(content_of(full.manifest, Purpose.SHIPMENT))
    assert (told.containers, told.carriers) == (full.manifest.containers, full.manifest.carriers)


def test_a_carriers_facts_are_kept_once_each_in_their_order():
    plain = {"carrier_id": "c", "vehicle_id": "v", "trip_id": "t", "planned_at": NOW.isoformat()}
    named = CarrierBody(**plain, vehicle_facts=["licensed", "rain-proof", "licensed"])

    assert named.to_carrier().vehicle_facts == ("rain-proof", "licensed")
    assert CarrierBody(**plain).to_carrier().vehicle_facts == ()
    assert LegVehicle.showing(VEHICLE_FACTS) == LegVehicle(*[True] * 5)
    with pytest.raises(ValidationError):
        CarrierBody(**plain, vehicle_facts=["armoured"])


def test_documents_from_before_are_read_as_nothing_said():
    held = sealed()
    stored = msgspec.to_builtins(held, builtin_types=(datetime,))
    del stored["manifest"]["containers"][0]["condition"]
    del stored["manifest"]["carriers"][0]["vehicle_facts"]

    assert msgspec.convert(stored, Consignment, builtin_types=(datetime,)) == held
