"""A security code is locked after three wrong tries, counted before they are evaluated."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tracking.adapters.mongo_parties import unannounced
from services.tracking.adapters.security_codes import StoredCodes, fingerprint, new_code
from services.tracking.domain.signature_codes import EVALUATED_WITHIN, SecurityCode
from shared.kernel.aggregate import Decision
from shared.kernel.clock import ManualClock
from shared.kernel.errors import Forbidden, Unavailable
from shared.messaging.in_memory import InMemoryAggregates

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
CODE, WRONG = "135790", "135791"


@pytest.fixture
def codes():
    kept = InMemoryAggregates(kind="security_code", state_type=SecurityCode, announce=unannounced)
    kept.create("outlet", Decision(new_code("outlet", CODE, AT)))
    return StoredCodes(kept, ManualClock(AT))


def fails(codes, code=WRONG, party_id="outlet"):
    with pytest.raises(Forbidden) as refused:
        codes.check(party_id, code)
    return refused.value.code


def test_the_right_code_is_let_pass(codes):
    codes.check("outlet", CODE)

    assert codes.evaluated == 1


def test_after_three_wrong_tries_the_right_one_is_refused_too(codes):
    assert [fails(codes) for _ in range(3)] == ["signature.code_wrong"] * 3

    assert fails(codes, CODE) == "signature.code_locked"
    assert codes.evaluated == 3


def test_a_right_one_forgets_the_wrong_ones_before_it(codes):
    for _ in range(2):
        fails(codes)
    codes.check("outlet", CODE)

    assert [fails(codes) for _ in range(3)] == ["signature.code_wrong"] * 3
    assert fails(codes) == "signature.code_locked"


def test_a_party_without_a_code_has_only_wrong_ones(codes):
    assert fails(codes, party_id="nobody") == "signature.code_wrong"
    assert codes.evaluated == 0


def test_the_code_itself_is_nowhere():
    held = new_code("outlet", CODE, AT)

    assert CODE not in repr(held)
    assert new_code("outlet", CODE, AT).digest != held.digest
    assert fingerprint(CODE, "scope") != fingerprint(CODE, "other")


def test_while_others_are_evaluated_a_fourth_waits():
    held = SecurityCode("outlet", "", "", AT, wrong=1)
    trying = held.reserve("a", now=AT).reserve("b", now=AT)

    with pytest.raises(Unavailable):
        trying.reserve("c", now=AT)
    assert trying.judged("a", right=True).wrong == 0
    with pytest.raises(Forbidden):
        trying.judged("a", right=False).judged("b", right=False).reserve("c", now=AT)


def test_a_try_whose_process_died_counts_as_wrong():
    held = SecurityCode("outlet", "", "", AT, wrong=2).reserve("a", now=AT)

    with pytest.raises(Forbidden):
        held.reserve("b", now=AT + EVALUATED_WITHIN)
    late = SecurityCode("outlet", "", "", AT).reserve("a", now=AT)
    assert late.reserve("b", now=AT + EVALUATED_WITHIN).wrong == 1


TRIES = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), st.integers(0, 9)),
        st.tuples(st.just("wrong"), st.integers(0, 9)),
        st.tuples(st.just("wait"), st.integers(1, 40)),
    ),
    max_size=40,
)


@given(TRIES)
def test_without_a_right_one_no_more_than_three_are_ever_evaluated(tries):
    held, now, evaluated = SecurityCode("outlet", "", "", AT), AT, 0
    for place, (what, number) in enumerate(tries):
        if what == "wait":
            now += timedelta(seconds=number)
        elif what == "wrong":
            under_way = [each.attempt_id for each in held.attempts]
            if under_way:
                held = held.judged(under_way[number % len(under_way)], right=False)
        else:
            try:
                held = held.reserve(f"try {place}", now=now)
            except (Forbidden, Unavailable):
                continue
            evaluated += 1

    assert evaluated <= 3
