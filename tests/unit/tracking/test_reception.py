"""Reception and partial refusal: accepted = received - refused, and one child with what is left."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tracking.adapters.consignment_announcements import announce_consignment
from services.tracking.adapters.consignment_contents import child_of
from services.tracking.domain.consignment import Heading, Parent
from services.tracking.domain.consignment_claims import Claim, Counts, Deed, Kind
from services.tracking.domain.consignment_examination import Findings
from services.tracking.domain.consignment_receiving import receive, sealed_child
from services.tracking.domain.consignment_reception import Reception, Verdict
from services.tracking.domain.consignment_states import State
from services.tracking.domain.manifest import Purpose
from shared.contracts.consignment import ConsignmentReceived
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.ids import derived_id
from tests.unit.tracking.consignments import (
    BOXES,
    CHILD_NUMBER,
    FAR,
    ID,
    NOW,
    NUMBER,
    OUTLET,
    RULES,
    SMELTER,
    SPARE,
    Walk,
    back,
    box,
    manifest,
    number_claim,
    reception,
    signed_by,
)

ALL = tuple(item.tag for item in BOXES)
GRAMS = st.integers(min_value=0, max_value=49_000_000 // 8)


def verdicts_of(drawn):
    return tuple(
        Verdict(f"box-{number}", accepted, mass_g, None if accepted else "damaged")
        for number, (accepted, mass_g) in enumerate(drawn)
    )


@given(st.lists(st.tuples(st.booleans(), GRAMS), min_size=1, max_size=8))
def test_accepted_is_received_less_refused_to_the_gram(drawn):
    held = Reception("smelter", "gate", NOW, verdicts_of(drawn))
    content = manifest(containers=tuple(box(v.tag, 1) for v in held.verdicts))

    assert held.accepted_g == held.received_g - held.refused_g
    assert held.received_g == sum(mass_g for _, mass_g in drawn)
    assert held.refused_g == sum(mass_g for accepted, mass_g in drawn if not accepted)
    assert sum(held.accepted_by_code(content).values()) == held.accepted_g
    outcomes = {
        "accepted": held.refused_tags == (),
        "refused": len(held.refused_tags) == len(drawn),
    }
    assert outcomes.get(held.outcome, held.outcome == "partly-refused")


def test_grams_that_floats_would_lose_are_kept():
    odd = tuple(box(f"box-{number}", 33_333_3) for number in range(3))
    walk = Walk().amend(containers=odd).in_transit().arrive().receive("box-1")

    told = walk.held.receptions[0]
    assert (told.received_g, told.refused_g, told.accepted_g) == (999_999, 333_333, 666_666)


def test_a_mixed_up_accepted_and_received_would_show_in_what_licences_count():
    walk = with_grams(Walk().in_transit().arrive(), licence_g=22_001)

    walk.receive("box-2", off_g=-1)

    settled = {e.claim.key: e.mass_g for e in walk.held.errands if e.deed is Deed.SETTLE}
    assert settled == {"licence/smelter/2026": 9_999 + 5_000, "licence/carrier/2026": 22_001}


def with_grams(walk, *, licence_g):
    claims = [
        Claim(Kind.GRAMS, "licence/smelter/2026", f"{ID}:2", licence_g, codes=("900-052-31",)),
        Claim(
            Kind.GRAMS,
            "licence/carrier/2026",
            f"{ID}:2",
            licence_g,
            codes=("900-052-31",),
            counts=Counts.CARRIED,
        ),
    ]

    walk.held = replace(walk.held, claims=(*walk.held.claims, *claims))
    return walk


@pytest.mark.parametrize("left_out", ["box-1", "box-3"])
def test_every_container_has_one_verdict(left_out):
    arrived = Walk().arrived()
    walk = Walk(arrived.held)
    some = tuple(item for item in BOXES if item.tag != left_out)

    for verdicts in (some, (*BOXES, BOXES[0]), (*some, box("box-9"))):
        with pytest.raises(Invalid) as refused:
            walk.do(receive_only(walk, reception(of=verdicts)))
        assert refused.value.code == "reception.containers"


def receive_only(walk, made):

    return receive(
        walk.held,
        made,
        signed_by("smelter"),
        onward=None,
        findings=Findings(),
        claims=(),
        rules=RULES,
    )


@pytest.mark.parametrize(("accepted", "reason"), [(True, "damaged"), (False, None)])
def test_a_refusal_has_a_reason_and_an_acceptance_has_none(accepted, reason):
    with pytest.raises(Invalid):
        Verdict("box-1", accepted, 1, reason)


@pytest.mark.parametrize("mass_g", [-1, 49_000_001, True, 1.5])
def test_an_impossible_mass_is_refused(mass_g):
    with pytest.raises(Invalid):
        Verdict("box-1", True, mass_g)


def test_a_whole_acceptance_lets_go_of_all_containers_and_has_no_child():
    walk = Walk().arrived().receive()

    received = [e.claim.key for e in walk.held.errands if e.deed is Deed.RECEIVE]
    assert received == list(ALL)
    assert walk.events[-1].child is None
    assert walk.held.state is State.RECEIVED


def test_another_weight_than_declared_is_flagged_whatever_the_difference():
    assert "reception.difference" in Walk().arrived().receive(off_g=1).held.flags
    assert "reception.difference" not in Walk().arrived().receive().held.flags


def test_a_partial_refusal_decides_the_child_in_the_same_update():
    walk = Walk().arrived().receive("box-2")

    child = walk.events[-1].child
    told = walk.held.receptions[0]
    assert child.consignment_id == told.child_id == derived_id("child", ID, "1")
    assert child.number == told.child_number == CHILD_NUMBER
    assert child.manifest.containers == (BOXES[1],)
    assert (child.manifest.consignor, child.manifest.receiver) == (SMELTER, OUTLET)
    assert child.purpose is Purpose.RETURN
    assert child.manifest.carriers[0].carrier_id == "carrier-1"
    assert number_claim(CHILD_NUMBER, hold_id=f"{ID}:9") in walk.held.claims


def test_a_partial_refusal_to_an_alternate_has_it_as_receiver():
    onward = back(alternate=SPARE, destination_place="spare-gate", approval_id="approval-9")

    child = Walk().arrived().receive("box-2", onward=onward).events[-1].child

    assert (child.purpose, child.manifest.receiver) == (Purpose.REDIRECTION, SPARE)
    assert child.manifest.approval_id == "approval-9"


def test_a_refusal_says_where_to_and_has_a_number_for_the_child():
    walk = Walk().arrived()
    for refused, options, code in (
        (("box-2",), {"claims": ()}, "reception.number_missing"),
        (ALL, {}, None),
    ):
        if code is None:
            assert walk.receive(*refused, **options).held.state is State.REFUSED
            continue
        with pytest.raises(Conflict) as no:
            walk.receive(*refused, **options)
        assert no.value.code == code


def test_the_childs_containers_are_not_let_go_of():
    walk = Walk().arrived().receive("box-2")

    received = {e.claim.key for e in walk.held.errands if e.deed is Deed.RECEIVE}
    assert received == {"box-1", "box-3"}
    assert "box-2" in {claim.key for claim in walk.held.claims_of(Kind.CONTAINER)}


def test_the_child_is_made_of_what_was_published():
    walk = Walk().arrived().receive("box-2")
    published = ConsignmentReceived.model_validate_json(announce_consignment(walk.events[-1]).value)

    child = child_of(published.child)
    decision = sealed_child(child, Parent(ID, NUMBER), at=published.received_at, rules=RULES)

    assert child == walk.events[-1].child
    made = decision.state
    assert (made.state, made.number, made.parent) == (
        State.SEALED,
        CHILD_NUMBER,
        Parent(ID, NUMBER),
    )
    assert [(e.deed, e.claim.key, e.from_id) for e in made.errands] == [
        (Deed.TAKE_OVER, "box-2", ID)
    ]
    assert made.registration.pending


def test_a_returning_child_needs_no_approval_or_licence_and_cannot_be_refused():
    parent = Walk().amend(receiver=FAR, approval_id="approval-1").arrived()
    child = parent.receive("box-2").events[-1].child
    made = sealed_child(child, Parent(ID, NUMBER), at=NOW, rules=RULES).state

    expired = Findings(
        problems={
            "licences_of_all": "licence.expired",
            "plan_line": "plan.missing",
            "approval_in_force": "approval.missing",
        }
    )
    walk = Walk(made).registered().sign(expired, party_id="far-smelter").take(findings=expired)
    walk.arrive("outlet-yard")

    with pytest.raises(Conflict) as refused:
        walk.receive("box-2", by="outlet")
    assert refused.value.code == "reception.return_cannot_be_refused"
    with pytest.raises(Conflict) as again:
        walk.give_receipt("box-2")
    assert again.value.code == "reception.return_cannot_be_refused"
    assert walk.give_receipt().held.state is State.RETURNED
    assert "licence.expired" in walk.held.flags


def test_a_full_refusal_goes_back_with_a_receipt_of_its_own():
    walk = Walk().arrived().receive(*ALL)
    assert (walk.held.state, walk.held.heading) == (State.REFUSED, Heading.CONSIGNOR)
    assert walk.held.receptions[0].child_id is None

    walk.take().arrive("outlet-yard").give_receipt()

    assert walk.held.state is State.RETURNED
    assert [each.receiver_id for each in walk.held.receptions] == ["smelter", "outlet"]
    assert walk.held.number == NUMBER


def test_a_full_refusal_goes_to_an_alternate_that_may_refuse_too():
    onward = back(alternate=SPARE, destination_place="spare-gate")
    walk = Walk().arrived().receive(*ALL, onward=onward)
    assert walk.held.destination == SPARE

    walk.take().arrive("spare-gate").receive(*ALL)

    assert (walk.held.state, walk.held.heading) == (State.REFUSED, Heading.CONSIGNOR)


def test_a_full_refusal_frees_what_was_reserved_for_this_receiver():
    walk = with_grams(Walk().in_transit().arrive(), licence_g=22_001)

    walk.receive(*ALL)

    freed = [e.claim.key for e in walk.held.errands if e.deed is Deed.FREE]
    assert freed == ["licence/smelter/2026"]
    assert [c.key for c in walk.held.claims_of(Kind.GRAMS)] == ["licence/carrier/2026"]


def test_only_the_receiver_decides_and_only_once():
    walk = Walk().arrived()
    with pytest.raises(Conflict) as other:
        walk.receive(by="spare-smelter")
    assert other.value.code == "signature.other_party"

    walk.receive()

    with pytest.raises(Conflict) as again:
        walk.receive()
    assert again.value.code == "consignment.not_possible"


def test_a_shipment_gets_no_receipt_of_a_return():
    with pytest.raises(Conflict) as refused:
        Walk().arrived().give_receipt()
    assert refused.value.code == "reception.not_a_return"
