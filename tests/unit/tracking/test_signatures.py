"""The hash chain: whoever changes, removes or reorders anything is seen."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tracking.domain.consignment_examination import Findings
from services.tracking.domain.consignment_fields import verify
from services.tracking.domain.consignment_signing import sign_as_consignor
from services.tracking.domain.signatures import GENESIS, Seen, canonical, chain_fault
from shared.kernel.errors import Invalid
from tests.unit.tracking.consignments import NOW, RULES, Walk, signed_by

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.fixture
def signed():
    walk = Walk().seal().registered().sign().refuse_loading().sign().take().take()
    return walk.arrive().receive("box-2").held


@given(JSON)
def test_the_canonical_text_does_not_depend_on_the_order_of_names(value):
    def turned(part):
        if isinstance(part, dict):
            return {name: turned(part[name]) for name in reversed(part)}
        return [turned(each) for each in part] if isinstance(part, list) else part

    assert canonical(value) == canonical(turned(value))


def test_a_signed_document_verifies(signed):
    found = verify(signed, RULES.table)

    assert (found.valid, found.signatures, found.code) == (True, 5, None)
    assert found.head_sha256 == signed.signatures[-1].sha256
    assert signed.signatures[0].previous_sha256 == GENESIS


def test_a_document_without_signatures_verifies():
    assert verify(Walk().held, RULES.table).head_sha256 is None


SIGNING_CHANGES = [
    {"party_id": "somebody"},
    {"device_of": "somebody"},
    {"place_id": "elsewhere"},
    {"signed_at": NOW + timedelta(milliseconds=1)},
    {"recorded_at": NOW + timedelta(milliseconds=1)},
]


@pytest.mark.parametrize("ordinal", range(1, 6))
@pytest.mark.parametrize("changed", SIGNING_CHANGES)
def test_who_where_and_when_cannot_be_changed(signed, ordinal, changed):
    link = signed.signatures[ordinal - 1]
    forged = replace(link, signing=replace(link.signing, **changed))

    assert faults(signed, ordinal, forged) == (ordinal, "signature.changed")


@pytest.mark.parametrize("ordinal", range(1, 6))
def test_the_versions_that_were_seen_cannot_be_changed(signed, ordinal):
    forged = replace(signed.signatures[ordinal - 1], seen=(Seen("smelter", "licence-9", 1),))

    assert faults(signed, ordinal, forged) == (ordinal, "signature.changed")


def test_the_content_of_a_withdrawn_signature_cannot_be_changed(signed):
    link = signed.signatures[0]
    forged = replace(link, withdrawn_content=link.withdrawn_content.replace("10000", "10001"))

    assert faults(signed, 1, forged) == (1, "signature.content_changed")


def faults(held, ordinal, forged):
    links = list(held.signatures)
    links[ordinal - 1] = forged
    found = verify(replace(held, signatures=tuple(links)), RULES.table)
    assert not found.valid
    return found.ordinal, found.code


@pytest.mark.parametrize("ordinal", range(1, 5))
def test_a_missing_link_is_seen(signed, ordinal):
    links = [link for link in signed.signatures if link.ordinal != ordinal]

    assert chain_fault(tuple(links)) == (ordinal, "signature.out_of_order")


def test_links_in_another_order_are_seen(signed):
    first, second, *rest = signed.signatures

    assert chain_fault((second, first, *rest)) == (1, "signature.out_of_order")


def test_a_signature_from_the_future_is_refused():
    walk = Walk().seal()
    signing = replace(signed_by("outlet"), signed_at=NOW + timedelta(minutes=6))

    with pytest.raises(Invalid) as refused:
        sign_as_consignor(walk.held, signing, findings=Findings(), rules=RULES)

    assert refused.value.code == "consignment.future"


def test_a_signature_before_the_one_before_is_recorded_and_flagged():
    walk = Walk().seal().registered().sign()
    walk.now = NOW - timedelta(hours=1)

    assert walk.take().held.flags == ("signature.time_order",)


def test_a_signature_from_before_the_sealing_is_flagged():
    walk = Walk().seal().registered()

    assert walk.sign(at=NOW - timedelta(days=300)).held.flags == ("signature.time_order",)
