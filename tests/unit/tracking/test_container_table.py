"""The table of a container's life, its reports, and sums of grams by material."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tracking.adapters.container_announcements import CONTRACTS
from services.tracking.domain import container_events as events
from services.tracking.domain.amounts import Amount, plus, shared_out, total_g
from services.tracking.domain.container import Reservation
from services.tracking.domain.container_states import (
    ANY,
    CLOSED_BECAUSE,
    FINAL,
    OPEN,
    TRANSITIONS,
    Act,
    State,
    after,
)
from shared.kernel.errors import Conflict
from tests.unit.tracking.builders import (
    LEAD,
)

C1, C2 = Reservation("c-1", "c-1:1"), Reservation("c-2", "c-2:1")
NI_CD, NI_MH = "ni-cd-batteries", "nickel-metal-hydride-batteries"


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("act", list(Act))
def test_the_table_alone_says_what_is_possible(state, act):
    if (state, act) in TRANSITIONS:
        assert after(state, act) in State
    else:
        with pytest.raises(Conflict) as refused:
            after(state, act)
        assert refused.value.code == "tracking.not_possible"


def test_every_state_takes_lots_or_says_why_not():
    assert set(State) == OPEN | CLOSED_BECAUSE.keys()
    assert not OPEN & CLOSED_BECAUSE.keys()


def test_any_container_may_be_damaged_or_lost_and_no_final_one_goes_on():
    assert all((state, act) in TRANSITIONS for state in ANY for act in (Act.DAMAGE, Act.LOSE))
    assert not [state for state, _ in TRANSITIONS if state in FINAL]


def test_every_state_is_reached():
    reached = {State.UNKNOWN, *TRANSITIONS.values()}

    assert reached == set(State)


def test_every_step_has_a_contract():
    steps = {each.__name__ for each in events.Step.__subclasses__()}

    assert steps == {each.__name__ for each in CONTRACTS}


AMOUNTS = st.dictionaries(
    st.sampled_from([LEAD, NI_CD, NI_MH]), st.integers(-5_000, 50_000), max_size=3
).map(lambda sums: tuple(Amount(m, g) for m, g in sorted(sums.items()) if g))


@given(st.integers(0, 10**6), AMOUNTS)
def test_a_net_is_shared_to_the_gram_and_in_proportion(net_g, amounts):
    shared = shared_out(net_g, amounts, otherwise=LEAD)

    assert total_g(shared) == net_g
    positive = [each for each in amounts if each.mass_g > 0]
    whole_g = total_g(positive)
    for each in positive:
        exact = net_g * each.mass_g / whole_g
        share = sum(s.mass_g for s in shared if s.material == each.material)
        assert abs(share - exact) < 1


@given(AMOUNTS, AMOUNTS)
def test_sums_of_amounts_have_no_zeros_and_one_entry_a_material(one, other):
    both = plus(one, other)

    assert all(each.mass_g for each in both)
    assert len({each.material for each in both}) == len(both)
    assert total_g(both) == total_g(one) + total_g(other)
