"""Acts, lots and corrections in all orders: every gram is in one place, and all books agree."""

import contextlib
from collections import Counter
from datetime import timedelta
from functools import partial

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.tracking.application.container_desk import make_ready
from services.tracking.domain import container_custody as custody
from services.tracking.domain import container_sealing as sealing
from services.tracking.domain.container import Reservation
from services.tracking.domain.container_states import OPEN, TRANSITIONS, Act, State
from services.tracking.domain.quarantine import Resolution, TaskState, Way
from services.tracking.domain.quarantine import resolve as resolve_task
from shared.contracts.container import LotContained
from shared.contracts.container_life import ContainerSealed
from shared.kernel.clock import ManualClock
from shared.kernel.errors import Conflict, Invalid
from tests.unit.tracking.builders import (
    BY,
    COMMUNITY,
    LEAD,
    LITHIUM,
    WEIGHED_AT,
    container,
    history,
    lot,
    request,
    unloading,
)
from tests.unit.tracking.yard import Yard, desk_of

TAGS = ("GL-1", "GL-2")
TARE_G = 4_000
LOTS = st.lists(
    st.builds(
        lot,
        st.sampled_from(["lot-1", "lot-2"]),
        st.integers(0, 9_000),
        material=st.sampled_from([LEAD, LEAD, "cardboard", LITHIUM]),
        tag=st.sampled_from(["GL-1", "GL-1", "GL-2", "GL-LOST", None]),
    ),
    max_size=3,
).map(tuple)
HOLDERS = st.sampled_from(["place/outlet-1", "place/outlet-2", "party/smelter-1"])
ACTS = {
    Act.SEAL: st.builds(
        lambda gross_g, at: partial(
            sealing.seal, weighing=sealing.Weighing(gross_g, "s-1", "n", at)
        ),
        st.integers(3_900, 30_000),
        st.none() | HOLDERS,
    ),
    Act.OPEN: st.just(partial(sealing.open_up, reason="inspection")),
    Act.RESUME: st.just(sealing.resume),
    Act.RESERVE: st.builds(
        lambda name: partial(custody.reserve, reservation=Reservation(name, f"{name}:1")),
        st.sampled_from(["c-1", "c-2"]),
    ),
    Act.RELEASE: st.builds(
        lambda name: partial(custody.release, hold_id=f"{name}:1"), st.sampled_from(["c-1", "c-2"])
    ),
    Act.DEPART: st.just(partial(custody.depart, holder="vehicle/carrier-1")),
    Act.RECEIVE: HOLDERS.map(lambda at: partial(custody.receive, holder=at)),
    Act.EMPTY: (st.none() | HOLDERS).map(lambda at: partial(custody.empty, holder=at)),
    Act.CLEAN: st.just(custody.clean),
    Act.RETIRE: st.just(partial(custody.retire, reason="worn")),
    Act.DAMAGE: st.just(partial(custody.damage, reason="dropped", overpack_tag="GL-9")),
    Act.LOSE: st.just(partial(custody.lose, reason="gone")),
    Act.FIND: (st.none() | HOLDERS).map(lambda at: partial(custody.find, holder=at)),
    Act.WRITE_OFF: st.just(partial(custody.write_off, reason="search-ended")),
}
MISHAPS = frozenset({Act.DAMAGE, Act.LOSE, Act.RETIRE})


class Life(RuleBasedStateMachine):
    """Two containers, pickups that name them, and persons who do what they want."""

    def __init__(self):
        super().__init__()
        self.yard = Yard(container("GL-1", limit_g=20_000), container("GL-2", LITHIUM))
        self.yard.times = 2
        self.mishaps = 0
        self.clock = ManualClock(WEIGHED_AT)
        self.lots = {}

    def _tick(self):
        self.clock.advance(timedelta(minutes=1))
        return self.clock.now()

    @rule(lots=LOTS)
    def weigh(self, lots):
        pickup_id = f"pickup-{len(self.lots)}"
        (event,) = history(lots, pickup_id=pickup_id)
        self.lots[pickup_id] = [(self._tick(), lots)]
        self.yard.tell(event.model_copy(update={"weighed_at": self.lots[pickup_id][0][0]}))

    @precondition(lambda self: self.lots)
    @rule(lots=LOTS, data=st.data())
    def correct(self, lots, data):
        pickup_id = data.draw(st.sampled_from(sorted(self.lots)))
        told = self.lots[pickup_id]
        told.append((self._tick(), lots))
        event = history(*(each for _, each in told), pickup_id=pickup_id)[-1]
        times = {"weighed_at": told[0][0], "corrected_at": told[-1][0]}
        self.yard.tell(event.model_copy(update=times))

    @precondition(lambda self: self.lots)
    @rule(data=st.data())
    def unload(self, data):
        pickup_id = data.draw(st.sampled_from(sorted(self.lots)))
        event = unloading(pickup_id, unloading_id=f"unloading-{self.clock.now().timestamp():.0f}")
        self.yard.tell(event.model_copy(update={"unloaded_at": self._tick()}))

    @rule(tag=st.sampled_from(TAGS), name=st.sampled_from(sorted(ACTS)), data=st.data())
    def act(self, tag, name, data):
        self._do(tag, name, data.draw(ACTS[name]))

    @rule(tag=st.sampled_from(TAGS), data=st.data())
    def act_as_the_table_allows(self, tag, data):
        state = self.yard.container(tag).state
        names = [name for name in sorted(ACTS) if (state, name) in TRANSITIONS]
        usual = [name for name in names if name not in MISHAPS]
        if usual:
            name = data.draw(st.sampled_from(usual))
            self._do(tag, name, data.draw(ACTS[name]))
        elif state is State.CLEANED:
            self.ready(tag)

    def _do(self, tag, name, doing):
        """Do an act, or see that it changes nothing. A mishap ends much, so there is one a life."""
        self.mishaps += name in MISHAPS
        if name in MISHAPS and self.mishaps > 1:
            return
        before = self.yard.containers.get(tag)
        try:
            after = self.yard.act(tag, doing, at=self._tick())
        except (Conflict, Invalid):
            assert self.yard.containers.get(tag) == before
        else:
            unchanged = name in (Act.RESERVE, Act.RELEASE) and after == before.state
            assert unchanged or (before.state.state, name) in TRANSITIONS
        self.yard.follow()

    @rule(tag=st.sampled_from(TAGS))
    def ready(self, tag):
        self._tick()
        desk = desk_of(self.yard, self.clock)
        with contextlib.suppress(Conflict):
            make_ready(tag, by=BY, desk=desk, request=request(f"ready-{self.clock.now()}"))
        self.yard.follow()

    @rule(data=st.data(), way=st.sampled_from(Way), tag=st.sampled_from(TAGS))
    def resolve(self, data, way, tag):
        waiting = [each for each in self.yard.all_tasks() if each.state is TaskState.OPEN]
        if not waiting:
            return
        task = data.draw(st.sampled_from(waiting))
        targets = {Way.TO_CONTAINER: tag, Way.TO_PLACE: "outlet-1"}
        resolution = Resolution(0, way, targets.get(way), "seen", BY, self._tick())
        self.yard.tasks.change(task.task_id, partial(resolve_task, resolution=resolution))
        self.yard.follow()

    @invariant()
    def containers_and_ledger_agree(self):
        balances = self.yard.ledger_g(self.lots)
        for tag in TAGS:
            held = self.yard.container(tag)
            account = f"{held.holder}/container/{tag}"
            in_it = {m: g for (a, m), g in balances.items() if a.endswith(f"/container/{tag}")}
            assert in_it == {each.material: each.mass_g for each in held.content}
            there = {m: g for (a, m), g in balances.items() if a == account}
            assert there == in_it

    @invariant()
    def nothing_is_lost(self):
        balances = self.yard.ledger_g(self.lots)
        given, kept = Counter(), Counter()
        for told in self.lots.values():
            for each in told[-1][1]:
                given[each.material] += each.mass_g
        for (account, material), mass_g in balances.items():
            kept[material] += mass_g if account != f"household/{COMMUNITY}" else 0
        assert {m: g for m, g in given.items() if g} == {m: g for m, g in kept.items() if g}

    @invariant()
    def quarantine_is_what_tasks_say(self):
        ledger = Counter()
        for (account, material), mass_g in self.yard.ledger_g(self.lots).items():
            ledger[material] += mass_g if account.startswith("quarantine/") else 0
        tasks = Counter()
        for task in self.yard.all_tasks():
            tasks[task.material] += task.mass_g
            assert task.mass_g >= 0
            assert (task.state is TaskState.OPEN) == (task.mass_g > 0)
        assert +ledger == +tasks

    @invariant()
    def a_seal_freezes_the_net(self):
        for tag in TAGS:
            held = self.yard.container(tag)
            if held.seal is not None and held.state is not State.WRITTEN_OFF:
                assert held.content_g == held.seal.net_g
                assert held.state not in OPEN

    @invariant()
    def steps_are_dense(self):
        steps = {tag: [] for tag in TAGS}
        for event in self.yard.told():
            if getattr(event, "step", None) is not None:
                steps[event.container_id].append(event.step)
        assert all(told == list(range(1, len(told) + 1)) for told in steps.values())

    @invariant()
    def what_is_told_adds_up_to_what_came_in(self):
        told, came = Counter(), Counter()
        for event in self.yard.told(LotContained):
            told[event.container_id, event.material] += event.mass_delta_g
        present = [self.yard.container(tag) for tag in TAGS]
        # A damaged one is refused a new fill once its present one is in the archive.
        fills = {**self.yard.fills.fills, **{(each.tag, each.fill): each for each in present}}
        for fill in fills.values():
            for share in (share for deposit in fill.deposits for share in deposit.shares):
                came[fill.tag, share.material] += share.mass_g
        assert {k: g for k, g in told.items() if g} == {k: g for k, g in came.items() if g}

    @invariant()
    def differences_are_signed_by_the_scale(self):
        for event in self.yard.told(ContainerSealed):
            assert (
                event.net_g
                == event.gross_g - event.tare_g
                == sum(each.mass_g for each in event.content)
            )
            assert event.lots_g - event.net_g == sum(each.mass_g for each in event.difference)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)
