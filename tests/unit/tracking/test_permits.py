"""Licences, plan lines and approvals: what is missing, what was seen, what is reserved."""

from dataclasses import replace
from datetime import date

import pytest

from services.tracking.domain.consignment import Heading
from services.tracking.domain.consignment_examination import examine, roles
from services.tracking.domain.consignment_permits import Activity, Permits, Role
from services.tracking.domain.manifest import Purpose
from services.tracking.domain.signatures import Stage
from shared.kernel.errors import Conflict
from tests.unit.tracking.consignments import (
    BROKER,
    FAR,
    LEAD,
    RULES,
    TODAY,
    Walk,
    approval,
    box,
    licence,
    permits,
)


def findings(walk=None, *, of=None, day=TODAY, stage=Stage.CONSIGNOR, signer_id="outlet"):
    return examine(
        (walk or Walk().seal()).held,
        of or permits(),
        fields=RULES.table.required(stage),
        day=day,
        hold_id="c-1:2",
        signer_id=signer_id,
    )


def without(party_id, **kept):
    held = permits()
    others = tuple(each for each in held.licences if each.party_id != party_id)
    return replace(held, licences=others, **kept)


def with_licence(party_id, **changed):
    held = permits()
    changed_ones = tuple(
        replace(each, **changed) if each.party_id == party_id else each for each in held.licences
    )
    return replace(held, licences=changed_ones)


def test_all_parties_are_looked_at_and_their_versions_noted():
    walk = Walk().amend(broker=BROKER).seal()

    found = findings(walk)

    assert found.problems == {}
    assert {seen.party_id for seen in found.seen} == {
        "outlet",
        "smelter",
        "carrier-1",
        "carrier-2",
        "broker",
    }
    assert {seen.permit_id for seen in found.seen} >= {"licence-smelter", "plan-1"}


@pytest.mark.parametrize("party_id", ["outlet", "smelter", "carrier-1", "carrier-2"])
def test_a_party_without_a_licence_is_found(party_id):
    assert findings(of=without(party_id)).problems["licences_of_all"] == "licence.missing"


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"valid_to": date(2026, 11, 23)}, "licence.expired"),
        ({"valid_from": date(2026, 11, 25)}, "licence.expired"),
        ({"withdrawn": True}, "licence.expired"),
        ({"codes": ("900-044-49",)}, "licence.missing"),
        ({"activity": Activity.TRANSPORT}, "licence.missing"),
    ],
)
def test_a_licence_holds_on_its_days_for_its_codes_and_activity(changed, problem):
    found = findings(of=with_licence("smelter", **changed))

    assert found.problems["licence_of_destination"] == problem
    assert found.problems["licences_of_all"] == problem


def test_the_first_and_the_last_day_of_a_licence_are_in_it():
    for changed in ({"valid_to": TODAY}, {"valid_from": TODAY}):
        assert findings(of=with_licence("smelter", **changed)).problems == {}


def test_of_two_licences_the_longer_one_counts():
    held = permits()
    longer = licence(
        "smelter", Activity.TREAT, licence_id="licence-new", valid_to=date(2027, 12, 31)
    )

    found = findings(of=replace(held, licences=(*held.licences, longer)))

    assert "licence-new" in {seen.permit_id for seen in found.seen}


def test_what_has_no_waste_code_is_licensed_by_its_un_number_and_needs_no_plan():
    lithium = replace(box(), waste_code=None, un_number="UN3480")
    walk = Walk().amend(containers=(lithium,)).seal()

    found = findings(walk, of=Permits(with_codes("UN3480").licences))

    assert found.problems == {}


def with_codes(code):
    held = permits()
    return replace(held, licences=tuple(replace(each, codes=(code,)) for each in held.licences))


def test_grams_are_reserved_where_a_permit_names_a_quantity():
    found = findings(of=with_licence("carrier-1", annual_g=900_000))

    assert {(claim.key, claim.mass_g, claim.limit_g) for claim in found.claims} == {
        ("licence/licence-smelter/2026", 22_001, 1_000_000),
        ("licence/licence-carrier-1/2026", 22_001, 900_000),
        ("plan/plan-1", 22_001, 5_000_000),
    }
    assert {claim.hold_id for claim in found.claims} == {"c-1:2"}


def test_what_is_reserved_already_is_not_reserved_again():
    first = findings()
    walk = Walk().seal()
    walk.held = replace(walk.held, claims=(*walk.held.claims, *first.claims))

    assert findings(walk).claims == ()


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ((), "plan.missing"),
        ((replace(permits().plan_lines[0], year=2025),), "plan.missing"),
        ((replace(permits().plan_lines[0], consignor_id="other"),), "plan.missing"),
        ((replace(permits().plan_lines[0], withdrawn=True),), "plan.missing"),
    ],
)
def test_the_consignors_plan_of_the_year_has_a_line_for_each_code(lines, problem):
    found = findings(of=permits(plan_lines=lines))

    assert found.problems == {"plan_line": problem}


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        (None, "approval.missing"),
        (approval(receiver_id="smelter"), "approval.other_parties"),
        (approval(consignor_id="other"), "approval.other_parties"),
        (approval(codes=("900-044-49",)), "approval.other_waste"),
        (approval(valid_to=date(2026, 11, 23)), "approval.expired"),
        (approval(withdrawn=True), "approval.expired"),
        (approval(), None),
    ],
)
def test_across_provinces_there_is_an_approval_with_days_left(made, problem):
    walk = Walk().amend(receiver=FAR, approval_id="approval-1").seal()

    found = findings(walk, of=permits(approval=made))

    assert found.problems.get("approval_in_force") == problem
    reserved = {claim.key for claim in found.claims}
    assert ("approval/approval-1" in reserved) is (problem is None)


def test_within_a_province_no_approval_is_looked_at():
    assert "approval_in_force" not in findings(of=permits(approval=None)).problems


def test_a_carriers_signature_reserves_only_what_is_not_yet_reserved():
    handover = findings(
        Walk().in_transit(), stage=Stage.HANDOVER, signer_id="carrier-2", of=permits()
    )

    assert handover.claims == ()


def test_a_licence_that_expired_on_the_way_stops_no_handover_to_a_licensed_carrier():
    walk = Walk().in_transit()
    found = findings(
        walk,
        of=with_licence("smelter", withdrawn=True),
        stage=Stage.HANDOVER,
        signer_id="carrier-2",
    )

    walk.take("carrier-2", findings=found)

    assert walk.held.taken == 2
    assert "licence.expired" in walk.held.flags


def test_the_next_carriers_own_licence_does_stop_it():
    walk = Walk().in_transit()
    found = findings(walk, of=without("carrier-2"), stage=Stage.HANDOVER, signer_id="carrier-2")

    with pytest.raises(Conflict) as refused:
        walk.take("carrier-2", findings=found)

    assert refused.value.code == "licence.missing"


def test_nothing_stops_the_way_back():
    walk = Walk().in_transit().turn_back()
    found = findings(
        walk, of=Permits(), stage=Stage.HANDOVER, signer_id="carrier-2", day=date(2028, 1, 1)
    )

    walk.take("carrier-2", findings=found).arrive("outlet-yard").give_receipt()

    assert walk.held.heading is Heading.CONSIGNOR
    assert {"licence.missing", "plan.missing"} <= set(walk.held.flags)


def test_the_parties_are_those_that_still_have_a_part():
    walk = Walk().in_transit().take()

    assert roles(walk.held) == (
        ("outlet", Role.CONSIGNOR),
        ("carrier-2", Role.CARRIER),
        ("smelter", Role.RECEIVER),
    )


def test_a_redirected_child_needs_licences_and_no_plan():
    walk = Walk().seal()
    walk.held = replace(walk.held, purpose=Purpose.REDIRECTION)

    found = findings(walk, of=permits(plan_lines=()))

    assert found.problems == {}
    assert LEAD in walk.held.manifest.grams_by_code()
