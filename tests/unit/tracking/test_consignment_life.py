"""A consignment's life as a table: every act from every state does what the table says."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.tracking.adapters.consignment_announcements import announce_consignment
from services.tracking.domain import consignment_drafting as drafting
from services.tracking.domain import consignment_receiving as receiving
from services.tracking.domain import consignment_watching as watching
from services.tracking.domain.consignment import Heading, Parent
from services.tracking.domain.consignment_claims import Claim, Deed, Kind
from services.tracking.domain.consignment_states import TERM, TRANSITIONS, Act, State, after
from services.tracking.domain.manifest import Party
from shared.kernel.errors import Conflict, Invalid
from tests.unit.tracking.consignments import (
    CHILD_NUMBER,
    ID,
    NOW,
    NUMBER,
    RULES,
    SPARE,
    Walk,
    back,
    carrier,
    number_claim,
)

ALL = ("box-1", "box-2", "box-3")


def come_to(state):
    """A walk that came to the state."""
    ways = {
        State.DRAFT: Walk,
        State.SEALED: lambda: Walk().seal(),
        State.SIGNED: lambda: Walk().seal().registered().sign(),
        State.IN_TRANSIT: lambda: Walk().in_transit(),
        State.ARRIVED: lambda: Walk().arrived(),
        State.RECEIVED: lambda: Walk().arrived().receive(),
        State.REFUSED: lambda: Walk().arrived().receive(*ALL),
        State.RETURNED: lambda: Walk().in_transit().turn_back().arrive().give_receipt(),
        State.CANCELLED: lambda: Walk().seal().cancel(),
        State.VOID: lambda: lapsed(Walk().seal()),
        State.MISSING: lambda: missing(Walk().in_transit()),
        State.LOST: lambda: lost(missing(Walk().in_transit())),
    }
    return ways[state]()


def lapsed(walk):
    return walk.do(drafting.lapse(walk.held, rules=RULES, now=NOW + timedelta(days=8)))


def missing(walk):
    late = NOW + timedelta(days=9)
    while walk.held.state is State.IN_TRANSIT:
        walk.do(watching.watch(walk.held, rules=RULES, now=late))
    return walk


def lost(walk):
    return walk.do(watching.declare_lost(walk.held, "report-1", rules=RULES, now=walk.now))


def found(walk):
    later = walk.now + timedelta(hours=1)
    return walk.do(watching.find(walk.held, expected_at=later, rules=RULES, now=walk.now))


ACTS = {
    Act.AMEND: lambda walk: walk.amend(),
    Act.SEAL: lambda walk: walk.seal(),
    Act.SIGN: lambda walk: walk.sign(),
    Act.REFUSE_LOADING: lambda walk: walk.refuse_loading(),
    Act.REPLACE_CARRIER: lambda walk: walk.replace_carrier(leg=2),
    Act.TAKE: lambda walk: walk.take(),
    Act.HAND_OVER: lambda walk: walk.take(),
    Act.LEAVE_AGAIN: lambda walk: walk.take(),
    Act.BREAK_DOWN: lambda walk: walk.break_down(),
    Act.APPROVE: lambda walk: walk.approve(),
    Act.TURN_BACK: lambda walk: walk.turn_back(),
    Act.ARRIVE: lambda walk: walk.arrive(),
    Act.RECEIVE: lambda walk: walk.receive(),
    Act.REFUSE: lambda walk: walk.receive(*ALL),
    Act.RECEIPT: lambda walk: walk.give_receipt(),
    Act.CANCEL: lambda walk: walk.cancel(),
    Act.LAPSE: lapsed,
    Act.GO_MISSING: missing,
    Act.FIND: found,
    Act.DECLARE_LOST: lost,
}
# Signing is one call for carriers and what it means follows from the state; watching does nothing
# where nothing is due; an approval and a receipt need a breakdown and a way back besides.
TAKING = {Act.TAKE, Act.HAND_OVER, Act.LEAVE_AGAIN}
BY_THEMSELVES = [act for act in Act if act not in {*TAKING, Act.GO_MISSING}]


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("act", BY_THEMSELVES)
def test_an_act_leads_where_the_table_says_or_is_refused(state, act):
    walk = come_to(state)
    following = TRANSITIONS.get((state, act))
    if (state, act) == (State.IN_TRANSIT, Act.APPROVE):
        walk.break_down()
    if (state, act) == (State.ARRIVED, Act.RECEIPT):
        walk = Walk().in_transit().turn_back().arrive()

    if following is not None:
        assert ACTS[act](walk).held.state is following
        return
    before = walk.held
    with pytest.raises(Conflict) as refused:
        ACTS[act](walk)
    assert refused.value.code == "consignment.not_possible"
    assert walk.held == before


@pytest.mark.parametrize("state", list(State))
def test_a_carrier_signs_where_one_of_its_acts_is_possible(state):
    walk = come_to(state)
    possible = {act for act in TAKING if (state, act) in TRANSITIONS}

    if possible:
        assert walk.take().held.state is State.IN_TRANSIT
        return
    with pytest.raises(Conflict):
        walk.take()


def test_every_state_belongs_to_a_term_and_can_be_reached():
    assert set(TERM) == set(State)
    assert {state for state in State if come_to(state).held.state is state} == set(State)


def test_the_table_knows_no_way_out_of_an_end():
    ends = {State.RECEIVED, State.RETURNED, State.CANCELLED, State.VOID}

    assert not [way for way in TRANSITIONS if way[0] in ends]
    with pytest.raises(Conflict):
        after(State.RECEIVED, Act.SEAL)


def test_every_event_has_a_contract():
    walks = [come_to(state) for state in State]
    walks.append(Walk().in_transit().break_down().approve())
    walks.append(Walk().seal().registered().sign().refuse_loading())
    walks.append(found(missing(Walk().in_transit())))

    types = {announce_consignment(e).headers["ce_type"] for w in walks for e in w.events}

    assert len(types) >= 15


def test_nothing_is_cancelled_once_a_carrier_has_it():
    walk = Walk().in_transit()

    with pytest.raises(Conflict):
        walk.cancel()
    assert walk.turn_back().held.heading is Heading.CONSIGNOR


def test_a_cancellation_gives_up_everything_that_was_claimed():
    walk = Walk().seal()
    claimed = walk.held.claims

    walk.cancel()

    assert walk.held.claims == ()
    assert {errand.claim for errand in walk.held.errands} == set(claimed)
    assert {errand.deed for errand in walk.held.errands} == {Deed.FREE}


def test_a_refused_loading_withdraws_the_consignors_signature_and_its_grams():
    walk = Walk().seal().registered()
    grams = Claim(Kind.GRAMS, "licence/x/2026", f"{ID}:2", 100, 1_000)
    walk.sign()
    walk.held = replace(walk.held, claims=(*walk.held.claims, grams))

    walk.refuse_loading()

    assert walk.held.state is State.SEALED
    assert not walk.held.signatures[-1].stands
    assert [errand.claim for errand in walk.held.errands] == [grams]
    assert walk.sign().take().held.state is State.IN_TRANSIT


def test_a_number_of_another_year_or_city_is_refused():
    for number in ("20253501000001", "20263502000001"):
        with pytest.raises(Invalid) as refused:
            Walk().seal(number_claim(number))
        assert refused.value.code == "numbers.other_series"
    with pytest.raises(Conflict):
        Walk().seal(Claim(Kind.CONTAINER, "box-1", f"{ID}:1"))


def test_the_year_of_a_number_is_the_legal_one_of_the_sealing():
    walk = Walk()
    walk.now = NOW.replace(month=12, day=31, hour=16, minute=30)  # 00:30 of 2027 in Shanghai

    with pytest.raises(Invalid):
        walk.seal()
    assert walk.seal(number_claim("20273501000001")).held.number == "20273501000001"


def test_a_child_cannot_be_cancelled():
    walk = Walk().arrived().receive("box-2")
    child = walk.events[-1].child
    made = receiving.sealed_child(child, Parent(ID, NUMBER), at=NOW, rules=RULES).state

    with pytest.raises(Conflict) as no:
        drafting.cancel(made, "not-needed", rules=RULES, now=NOW)

    assert no.value.code == "consignment.is_child"
    assert (made.number, walk.held.number) == (CHILD_NUMBER, NUMBER)


def test_a_sealed_ones_carriers_are_only_replaced_and_a_load_turns_back_once():
    sealed, on_its_way = Walk().seal(), Walk().in_transit()

    with pytest.raises(Conflict) as amended:
        sealed.amend(carriers=(carrier("carrier-4"),))
    on_its_way.turn_back()
    with pytest.raises(Conflict) as again:
        on_its_way.turn_back()

    assert amended.value.code == "consignment.carrier_planned"
    assert again.value.code == "consignment.returning"


def test_a_load_refused_twice_can_go_to_two_alternates():
    other = back(alternate=SPARE, destination_place="spare-gate")
    walk = Walk().arrived().receive(*ALL, onward=other).take().arrive("spare-gate")
    assert walk.held.destination == SPARE

    third = back(alternate=Party("third", "350203003009"), destination_place="third-gate")
    walk.receive(*ALL, onward=third).take().arrive("third-gate").receive()

    assert walk.held.state is State.RECEIVED
    assert [each.party.party_id for each in walk.held.diversions] == ["spare-smelter", "third"]
