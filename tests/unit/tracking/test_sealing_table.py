"""The sealing table decides, field by field and signature by signature, what its rows say."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.tracking.domain.consignment import Diversion, Parent
from services.tracking.domain.consignment_fields import EVIDENCE, FIELDS, verify
from services.tracking.domain.consignment_reception import Verdict
from services.tracking.domain.consignment_states import State
from services.tracking.domain.manifest import Purpose
from services.tracking.domain.signatures import Stage
from shared.kernel.errors import Conflict
from shared.reference.sealing_table import STAGES, sealing_rows
from tests.unit.tracking.consignments import (
    BROKER,
    FAR,
    NOW,
    RULES,
    SPARE,
    Walk,
    back,
    box,
    carrier,
)

ROWS = {row.field: row for row in sealing_rows()}
EVERYTHING = ("box-1", "box-2", "box-3")
TO_SPARE = back(alternate=SPARE, destination_place="spare-gate")


def walked_to(stage, field=None):
    """A consignment whose last step was the stage; across provinces where that matters."""
    walk = Walk()
    if field == "approval":
        walk.amend(receiver=FAR, approval_id="approval-1")
    walk.seal()
    if stage is Stage.SEAL:
        return walk
    walk.registered().sign()
    if stage is Stage.CONSIGNOR:
        return walk
    walk.take()
    ways = {
        Stage.CARRIER: lambda: walk,
        Stage.HANDOVER: walk.take,
        Stage.RECEIVER: lambda: walk.arrive().receive(),
        Stage.RECEIPT: lambda: walk.turn_back().arrive("outlet-yard").give_receipt(),
        Stage.REDIRECT: lambda: walk.arrive().receive(*EVERYTHING, onward=TO_SPARE).take(),
    }
    return ways[stage]()


def of_manifest(**changed):
    return lambda held: replace(held, manifest=replace(held.manifest, **changed))


def first_carrier_changed(held):
    others = held.manifest.carriers[1:]
    return of_manifest(carriers=(carrier("carrier-5"), *others))(held)


def reception_changed(held):
    first, *others = held.receptions[0].verdicts
    heavier = Verdict(first.tag, first.accepted, first.received_g + 1, first.reason)
    changed = replace(held.receptions[0], verdicts=(heavier, *others))
    return replace(held, receptions=(changed, *held.receptions[1:]))


CHANGES = {
    "number": lambda held: replace(held, number="20263501000002"),
    "purpose": lambda held: replace(held, purpose=Purpose.REDIRECTION),
    "parent_number": lambda held: replace(held, parent=Parent("other", "20263501000009")),
    "consignor": of_manifest(consignor=replace(BROKER, party_id="other")),
    "receiver": of_manifest(receiver=replace(SPARE, division_code="350102009009")),
    "containers": of_manifest(containers=(box("box-1", 10_001),)),
    "origin_place": of_manifest(origin_place="elsewhere"),
    "destination_place": of_manifest(destination_place="elsewhere"),
    "treatment_code": of_manifest(treatment_code="D1"),
    "broker": of_manifest(broker=BROKER),
    "alternate": of_manifest(alternate=SPARE),
    "approval": of_manifest(approval_id="approval-2"),
    "planned_carriers": lambda held: of_manifest(
        carriers=(*held.manifest.carriers, carrier("carrier-5", hours=9))
    )(held),
    "expected_arrival_at": of_manifest(expected_arrival_at=NOW + timedelta(hours=11)),
    "carriers": first_carrier_changed,
    "diversions": lambda held: replace(held, diversions=(Diversion(FAR),)),
    "receptions": reception_changed,
}


def test_every_field_of_the_table_is_known_and_every_known_one_is_in_it():
    assert set(ROWS) == {*FIELDS, *EVIDENCE}
    assert tuple(stage.value for stage in Stage) == STAGES
    assert set(CHANGES) == set(FIELDS)


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("field", sorted(EVIDENCE))
def test_a_signature_is_refused_for_what_the_table_requires_of_the_world(field, stage):
    held = walked_to(stage).held
    required = stage.value in ROWS[field].requires

    if not required:
        RULES.require(held, stage, problems={field: "some.problem"})
        return
    with pytest.raises(Conflict) as refused:
        RULES.require(held, stage, problems={field: "some.problem"})
    assert (refused.value.code, refused.value.facts) == ("some.problem", {"field": field})


ABSENT = {
    "number": lambda held: replace(held, number=None),
    "planned_carriers": of_manifest(carriers=()),
    "approval": of_manifest(receiver=FAR),
    "receptions": lambda held: replace(held, receptions=()),
}


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("field", sorted(ABSENT))
def test_a_signature_is_refused_for_a_field_that_the_table_requires(field, stage):
    held = ABSENT[field](walked_to(stage).held)
    required = stage.value in ROWS[field].requires

    if not required:
        RULES.require(held, stage)
        return
    with pytest.raises(Conflict) as refused:
        RULES.require(held, stage)
    assert refused.value.code == "consignment.field_missing"
    assert refused.value.facts == {"field": field}


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("field", sorted(set(FIELDS) - set(ABSENT)))
def test_no_consignment_lacks_the_other_required_fields(field, stage):
    held = walked_to(stage).held
    required = stage.value in ROWS[field].requires

    assert not required or FIELDS[field](held, len(held.signatures)) is not None


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("field", sorted(FIELDS))
def test_what_a_signature_froze_cannot_be_changed_and_the_rest_can(field, stage):
    before = walked_to(stage, field).held
    passed = {each.value for each in before.passed}
    frozen = not passed.isdisjoint(ROWS[field].freezes)
    needs_reception = field == "receptions" and not before.receptions
    if needs_reception or (field == "diversions" and not before.diversions):
        assert FIELDS[field](before, len(before.signatures)) is None
        return
    changed = CHANGES[field](before)

    if not frozen:
        assert RULES.decided(before, changed, told=True).state.manifest == changed.manifest
        return
    with pytest.raises(Conflict) as refused:
        RULES.decided(before, changed)
    assert refused.value.code == "consignment.field_frozen"


@pytest.mark.parametrize("stage", list(Stage)[1:])
@pytest.mark.parametrize("field", sorted(FIELDS))
def test_the_chain_shows_a_change_of_a_frozen_field_and_of_no_other(field, stage):
    held = walked_to(stage, field).held
    signed = {each.stage.value for each in held.signatures} | {"seal"}
    frozen = not signed.isdisjoint(ROWS[field].freezes)
    if field in ("receptions", "diversions") and not getattr(held, field):
        return

    changed = verify(CHANGES[field](held), RULES.table)

    assert changed.valid is not frozen


def test_an_approval_across_provinces_is_asked_for_and_frozen_by_the_consignor():
    walk = Walk().amend(receiver=FAR).seal()

    with pytest.raises(Conflict) as missing:
        walk.sign()
    assert missing.value.facts == {"field": "approval"}
    walk.amend(approval_id="approval-1").sign()
    with pytest.raises(Conflict) as frozen:
        walk.amend(approval_id="approval-2")

    assert frozen.value.facts == {"field": "approval"}
    assert walk.held.state is State.SIGNED
