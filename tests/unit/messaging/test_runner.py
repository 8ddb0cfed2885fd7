"""The runner over twins: order, repeats, gaps, refusals, bugs and replays."""

from dataclasses import replace

import pytest

from shared.contracts.codec import RawRecord, wire_headers
from shared.contracts.pickup import PickupCancelled
from shared.kernel.errors import Rejected
from shared.messaging.in_memory import InMemoryAggregates
from shared.messaging.in_memory_in import InMemoryCursors, InMemoryDeadLetters, InMemorySource
from shared.messaging.reactions import Effect, Reaction
from shared.messaging.runner import Runner, SequenceBroken
from tests.fakes.counters import Added, Counter, announce


class House:
    """A reaction that counts by name; names in `refused` and `broken` do not work."""

    def __init__(self):
        self.counters = InMemoryAggregates(kind="counter", state_type=Counter, announce=announce)
        self.cursors = InMemoryCursors()
        self.letters = InMemoryDeadLetters(group="g")
        self.source = InMemorySource()
        self.refused, self.broken = set(), set()
        self.restart()

    def restart(self):
        """Begin again as a new process over the same durable things."""
        effect = Effect(self.counters, lambda event: [event.data.pickup_id], self.decide)
        reaction = Reaction("g", {PickupCancelled: [effect]})
        self.source = InMemorySource(self.source.records)
        self.runner = Runner(reaction, self.source, cursors=self.cursors, letters=self.letters)
        self.source.subscribe((), assigned=self.runner._assigned, revoked=self.runner._revoked)

    def decide(self, name, held, _event):
        if name in self.refused:
            raise Rejected("counter.refused")
        if name in self.broken:
            raise ZeroDivisionError
        return (held or Counter(name)).add(events=0)

    def write(self, name, *, sequence=None, value=None):
        offset = len(self.source.records)
        record = announce(Added(name, 0))
        headers = wire_headers(record.headers, sequence=sequence or offset + 1)
        raw = RawRecord(record.topic, 0, offset, b"k", value or record.value, headers)
        self.source.records.append(raw)
        return raw

    def total(self, name):
        return self.counters.get(name).state.total


@pytest.fixture
def house():
    return House()


def test_counts_each_event_once(house):
    for name in ("a", "b", "a"):
        house.write(name)

    house.runner.run_round()

    assert (house.total("a"), house.total("b")) == (2, 1)


def test_a_new_process_goes_on_where_the_cursor_is(house):
    house.write("a")
    house.runner.run_round()
    house.restart()
    house.write("a")

    house.runner.run_round()

    assert house.total("a") == 2


def test_drops_a_repeat(house):
    first = house.write("a")
    house.source.records.append(replace(first, offset=1))

    house.runner.run_round()

    assert house.total("a") == 1
    assert house.cursors.claim(first.topic, 0).duplicates == 1


def test_stops_on_a_gap(house):
    house.write("a")
    house.write("a", sequence=5)

    with pytest.raises(SequenceBroken):
        house.runner.run_round()


def test_stops_where_the_newest_sequence_has_another_id(house):
    house.write("a")
    house.write("a", sequence=1)

    with pytest.raises(SequenceBroken):
        house.runner.run_round()


def test_a_refused_event_is_buried_and_the_others_count(house):
    house.refused = {"bad"}
    for name in ("a", "bad", "a"):
        house.write(name)

    house.runner.run_round()

    assert house.total("a") == 2
    assert [letter.code for letter in house.letters.letters.values()] == ["counter.refused"]


def test_a_bug_stops_the_process_and_is_buried_at_its_third_crash(house):
    house.broken = {"bad"}
    for name in ("a", "bad", "a"):
        house.write(name)

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            house.runner.run_round()
        house.restart()
    house.runner.run_round()

    assert house.total("a") == 2
    assert [letter.code for letter in house.letters.letters.values()] == ["bug"]


def test_a_replayed_letter_counts_once_however_often_it_is_asked_for(house):
    house.refused = {"late"}
    house.write("late")
    house.runner.run_round()
    house.refused = set()
    (name,) = house.letters.letters

    for _ in range(2):
        house.letters.want_back(name)
        house.runner._keep_house()

    assert house.total("late") == 1
    assert house.letters.waiting() == 0
