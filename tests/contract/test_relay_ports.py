"""The contract of the relay's ports but its producer: twins and real adapters keep the same one."""

from dataclasses import replace

import pytest

from shared.contracts.route import TOPIC
from shared.kernel.errors import Unavailable
from shared.messaging.in_memory import InMemoryAggregates
from shared.messaging.in_memory_out import (
    InMemoryLeases,
    InMemoryPendingEvents,
    InMemoryQuarantine,
    LeaseBook,
)
from shared.messaging.leases import MongoLeases
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.pending import MongoPendingEvents
from shared.messaging.quarantine import MongoQuarantine
from tests.fakes.counters import Counter, announce
from tests.polling import eventually

SHORT_MS = 40
LONG_MS = 60_000


@pytest.fixture(params=["in-memory", "mongo"])
def owner_of(request):
    """Return what makes an owner of the same leases, by name."""
    if request.param == "in-memory":
        book = LeaseBook()
        return lambda name, lease_ms=LONG_MS: prepared(
            InMemoryLeases(book, [TOPIC], owner=name, lease_ms=lease_ms)
        )
    collection = request.getfixturevalue("fresh_database")["relay"]
    return lambda name, lease_ms=LONG_MS: prepared(
        MongoLeases(collection, [TOPIC], owner=name, lease_ms=lease_ms)
    )


def prepared(leases):
    leases.prepare()
    return leases


@pytest.fixture(params=["in-memory", "mongo"])
def outbox(request):
    """Return counters and what is pending of them."""
    kind = {"kind": "counter", "state_type": Counter, "announce": announce}
    if request.param == "in-memory":
        counters = InMemoryAggregates(**kind, keeps_outbox=True)
        return counters, InMemoryPendingEvents([counters])
    collection = request.getfixturevalue("fresh_database")["counters"]
    counters = MongoAggregates(collection, **kind)
    counters.prepare()
    return counters, MongoPendingEvents([collection])


@pytest.fixture(params=["in-memory", "mongo"])
def quarantine(request):
    if request.param == "in-memory":
        return InMemoryQuarantine()
    return MongoQuarantine(request.getfixturevalue("fresh_database")["quarantine"])


def batch(lease, *ids):
    return replace(lease, ids=ids)


def test_the_first_owner_gets_every_partition_from_its_first_sequence_on(owner_of):
    leases = owner_of("one").claim()

    assert sorted(lease.partition for lease in leases) == list(range(TOPIC.partitions))
    assert {(lease.topic, lease.first, lease.ids) for lease in leases} == {(TOPIC.name, 1, ())}


def test_a_live_lease_is_nobody_elses(owner_of):
    owner_of("one").claim()

    assert owner_of("other").claim() == []


def test_a_renewal_keeps_the_epoch(owner_of):
    one = owner_of("one")

    assert one.claim() == one.claim() == one.owned()


def test_an_expired_lease_goes_over_with_its_batch_under_a_new_epoch(owner_of):
    one, other = owner_of("one", SHORT_MS), owner_of("other")
    lease = one.claim()[0]
    one.name([batch(lease, "a", "b")])

    taken = eventually(other.claim, within_s=5)

    found = next(each for each in taken if each.id == lease.id)
    assert (found.ids, found.first) == (("a", "b"), 1)
    assert found.epoch > lease.epoch
    assert one.owned() == []


def test_a_former_owner_names_and_empties_nothing(owner_of):
    one, other = owner_of("one", SHORT_MS), owner_of("other")
    named, free = one.claim()[:2]
    one.name([batch(named, "a")])
    eventually(other.claim, within_s=5)

    one.name([batch(free, "late")])
    one.empty([batch(named, "a")])

    held = {lease.id: lease for lease in other.owned()}
    assert (held[named.id].ids, held[free.id].ids) == (("a",), ())


def test_a_released_lease_is_free_at_once(owner_of):
    one, other = owner_of("one"), owner_of("other")
    one.claim()

    one.release()

    assert len(other.claim()) == TOPIC.partitions


def test_a_named_batch_is_not_named_over(owner_of):
    one = owner_of("one")
    lease = one.claim()[0]
    one.name([batch(lease, "a")])

    one.name([batch(lease, "b")])

    assert next(each for each in one.owned() if each.id == lease.id).ids == ("a",)


def test_an_emptied_batch_moves_the_sequence_behind_it_once(owner_of):
    one = owner_of("one")
    done = batch(one.claim()[0], "a", "b", "c")
    one.name([done])

    for _ in range(2):
        one.empty([done])

    held = next(each for each in one.owned() if each.id == done.id)
    assert (held.first, held.ids) == (4, ())


def test_preparing_again_forgets_nothing(owner_of):
    one = owner_of("one")
    one.name([batch(one.claim()[0], "a")])

    one.prepare()

    assert [lease.ids for lease in one.owned() if lease.ids] == [("a",)]


def test_what_waits_comes_in_the_order_in_which_each_document_announced_it(outbox):
    counters, pending = outbox
    counters.create("a", Counter("a").add(events=2))
    counters.change("a", lambda held: held.add(events=3))

    found = pending.oldest()

    assert [entry.document_id for entry in found] == ["a"] * 5
    assert [entry.value for entry in found] == sorted(
        (entry.value for entry in found), key=lambda value: b"total-2" in value
    )


def test_what_is_cleared_waits_no_more_and_nothing_else_goes(outbox):
    counters, pending = outbox
    for name in ("a", "b"):
        counters.create(name, Counter(name).add(events=2))
    first, *others = pending.oldest()

    for _ in range(2):
        pending.clear([first])

    assert [entry.id for entry in pending.oldest()] == [entry.id for entry in others]
    assert pending.among([first.id, others[0].id]) == [
        each for each in pending.oldest() if each.id == others[0].id
    ]


def test_a_document_announces_no_more_while_64_of_its_events_wait(outbox):
    counters, pending = outbox
    counters.create("a", Counter("a").add(events=64))

    with pytest.raises(Unavailable) as refused:
        counters.change("a", lambda held: held.add())
    pending.clear(pending.oldest())
    counters.change("a", lambda held: held.add())

    assert refused.value.code == "outbox.full"
    assert len(pending.oldest()) == 1


def test_an_entry_is_set_apart_once(outbox, quarantine):
    counters, pending = outbox
    counters.create("a", Counter("a").add())
    (entry,) = pending.oldest()

    for reason in ("relay.too_large", "relay.unknown_topic"):
        quarantine.keep(entry, reason)

    assert quarantine.count() == 1
