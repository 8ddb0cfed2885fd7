"""A device's clock does not choose the day on which permits are looked at."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tracking.domain.consignment import Registration
from services.tracking.domain.consignment_watching import go_on_paper
from shared.kernel.clock import legal_day
from shared.kernel.errors import Conflict
from tests.unit.tracking.consignments import NOW, RULES, TODAY, Walk, permits, signed_by
from tests.unit.tracking.depot import Depot

BACKDATED = "signature.backdated"
LIMIT = RULES.deadlines.signed_offline_within
MOMENT = timedelta(milliseconds=1)


def lapsed(party_id, day):
    """All permits, but this party's licence that held for the last time on a day."""
    held = permits()
    changed = tuple(
        replace(each, valid_to=day) if each.party_id == party_id else each for each in held.licences
    )
    return replace(held, licences=changed)


def sealed(held):
    depot = Depot(held=held)
    depot.draft()
    depot.seal()
    depot.tell()
    return depot


@given(st.integers(0, 30 * 24 * 3_600_000))
def test_a_signature_is_believed_for_as_long_as_devices_are_offline(ago_ms):
    held, told_after = Walk().seal().held, timedelta(milliseconds=ago_ms)
    signing = replace(signed_by("outlet"), signed_at=NOW - told_after)

    believed = told_after <= LIMIT
    assert RULES.is_backdated(held, signing) is not believed
    assert RULES.judged_at(held, signing) == (signing.signed_at if believed else NOW)


def test_a_consignors_backdated_signature_does_not_revive_a_lapsed_licence():
    yesterday = TODAY - timedelta(days=1)
    depot = sealed(lapsed("outlet", yesterday))
    depot.signed_at = NOW - LIMIT - MOMENT
    assert legal_day(depot.signed_at) < yesterday

    with pytest.raises(Conflict) as no:
        depot.sign()
    assert (no.value.code, depot.held().signatures) == ("licence.expired", ())

    depot.signed_at = NOW - LIMIT
    depot.sign()
    assert BACKDATED not in depot.held().flags
    assert len(depot.held().signatures) == 1


def test_a_backdated_signature_is_recorded_as_it_was_told_and_flagged():
    depot = sealed(permits())
    depot.sign()
    depot.signed_at = NOW - timedelta(days=800)  # another law held then

    depot.take()

    held = depot.held()
    assert held.signatures[-1].signing.signed_at == depot.signed_at
    assert set(held.flags) == {BACKDATED, "signature.time_order"}
    assert {each.verdict.on for each in held.legs} == {TODAY}


def test_a_receivers_backdated_word_is_a_fact_its_licence_and_number_are_of_today():
    depot = Depot()
    depot.arrived()
    depot.parties.held = lapsed("smelter", TODAY - timedelta(days=1))
    depot.signed_at = NOW - timedelta(days=400)

    depot.receive("c-1", "box-2")

    held = depot.held()
    assert {BACKDATED, "licence.expired"} <= set(held.flags)
    assert held.receptions[0].at == depot.signed_at
    assert held.receptions[0].child_number.startswith(str(TODAY.year))


def test_paper_is_believed_from_the_emergency_until_its_back_filling_is_due():
    held = go_on_paper(Walk().seal().held, "down", rules=RULES, now=NOW).state
    paper = held.registration.paper
    late = replace(signed_by("outlet"), recorded_at=paper.due_at)

    assert paper.due_at - NOW > LIMIT
    assert not RULES.is_backdated(held, late)
    assert RULES.is_backdated(replace(held, registration=Registration()), late)
    assert RULES.is_backdated(held, replace(late, signed_at=NOW - MOMENT))
    assert RULES.is_backdated(held, replace(late, recorded_at=paper.due_at + MOMENT))
