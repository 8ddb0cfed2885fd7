"""The contract of `Cursors` and `DeadLetters`: twins and real adapters keep the same one."""

from dataclasses import replace

import pytest

from shared.contracts.codec import RawRecord
from shared.messaging.cursors import MongoCursors
from shared.messaging.dead_letters import MongoDeadLetters
from shared.messaging.in_memory_in import InMemoryCursors, InMemoryDeadLetters
from shared.messaging.ports_in import OwnershipLost, TooManyLetters

RECORD = RawRecord("topic", 3, 17, b"key", b"{", [("ce_id", b"e-1")], timestamp_ms=5)


@pytest.fixture(params=["in-memory", "mongo"])
def cursors(request):
    if request.param == "in-memory":
        return InMemoryCursors()
    collection = request.getfixturevalue("fresh_database")["cursors"]
    return MongoCursors(collection, group="g", generation=1, owner="me")


@pytest.fixture(params=["in-memory", "mongo"])
def letters(request):
    if request.param == "in-memory":
        return InMemoryDeadLetters(group="g", ceiling=2)
    collection = request.getfixturevalue("fresh_database")["dead_letters"]
    made = MongoDeadLetters(collection, group="g", ceiling=2)
    made.want_back = lambda name: collection.update_one(
        {"_id": name}, {"$set": {"replay_wanted": True}}
    )
    return made


def test_a_claim_begins_at_the_start(cursors):
    assert cursors.claim("t", 0).next_offset == 0


def test_a_later_claim_goes_on_where_the_cursor_was_moved(cursors):
    first = cursors.claim("t", 0)
    cursors.move([replace(first, next_offset=9, last_sequence=4, last_id="e", duplicates=2)])

    second = cursors.claim("t", 0)

    assert (second.next_offset, second.last_sequence, second.last_id) == (9, 4, "e")
    assert second.duplicates == 2
    assert second.epoch > first.epoch


def test_an_earlier_owner_moves_nothing(cursors):
    first = cursors.claim("t", 0)
    cursors.claim("t", 0)

    with pytest.raises(OwnershipLost):
        cursors.move([replace(first, next_offset=9)])

    assert cursors.claim("t", 0).next_offset == 0


def test_partitions_move_apart(cursors):
    one, other = cursors.claim("t", 0), cursors.claim("t", 1)

    cursors.move([replace(one, next_offset=5), other])

    assert cursors.claim("t", 0).next_offset == 5
    assert cursors.claim("t", 1).next_offset == 0


def test_a_record_is_buried_once(letters):
    for _ in range(3):
        letters.bury(RECORD, code="contract.not_json", message="no")

    assert letters.waiting() == 1


def test_over_the_ceiling_the_group_stops(letters):
    for offset in (1, 2):
        letters.bury(replace(RECORD, offset=offset), code="c", message="m")

    with pytest.raises(TooManyLetters):
        letters.bury(replace(RECORD, offset=3), code="c", message="m")


def test_crashes_are_counted_by_record(letters):
    assert [letters.crashed(RECORD) for _ in range(3)] == [1, 2, 3]
    assert letters.crashed(replace(RECORD, offset=18)) == 1


def test_a_letter_comes_back_whole_and_is_done_when_replayed(letters):
    letters.bury(RECORD, code="contract.not_json", message="no")
    letters.want_back("g@1|topic|3|17")

    (letter,) = letters.wanted_back()
    letters.replayed(letter, error=None)

    assert letter.record == RECORD
    assert letters.wanted_back() == []
    assert letters.waiting() == 0


def test_a_letter_that_fails_again_waits_on(letters):
    letters.bury(RECORD, code="contract.not_json", message="no")
    letters.want_back("g@1|topic|3|17")
    (letter,) = letters.wanted_back()

    letters.replayed(letter, error="contract.not_json")

    assert letters.wanted_back() == []
    assert letters.waiting() == 1
