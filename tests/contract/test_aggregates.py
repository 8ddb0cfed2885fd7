"""The contract of `Aggregates` and `Reacting`: the twin and the real adapter keep the same one."""

from dataclasses import replace

import pytest

from shared.kernel.aggregate import Decision, StaffAct, put
from shared.kernel.errors import Conflict, Invalid, NotFound, Rejected, Stale, Unavailable
from shared.messaging.documents import REQUESTS_MAX
from shared.messaging.in_memory import InMemoryAggregates
from shared.messaging.marks import Mark
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.ports import EntityChange
from tests.fakes.counters import COMMUNITY, Counter, announce, request

COUNTERS = {
    "kind": "counter",
    "state_type": Counter,
    "announce": announce,
    "audited": lambda counter: COMMUNITY,
}
STAFF = StaffAct("city-1", "operator", "POST /v1/counters/{counter_id}")


@pytest.fixture(params=["in-memory", "mongo"])
def counters(request):
    if request.param == "in-memory":
        return InMemoryAggregates(**COUNTERS)
    database = request.getfixturevalue("fresh_database")
    made = MongoAggregates(database["counters"], **COUNTERS)
    made.prepare()
    return made


def change(entity_id, last, decide, by="group@1|topic|0"):
    return EntityChange(entity_id, Mark(by, last), decide)


def adding(amount=1):
    return lambda held: (held or Counter("c")).add(amount)


def test_gives_back_what_was_created(counters):
    counters.create("c", Counter("c").add(3))

    stored = counters.get("c")

    assert (stored.version, stored.state) == (1, Counter("c", 3))


def test_refuses_to_create_a_taken_id(counters):
    counters.create("c", Decision(Counter("c")))

    with pytest.raises(Conflict) as refused:
        counters.create("c", Decision(Counter("c", 9)))

    assert refused.value.code == "counter.exists"


def test_says_that_there_is_no_such_thing(counters):
    with pytest.raises(NotFound):
        counters.get("nobody")
    with pytest.raises(NotFound):
        counters.change("nobody", lambda held: held.add())


def test_a_repeated_creation_gets_the_first_answer(counters):
    first = counters.create("c", Counter("c").add(3), request=request())

    second = counters.create("c", Counter("c").add(5), request=request())

    assert second.answer == first.answer
    assert counters.get("c").state.total == 3


class Rival:
    """Aggregates in which somebody else creates a thing just before the caller does."""

    def __init__(self, counters):
        self.change, self._create = counters.change, counters.create

    def create(self, entity_id, decision, *, request=None):
        self._create(entity_id, Decision(Counter(entity_id, 7)))
        return self._create(entity_id, decision, request=request)


def test_what_is_put_is_there_whoever_made_it_meanwhile(counters):
    first = put(Rival(counters), "c", Counter("c", 1), request=request("a"))
    again = put(counters, "c", Counter("c", 1), request=request("a"))
    second = put(counters, "c", Counter("c", 2), request=request("b"))

    assert (first.version, again.version, second.version) == (2, 2, 3)
    assert again.answer == first.answer
    assert counters.get("c").state.total == 2


def test_a_repeated_change_gets_the_first_answer_and_happens_once(counters):
    counters.create("c", Decision(Counter("c")))
    first = counters.change("c", lambda held: held.add(3), request=request())
    counters.change("c", lambda held: held.add(10))

    second = counters.change("c", lambda held: held.add(3), request=request())

    assert second.answer == first.answer
    assert counters.get("c").state.total == 13


def test_reads_the_answer_of_a_request_that_was_done(counters):
    first = counters.create("c", Counter("c").add(3), request=request())
    counters.change("c", lambda held: held.add(10))

    assert counters.get("c", request=request()).answer == first.answer
    assert counters.get("c", request=request(scope="another")).answer is None


def test_a_change_that_begins_with_what_was_read_is_as_any_other(counters):
    counters.create("c", Counter("c").add(1))
    read = counters.get("c")

    first = counters.change("c", lambda held: held.add(2), request=request(), known=read)
    second = counters.change("c", lambda held: held.add(4), known=first)

    assert (second.version, counters.get("c").state.total) == (3, 7)


def test_a_change_that_begins_with_what_is_out_of_date_is_made_on_the_present(counters):
    counters.create("c", Counter("c").add(1))
    read = counters.get("c")
    first = counters.change("c", lambda held: held.add(2), request=request())

    again = counters.change("c", lambda held: held.add(2), request=request(), known=read)
    counters.change("c", lambda held: held.add(4), known=read)
    with pytest.raises(Stale):
        counters.change("c", lambda held: held.add(8), expected_version=1, known=read)

    assert again.answer == first.answer
    assert counters.get("c").state.total == 7


def test_refuses_a_used_key_with_another_body(counters):
    counters.create("c", Decision(Counter("c")), request=request(body="one"))

    with pytest.raises(Invalid) as refused:
        counters.change("c", lambda held: held.add(), request=request(body="two"))

    assert refused.value.code == "idempotency.body_differs"


def test_refuses_a_change_meant_for_another_version(counters):
    counters.create("c", Decision(Counter("c")))
    counters.change("c", lambda held: held.add())

    with pytest.raises(Stale):
        counters.change("c", lambda held: held.add(), expected_version=1)

    assert counters.get("c").state.total == 1


def test_keeps_nothing_of_a_decision_that_was_refused(counters):
    counters.create("c", Decision(Counter("c")))

    def refuse(_held):
        raise Rejected("counter.no")

    with pytest.raises(Rejected):
        counters.change("c", refuse)

    assert counters.get("c").version == 1


def test_an_event_creates_an_entity_that_was_awaited(counters):
    counters.apply([change("new", 1, adding(2))])

    assert counters.get("new").state.total == 2


def test_an_event_counts_once_however_often_it_comes(counters):
    for _ in range(3):
        counters.apply([change("c", 1, adding(5))])

    assert counters.get("c").state.total == 5


def test_several_events_of_one_poll_count_in_order(counters):
    changes = [change("c", number, adding(10**number)) for number in (1, 2, 3)]

    counters.apply([*changes, changes[1]])

    assert counters.get("c").state.total == 1110


def test_readers_have_marks_of_their_own(counters):
    counters.apply([change("c", 7, adding(), by="one")])
    counters.apply([change("c", 1, adding(), by="other")])

    assert counters.get("c").state.total == 2


def test_none_writes_nothing(counters):
    counters.apply([change("c", 1, lambda held: None)])

    with pytest.raises(NotFound):
        counters.get("c")


def test_gets_many_that_exist(counters):
    counters.create("a", Decision(Counter("a")))
    counters.create("b", Decision(Counter("b")))

    assert set(counters.get_many(["a", "b", "c"])) == {"a", "b"}


def by_staff(scope):
    return replace(request(scope=scope), staff=STAFF)


def recorded(counters, entity_id="c"):
    if isinstance(counters, InMemoryAggregates):
        return counters._documents[entity_id].get("audits", [])
    return counters.collection.find_one({"_id": entity_id}).get("audits", [])


def test_an_act_of_staff_is_recorded_once_in_the_update_that_it_makes(counters):
    counters.create("c", Decision(Counter("c")), request=by_staff("create"))
    for _ in range(2):
        counters.change("c", lambda held: held.add(), request=by_staff("change"))
    counters.change("c", lambda held: held.add(), request=request(scope="own"))

    found = recorded(counters)

    assert [each["id"] for each in found] == ["create", "change"]
    assert {name: value for name, value in found[1].items() if name != "at"} == {
        "id": "change",
        "actor": "city-1",
        "role": "operator",
        "act": STAFF.act,
        "kind": "counter",
        "object_id": "c",
        "community_code": COMMUNITY,
    }


def test_an_act_that_was_refused_is_not_recorded(counters):
    counters.create("c", Decision(Counter("c")))

    def refuse(_held):
        raise Rejected("counter.no")

    with pytest.raises(Rejected):
        counters.change("c", refuse, request=by_staff("change"))

    assert recorded(counters) == []


def test_a_forgotten_answer_is_neither_given_nor_made_again(counters):
    counters.create("c", Decision(Counter("c")), request=request(scope="old"))
    forget = request(scope="erase")
    counters.change("c", lambda held: Decision(held, forgets=True), request=forget)

    with pytest.raises(Conflict) as refused:
        counters.change("c", lambda held: held.add(), request=request(scope="old"))
    with pytest.raises(Conflict):
        counters.create("c", Decision(Counter("c")), request=request(scope="old"))
    again = counters.change("c", lambda held: held.add(), request=forget)

    assert refused.value.code == "idempotency.forgotten"
    assert (again.answer.body, again.state.total) == (b"0", 0)


def test_an_erasure_is_not_refused_for_the_number_of_requests(counters):
    counters.create("c", Decision(Counter("c")))
    for number in range(REQUESTS_MAX):
        counters.change("c", lambda held: held.add(), request=request(scope=f"{number}"))

    with pytest.raises(Unavailable):
        counters.change("c", lambda held: held.add(), request=request(scope="one more"))
    counters.change("c", lambda held: Decision(held, forgets=True), request=request(scope="erase"))

    with pytest.raises(Conflict):
        counters.change("c", lambda held: held.add(), request=request(scope="0"))
