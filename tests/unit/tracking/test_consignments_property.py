"""All roles, all orders, crashes and repeats between: nothing is doubled, lost or left held."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.tracking.domain.consignment_claims import Kind
from services.tracking.domain.consignment_fields import verify
from services.tracking.domain.consignment_states import TERM, State
from services.tracking.domain.container_states import State as ContainerState
from shared.kernel.errors import Rejected, Unavailable
from tests.unit.tracking.consignments import BOXES, RULES
from tests.unit.tracking.depot import Crash, Depot

LABELS = [
    f"{what}.{side}"
    for what in (
        "consignment.hold",
        "consignment.decide",
        "consignment.errand",
        "consignment.settle",
        "registry.declare",
    )
    for side in ("before", "after")
]
CONSIGNMENTS = {"c-1": ("box-1", "box-2"), "c-2": ("box-2", "box-3")}
ACTS = (
    *("seal", "sign", "take", "arrive", "receive", "refuse", "refuse_some", "give_receipt"),
    *("cancel", "refuse_loading", "replace_carrier", "break_down", "approve", "turn_back"),
    *("find", "lose", "go_on_paper", "tell", "watch", "react", "heal", "late", "hour"),
)
# What usually comes next, so that walks get far: some of it twice, as it is likelier.
NEXT = {
    State.DRAFT: ("seal",),
    State.SEALED: ("sign", "sign", "sign", "tell", "go_on_paper", "replace_carrier"),
    State.SIGNED: ("take", "take", "take", "tell", "tell", "refuse_loading", "replace_carrier"),
    State.IN_TRANSIT: ("arrive", "arrive", "break_down", "approve", "take", "turn_back", "late"),
    State.ARRIVED: ("receive", "refuse", "refuse_some", "refuse_some", "give_receipt", "react"),
    State.REFUSED: ("take", "take", "heal"),
    State.MISSING: ("find", "lose", "arrive"),
    State.LOST: ("find", "arrive", "heal"),
}
PARTIES = ("outlet", "smelter", "carrier-1", "carrier-3", "carrier-4", "far-smelter")
# What (None: what is usual next), which consignment, which of the usual, by whom, the crash, the
# repeat's number, and how many times.
STEPS = st.tuples(
    st.sampled_from([None] * len(ACTS) * 3 + list(ACTS)),
    st.integers(0, 3),
    st.integers(0, 6),
    st.sampled_from([None] * 20 + list(PARTIES)),
    st.sampled_from([None] * 30 + LABELS),
    st.integers(0, 2),
    st.integers(1, 4),
)
# Where a container of a consignment is; the child of a refusal has it at a gate, in transit.
WHERE = {
    **dict.fromkeys((State.SEALED, State.SIGNED), ContainerState.RESERVED),
    **dict.fromkeys(
        (State.IN_TRANSIT, State.ARRIVED, State.REFUSED, State.MISSING), ContainerState.IN_TRANSIT
    ),
    State.LOST: ContainerState.WRITTEN_OFF,
}
GONE = {State.RECEIVED, State.RETURNED, State.CANCELLED, State.VOID}


def chosen(depot, step):
    """Return what is done, to which consignment, by whom: mostly by the one whose turn it is."""
    what, number, which, stranger, *_ = step
    ids = sorted(depot.search.ids)
    consignment_id = ids[number % len(ids)]
    held = depot.held(consignment_id)
    usual = NEXT.get(held.state, ("react",))
    act = what or usual[which % len(usual)]
    return act, consignment_id, stranger or whose_turn(held, act)


def whose_turn(held, act):
    if act in ("take", "refuse_loading"):
        return held.next_carrier.carrier_id if held.next_carrier else "carrier-1"
    if act in ("arrive", "break_down", "find"):
        return held.current_carrier.carrier_id if held.current_carrier else "carrier-1"
    if act in ("receive", "refuse", "refuse_some", "give_receipt"):
        return held.destination.party_id
    return held.manifest.consignor.party_id


def act(depot, step):
    what, consignment_id, by = chosen(depot, step)
    depot.crash_at = step[4]
    version = depot.consignments.get(consignment_id).version
    scope = f"{what} {consignment_id} {by} {version // 4} {step[5]}"
    one(depot, what, consignment_id, by=by, scope=scope)


def one(depot, what, consignment_id, *, by, scope):
    with suppress(Crash, Rejected, Unavailable):
        if what in ("tell", "watch", "react", "heal"):
            getattr(depot, what)()
        elif what == "hour":
            depot.clock.advance(timedelta(hours=1))
        elif what == "late":
            depot.clock.advance(timedelta(hours=60))
            depot.watch()
        elif what == "refuse":
            tags = depot.held(consignment_id).manifest.tags
            depot.receive(consignment_id, *tags, by=by, scope=scope)
        elif what == "refuse_some":
            first = depot.held(consignment_id).manifest.tags[0]
            depot.receive(consignment_id, first, by=by, scope=scope)
        else:
            getattr(depot, what)(consignment_id, by=by, scope=scope)


def walked(steps):
    depot = Depot()
    for consignment_id, tags in CONSIGNMENTS.items():
        depot.draft(consignment_id, *tags, trip=f"trip-{consignment_id}")
    for step in steps:
        for _ in range(step[6]):
            act(depot, step)
        check_always(depot)
    depot.heal()
    depot.heal()
    return depot


def check_always(depot):
    """What holds after every step, whatever crashed."""
    held = [each.state for each in depot.search.all()]
    numbers = [each.number for each in held if each.number is not None]
    assert len(set(numbers)) == len(numbers)
    for each in held:
        assert verify(each, RULES.table).valid
        assert each.state in TERM
        for reception in each.receptions:
            assert reception.accepted_g == reception.received_g - reception.refused_g
    counts = depot.numbers.counts()
    assert (
        sum(counts[use] for use in ("held", "used", "void", "returned", "free"))
        == (counts["leased"])
    )
    for key, limit_g in (("licence/licence-smelter/2026", 1_000_000), ("plan/plan-1", 5_000_000)):
        assert sum(depot.grams.left(key).values()) <= limit_g


def check_healed(depot):
    """What holds once the worker's jobs have run."""
    held = {each.state.consignment_id: each.state for each in depot.search.all()}
    passed_on = {
        (each.parent.consignment_id, tag)
        for each in held.values()
        if each.parent is not None
        for tag in each.manifest.tags
    }
    wanted = {
        tag: each.consignment_id
        for each in held.values()
        if each.number is not None and each.state not in GONE
        for tag in each.manifest.tags
        if (each.consignment_id, tag) not in passed_on
    }
    assert depot.containers.holders == wanted
    assert all(b.reservation.expires_at is None for b in depot.containers.all() if b.reservation)
    check_custody(depot, held)
    used = {
        each.number
        for each in held.values()
        if each.number and each.ended_because in (None, "lost")
    }
    entries = {e.number: e.use.value for b in depot.numbers.blocks.values() for e in b.entries}
    assert {number for number, use in entries.items() if use == "used"} == used
    assert "held" not in entries.values()
    reserved = Counter()
    for each in held.values():
        for claim in each.claims_of(Kind.GRAMS):
            reserved[claim.key] += claim.mass_g
    for key in ("licence/licence-smelter/2026", "plan/plan-1"):
        assert depot.grams.left(key)["held_g"] == reserved[key]
    assert not any(each.errands for each in held.values())


def check_custody(depot, consignments):
    """Each container is where its consignment says, and the ledger has its grams there, once."""
    moved_g = depot.containers.moved_g()
    for box in depot.containers.all():
        declared_g = next(item.net_g for item in BOXES if item.tag == box.tag)
        inside = f"{box.holder}/container/{box.tag}"
        at_first = declared_g if box.holder == "place/outlet-yard" else 0
        assert box.content_g == declared_g + moved_g.get((f"loss/{box.tag}", box.material), 0) * -1
        assert moved_g.get((inside, box.material), 0) + at_first == box.content_g
        owner = consignments.get(depot.containers.holders.get(box.tag))
        if owner is not None:
            at_a_gate = owner.parent is not None and owner.state is not State.LOST
            wanted = ContainerState.IN_TRANSIT if at_a_gate else WHERE[owner.state]
            came_back = wanted is ContainerState.RESERVED and box.fill == 1 and box.step > 2
            assert box.state is wanted or (came_back and box.state is ContainerState.RECEIVED)
            if owner.taken:
                vehicle_id = owner.manifest.carriers[owner.taken - 1].vehicle_id
                assert box.holder == f"vehicle/{vehicle_id}"


def check_told(depot):
    """Each decision was announced once."""
    types = Counter(
        (envelope.key, envelope.headers["ce_type"].split(".")[2])
        for envelope in depot.consignments.announced
    )
    for each in (stored.state for stored in depot.search.all()):
        told = {what: types[each.consignment_id, what] for what in ("sealed", "signed", "received")}
        assert told["sealed"] == (each.number is not None)
        assert told["signed"] == len(each.signatures)
        children = [reception for reception in each.receptions if reception.child_id]
        assert len(children) <= 1
        for reception in children:
            child = depot.held(reception.child_id)
            assert child.number == reception.child_number
            assert child.manifest.tags == reception.refused_tags


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, min_size=5, max_size=40))
def test_nothing_is_doubled_lost_or_left_held(steps):
    depot = walked(steps)

    check_healed(depot)
    check_told(depot)
