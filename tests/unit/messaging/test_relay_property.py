"""The relay over twins, in any schedule: owners die at any call, pause past leases, lose brokers.

The real processes are killed in tests/chaos; here thousands of schedules are drawn.
"""

from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.pickup import TOPIC
from shared.messaging.in_memory import InMemoryAggregates
from shared.messaging.in_memory_out import (
    InMemoryLeases,
    InMemoryPendingEvents,
    InMemoryProducer,
    InMemoryQuarantine,
    InMemoryTopics,
    LeaseBook,
)
from shared.messaging.leases import LEASE_MS
from shared.messaging.ports_out import NoAcknowledgement
from shared.messaging.relay import Relay
from tests.fakes.counters import Added, Counter, announce

COMMUNITIES = ("350102001001", "350102001002", "350103002005")
WRITES = frozenset({"claim", "name", "send_all", "clear", "empty"})


class Died(Exception):  # noqa: N818 - says what happened
    """The process ended here."""


class Mortal:
    """A port whose owner dies or is paused before or after its n-th write."""

    def __init__(self, port, life):
        self._port = port
        self._life = life

    def __getattr__(self, name):
        act = getattr(self._port, name)
        return self._dying(act) if name in WRITES else act

    def _dying(self, act):
        def called(*given_):
            self._life.step()
            result = act(*given_)
            self._life.step()
            return result

        return called


class Life:
    """Counts an owner's steps; at the n-th `happens` is called, once: a death or a pause."""

    def __init__(self):
        self._steps_left = 0
        self._happens = None

    def until(self, steps, happens):
        self._steps_left, self._happens = steps, happens

    def step(self):
        self._steps_left -= 1
        happens = self._happens
        if happens is not None and self._steps_left <= 0:
            self._happens = None
            happens()


def die():
    raise Died


class House:
    """A service with several relay processes over one set of documents."""

    def __init__(self, leases=InMemoryLeases):
        self.now_s = 0.0
        self._leases = leases
        self.counters = InMemoryAggregates(
            kind="counter", state_type=Counter, announce=announced_in, keeps_outbox=True
        )
        self.topics = InMemoryTopics()
        self.producer = InMemoryProducer(self.topics)
        self.quarantine = InMemoryQuarantine()
        self.book = LeaseBook(now_s=lambda: self.now_s)
        self.lives = {}
        self.relays = {}
        self.starts = 0
        self.accepted = 0

    def relay(self, owner):
        if owner not in self.relays:
            self.starts += 1
            life = Life()
            leases = self._leases(self.book, [TOPIC], owner=f"{owner}:{self.starts}")
            leases.prepare()
            self.lives[owner] = life
            self.relays[owner] = Relay(
                Mortal(InMemoryPendingEvents([self.counters]), life),
                Mortal(leases, life),
                producer=Mortal(self.producer, life),
                quarantine=self.quarantine,
            )
        return self.relays[owner]

    def accept(self, name, events):
        if name not in self.counters.get_many([name]):
            self.counters.create(name, Counter(name).add(events=events))
        else:
            self.counters.change(name, lambda held: held.add(events=events))
        self.accepted += events

    def round(self, owner, *, claims, steps=0, happens=None):
        relay = self.relay(owner)
        self.lives[owner].until(steps, happens)
        if claims:
            relay._claimed_at_s = float("-inf")
        try:
            relay.run_round()
        except (Died, NoAcknowledgement):
            del self.relays[owner]

    def heal(self):
        """Let one relay work undisturbed; what it published shows in what it publishes next."""
        self.producer.is_away = False
        self.now_s += LEASE_MS / 1000 + 1
        for name in "abcde":
            for _ in range(8):
                self.round("healer", claims=True)
            self.accept(name, 1)
        for _ in range(8):
            self.round("healer", claims=True)

    def by_place(self):
        found = defaultdict(list)
        for record in self.topics.records:
            headers = dict(record.headers)
            numbered = (int(headers["ce_sequence"]), headers["ce_id"].decode())
            found[record.partition].append(numbered)
        return found


def announced_in(event):
    community = COMMUNITIES[sum(event.name.encode()) % len(COMMUNITIES)]
    return announce(Added(event.name, event.total, community))


OWNERS = ("relay-0", "relay-1", "relay-2")
CLAIMS = st.sampled_from([True, True, True, False])
accepts = st.tuples(st.just("accept"), st.sampled_from("abcde"), st.integers(1, 4))
waits = st.tuples(st.just("wait"), st.sampled_from([0.5, 4.0, 6.0]))
brokers = st.tuples(st.just("broker"), st.booleans())


def rounds(interruptions):
    return st.tuples(st.just("round"), st.sampled_from(OWNERS), CLAIMS, interruptions)


quiet = accepts | waits | brokers | rounds(st.none())
deaths = st.tuples(st.integers(1, 12), st.just("death"))
short = st.lists(quiet, min_size=1, max_size=8)
past_the_lease = st.lists(accepts | rounds(st.none()), max_size=8).map(
    lambda steps: [("wait", 6.0), *steps]
)
pauses = st.tuples(st.integers(1, 12), short | past_the_lease)
schedules = st.lists(quiet | rounds(deaths) | rounds(pauses), max_size=30)


def play(house, step):
    match step:
        case ("accept", name, events):
            house.accept(name, events)
        case ("wait", seconds):
            house.now_s += seconds
        case ("broker", is_away):
            house.producer.is_away = is_away
        case ("round", owner, claims, None):
            house.round(owner, claims=claims)
        case ("round", owner, claims, (steps, "death")):
            house.round(owner, claims=claims, steps=steps, happens=die)
        case ("round", owner, claims, (steps, meanwhile)):
            house.round(owner, claims=claims, steps=steps, happens=others(house, owner, meanwhile))


def others(house, owner, meanwhile):
    """Return what goes on while an owner is paused: it takes no step itself."""

    def played():
        for step in meanwhile:
            if not (step[0] == "round" and step[1] == owner):
                play(house, step)

    return played


def check(house):
    found = house.by_place()
    for numbered in found.values():
        first_met = list(dict.fromkeys(numbered))
        assert [sequence for sequence, _ in first_met] == list(range(1, len(first_met) + 1))
        assert len({event_id for _, event_id in first_met}) == len(first_met)
    assert sum(len(set(numbered)) for numbered in found.values()) == house.accepted
    assert in_order_of_their_documents(house)
    assert InMemoryPendingEvents([house.counters]).oldest() == []


@settings(max_examples=1_000, deadline=None)
@given(schedules)
def test_any_schedule_publishes_each_event_in_order_under_one_dense_sequence(schedule):
    house = House()
    for step in schedule:
        play(house, step)

    house.heal()

    check(house)


class ForgetfulLeases(InMemoryLeases):
    """Leases that do not look at the epoch: a paused owner may name."""

    def name(self, batches):
        super().name([replace(b, epoch=self._book.held[b.id].lease.epoch) for b in batches])


def test_leases_without_epochs_would_be_seen():
    """An owner that is paused before it names wakes up when another has sent what it read."""
    house = House(leases=ForgetfulLeases)
    meanwhile = [("wait", 6.0), *[("round", "relay-1", True, None)] * 2]

    play(house, ("accept", "a", 2))
    play(house, ("round", "relay-0", True, (3, meanwhile)))
    house.heal()

    with pytest.raises(AssertionError):
        check(house)


def in_order_of_their_documents(house):
    """Say whether each document's events are on the topic in the order of their commits."""
    by_id = {}
    for record in house.topics.records:
        by_id.setdefault(dict(record.headers)["ce_id"].decode(), len(by_id))
    places = defaultdict(list)
    for envelope in house.counters.announced:
        places[envelope.headers["ce_subject"]].append(by_id[envelope.id])
    return all(held == sorted(held) for held in places.values())


def test_without_acknowledgement_the_relay_ends_and_nothing_is_cleared():
    house = House()
    house.accept("a", 2)
    house.producer.is_away = True

    with pytest.raises(NoAcknowledgement):
        house.relay("relay-0").run_round()

    assert len(InMemoryPendingEvents([house.counters]).oldest()) == 2
