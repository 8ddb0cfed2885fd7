"""What only the real adapter promises: races, pending events, bounds."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.kernel.aggregate import Decision
from shared.kernel.errors import Unavailable
from shared.messaging.marks import Mark
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import connect, database
from shared.messaging.outbox_bound import OutboxBound
from shared.messaging.pending import MongoPendingEvents
from shared.messaging.ports import EntityChange
from shared.messaging.reconciliation import reconcile
from tests.fakes.counters import Counter, announce, request


@pytest.fixture
def counters(fresh_database):
    return counters_in(fresh_database)


def counters_in(db, **options):
    made = MongoAggregates(
        db["counters"], kind="counter", state_type=Counter, announce=announce, **options
    )
    made.prepare()
    return made


def test_racing_changes_are_all_kept(counters):
    counters.create("c", Decision(Counter("c")))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: counters.change("c", lambda held: held.add()), range(30)))

    assert counters.get("c").state.total == 30


def test_racing_repeats_of_one_request_happen_once(counters):
    counters.create("c", Decision(Counter("c")))

    def once(_):
        return counters.change("c", lambda held: held.add(), request=request()).answer

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(once, range(12)))

    assert counters.get("c").state.total == 1
    assert len(answers) == 1


def test_racing_readers_count_an_event_once(counters):
    same = EntityChange("c", Mark("r", 1), lambda held: (held or Counter("c")).add())

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: counters.apply([same]), range(12)))

    assert counters.get("c").state.total == 1


def test_what_a_document_announces_waits_in_it_until_it_is_cleared(counters, fresh_database):
    counters.create("c", Counter("c").add())
    pending = MongoPendingEvents([fresh_database["counters"]])
    (entry,) = pending.oldest()

    pending.clear([entry])
    counters.change("c", lambda held: held.add())

    assert [each.id for each in pending.oldest()] != [entry.id]
    assert len(pending.oldest()) == 1
    assert reconcile(fresh_database, collections=["counters"])["accepted"] == 2


def test_refuses_more_than_64_pending_events_of_one_document(counters):
    counters.create("c", Counter("c").add(events=64))

    with pytest.raises(Unavailable) as refused:
        counters.change("c", lambda held: held.add())

    assert refused.value.code == "outbox.full"


def test_with_kafka_down_commands_go_on_up_to_the_bound_then_503(fresh_database):
    bound = OutboxBound([fresh_database["counters"]], documents_max=3)
    counters = counters_in(fresh_database, bound=bound)
    for name in ("a", "b", "c"):
        counters.create(name, Counter(name).add())
    late = counters_in(
        fresh_database, bound=OutboxBound([fresh_database["counters"]], documents_max=3)
    )

    with pytest.raises(Unavailable) as refused:
        late.create("d", Counter("d").add())

    assert refused.value.code == "outbox.backlog"
    assert refused.value.retry_after_s > 0


def test_a_database_that_does_not_answer_is_unavailable():
    with connect("mongodb://127.0.0.1:9/?directConnection=true", name="nobody") as client:
        counters = MongoAggregates(
            database(client, "none")["counters"],
            kind="counter",
            state_type=Counter,
            announce=announce,
        )

        with pytest.raises(Unavailable):
            counters.get("c")
