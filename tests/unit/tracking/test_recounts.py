"""A count says what lay there at its time, whatever is told late, in whatever order, how often."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.tracking.application.stockkeeping import (
    Noticed,
    Yard,
    record,
    recount,
    reverse,
    take_stock,
)
from services.tracking.domain import stock
from services.tracking.domain.stock import LATE_FACTS, Act, Amount, StockMovement, place
from shared.kernel.aggregate import Decision
from shared.kernel.clock import ManualClock
from shared.messaging.in_memory import InMemoryAggregates
from tests.unit.collection.builders import plain_request

START = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
HUB, PET, GLASS = "hub", "pet-bottles", "glass"


def at(minute):
    return START + timedelta(minutes=minute)


class Ground:
    """A place, its books by walking over all that is recorded, and the job that follows counts."""

    def __init__(self):
        self.movements = InMemoryAggregates(
            kind="stock_movement", state_type=StockMovement, announce=lambda event: event
        )
        self.yard = Yard(self.movements, self, ManualClock(at(999)))
        self.ids = []
        self.is_blind = False  # rows of balances are a second behind

    def all(self):
        return [each.state for each in self.movements.get_many(dict.fromkeys(self.ids)).values()]

    def _sum(self, instant, without=lambda _movement: False):
        sums = Counter()
        for movement in self.all():
            for entry in movement.entries if not without(movement) else ():
                for each in entry.postings if entry.at <= instant else ():
                    if each.account == place(HUB):
                        sums[each.unit.kind] += each.amount
        return sums

    def held(self, of, *, at=None):
        """`Stock.held` of a place, and `Counts.held` of a count."""
        if at is not None:
            return Counter() if self.is_blind else self._sum(at)
        when, name = of.act.happened_at, of.act.movement_id

        def without(other):
            is_count = other.kind == stock.COUNT and other.act.happened_at == when
            return is_count and other.act.movement_id >= name

        return self._sum(when, without)

    def waiting(self, *, limit):
        counts = [each for each in self.all() if each.kind == stock.COUNT]
        counts.sort(key=lambda each: (each.act.happened_at, each.act.movement_id))
        return [Noticed(each.act.movement_id, 0) for each in counts][:limit]

    def settle(self, noticed):
        """Every count is looked at in every round."""

    def act(self, name, minute):
        self.ids.append(name)
        return Act(name, HUB, at(minute), at(999), "operator-1", "usual")

    def arrive(self, name, minute, mass_g, material=PET):
        moved = stock.differ(self.act(name, minute), [Amount(material, mass_g)])
        record(moved, yard=self.yard, request=plain_request(name))

    def count(self, name, minute, mass_g, material=PET):
        counted = [Amount(material, mass_g)]
        act = self.act(name, minute)
        take_stock(act, counted, yard=self.yard, request=plain_request(name))

    def follow(self):
        return recount(movements=self.movements, counts=self)


def late_postings(ground):
    return [e for each in ground.all() for e in each.entries if e.reason == LATE_FACTS]


def test_what_is_told_late_of_before_the_count_is_posted_with_its_reason():
    ground = Ground()
    ground.arrive("a", 0, 100)
    ground.count("c", 10, 95)
    ground.arrive("late", 5, 30)
    ground.arrive("after", 11, 7)

    rounds = [ground.follow(), ground.follow()]

    (posted,) = late_postings(ground)
    assert rounds == [1, 0]
    assert (posted.at, {p.account: p.amount for p in posted.postings}) == (
        at(10),
        {"difference/hub": 30, "place/hub": -30},
    )
    assert (ground._sum(at(10))[PET], ground._sum(at(999))[PET]) == (95, 102)


def test_a_later_count_is_spared_what_an_earlier_one_takes():
    ground = Ground()
    ground.count("c-1", 10, 50)
    ground.count("c-2", 20, 60)
    ground.arrive("late", 5, 30)

    assert ground.follow() == 1
    assert [ground._sum(at(10))[PET], ground._sum(at(20))[PET]] == [50, 60]
    assert len(late_postings(ground)) == 1


def test_a_count_that_was_undone_follows_nothing():
    ground = Ground()
    ground.count("c", 10, 50)
    ground.arrive("late", 5, 30)
    ground.follow()
    reverse("c", reason="mistake", yard=ground.yard, request=plain_request("undo"))
    ground.arrive("later", 6, 1)

    assert ground.follow() == 0
    assert ground._sum(at(999))[PET] == 31


def test_a_worker_that_is_overtaken_changes_nothing():
    ground = Ground()
    ground.count("c", 10, 50)
    ground.arrive("late", 5, 30)
    overtaken = ground.held

    def held(of, *, at=None):
        found = overtaken(of, at=at)
        if at is None and not late_postings(ground):
            ground.movements.change("c", lambda state: Decision(state.recount(found)))
        return found

    ground.held = held
    ground.follow()

    assert len(late_postings(ground)) == 1
    assert ground._sum(at(10))[PET] == 50


FACTS = st.tuples(
    st.just("fact"), st.integers(0, 30), st.integers(1, 50), st.sampled_from([PET, GLASS])
)
COUNTS = st.tuples(
    st.just("count"), st.integers(0, 30), st.integers(0, 90), st.sampled_from([PET, GLASS])
)


@settings(max_examples=300, deadline=None)
@given(st.lists(FACTS | COUNTS, max_size=10), st.data())
def test_every_count_holds_whatever_comes_in_whatever_order(steps, data):
    ground = Ground()
    named = [(f"m-{number}", step) for number, step in enumerate(steps)]
    told = data.draw(st.permutations([*named, *named[::3]]))
    for name, (what, minute, mass_g, material) in told:
        ground.is_blind = data.draw(st.booleans())
        (ground.arrive if what == "fact" else ground.count)(name, minute, mass_g, material)
        if data.draw(st.booleans()):
            ground.follow()
    ground.follow()

    for movement in ground.all():
        if movement.kind == stock.COUNT:
            last = max(
                (
                    each
                    for each in ground.all()
                    if each.kind == stock.COUNT
                    and each.act.happened_at == movement.act.happened_at
                    and each.counted[0].material == movement.counted[0].material
                ),
                key=lambda each: each.act.movement_id,
            )
            (counted,) = last.counted
            assert ground._sum(movement.act.happened_at)[counted.material] == counted.mass_g
    assert ground.follow() == 0
    for movement in ground.all():
        for entry in movement.entries:
            assert sum(each.amount for each in entry.postings) == 0


def test_old_counts_that_do_not_say_what_they_counted_stay_as_they_are():
    ground = Ground()
    ground.count("c", 10, 50)
    old = replace(ground.movements.get("c").state, counted=())

    assert old.recount(Counter({PET: 99})) == old
