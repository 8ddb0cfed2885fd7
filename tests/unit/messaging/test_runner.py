"""The runner over twins: order, repeats, gaps, other owners, and dependencies that are away."""

from dataclasses import replace

import pytest

from shared.contracts.pickup import PickupCancelled
from shared.kernel.errors import Unavailable
from shared.messaging.ports_in import OwnershipLost
from shared.messaging.reactions import Effect, Reaction
from shared.messaging.runner import SequenceBroken
from tests.fakes.reactions import CountingHouse


@pytest.fixture
def house():
    return CountingHouse()


def test_counts_each_event_once(house):
    for name in ("a", "b", "a"):
        house.write(name)

    house.runner.run_round()

    assert house.totals() == {"a": 2, "b": 1}


def test_an_event_may_concern_several_entities(house):
    house.write("a:b:c")

    house.runner.run_round()

    assert house.totals() == {"a": 1, "b": 1, "c": 1}


def test_a_new_process_goes_on_where_the_cursor_is(house):
    house.write("a")
    house.runner.run_round()
    house.restart()
    house.write("a")

    house.runner.run_round()

    assert house.totals() == {"a": 2}


def test_drops_a_repeat(house):
    first = house.write("a")
    house.records.append(replace(first, offset=1))

    house.runner.run_round()

    assert house.totals() == {"a": 1}
    assert house.cursors.claim(first.topic, 0).duplicates == 1


def test_the_whole_topic_sent_again_counts_nothing(house):
    for name in ("a", "b", "a"):
        house.write(name)
    house.runner.run_round()
    house.records.extend([replace(each, offset=each.offset + 3) for each in house.records])

    house.runner.run_round()

    assert house.totals() == {"a": 2, "b": 1}


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


def test_stops_where_the_topic_was_made_anew(house):
    for _ in range(3):
        house.write("a")
    house.runner.run_round()
    house.source.seek((house.records[0].topic, 0), 0)  # as Kafka does when an offset is gone

    with pytest.raises(SequenceBroken):
        house.runner.run_round()


def test_one_who_is_no_longer_the_owner_moves_no_cursor(house):
    first = house.write("a")
    house.runner.run_round()
    house.cursors.claim(first.topic, 0)
    house.write("a")

    with pytest.raises(OwnershipLost):
        house.runner.run_round()

    assert house.cursors.claim(first.topic, 0).next_offset == 1


def test_waits_for_a_dependency_a_bounded_time_and_keeps_the_cursor(house):
    first = house.write("a")
    house.away = {"a"}

    with pytest.raises(Unavailable):
        house.runner.run_round()

    assert 10 < sum(house.pauses) < 15
    assert house.codes() == []
    assert house.cursors.claim(first.topic, 0).next_offset == 0


def test_refuses_two_effects_of_one_type():
    effect = Effect(None, lambda _: [], lambda *_: None)

    with pytest.raises(ValueError, match="needs one effect"):
        Reaction("g", {PickupCancelled: [effect, effect]})


def test_is_past_the_ends_when_it_owns_the_partitions_and_applied_them(house):
    topic = house.write("a").topic
    ends = {(topic, 0): 2, (topic, 1): 0}

    before = house.runner.is_past(ends)
    house.runner.run_round()
    half = house.runner.is_past(ends)
    house.write("b")
    house.runner.run_round()

    assert (before, half, house.runner.is_past(ends)) == (False, False, True)
