"""Registers and their files, in memory and in MongoDB, keep the same promises."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.tracking.adapters.announcements import announce
from services.tracking.adapters.mongo_registers import MongoRegisters
from services.tracking.domain.register import Progress, Register
from shared.blobs.mongo_blobs import MongoBlobs
from shared.kernel.aggregate import Decision
from shared.kernel.blobs import Blob
from shared.kernel.errors import Conflict, NotFound
from shared.messaging.mongo_aggregates import MongoAggregates
from tests.unit.tracking.builders import request
from tests.unit.tracking.register_fakes import INCOMING, InMemoryBlobs, InMemoryRegisters

NOW = datetime(2026, 11, 26, 2, 30, tzinfo=UTC)
LEASE = timedelta(minutes=1)
KINDS = ["in memory", pytest.param("mongodb", marks=pytest.mark.integration)]


@pytest.fixture(params=KINDS)
def queue(request):
    if request.param == "in memory":
        return InMemoryRegisters(seats=2)
    collection = request.getfixturevalue("fresh_database")["registers"]
    kept = MongoAggregates(collection, kind="register", state_type=Register, announce=announce)
    real = MongoRegisters(kept, seats=2)
    real.prepare()
    return real


@pytest.fixture(params=KINDS)
def blobs(request):
    if request.param == "in memory":
        return InMemoryBlobs(part_bytes=4)
    real = MongoBlobs(request.getfixturevalue("fresh_database")["files"], part_bytes=4)
    real.prepare()
    return real


def put(queue, name="r-1", *, hold=None, after_s=0):
    at = NOW + timedelta(seconds=after_s)
    held = Register(name, "regulator-1", INCOMING, at, hold=hold or f"1/{name}")
    return queue.create(name, Decision(held), request=request(name))


def claim(queue, *, at=NOW):
    return queue.claim(now=at, until=at + LEASE)


def ready(register, **changed):
    held = {"rows": 3, "blob": Blob(register.blob_id, 1, 7, "ab"), "ready_at": NOW, **changed}
    return replace(register, progress=Progress.READY, expires_at=NOW + LEASE, **held)


def test_a_hold_is_one_registers_and_free_again_when_that_ends(queue):
    put(queue, hold="1/person")
    with pytest.raises(Conflict) as taken:
        put(queue, "r-2", hold="1/person")
    repeat = put(queue, hold="1/person")
    queue.finish(ready(claim(queue)))

    assert (taken.value.code, repeat.id) == ("registers.hold_taken", "r-1")
    assert put(queue, "r-2", hold="1/person").state.progress is Progress.QUEUED


def test_the_oldest_is_claimed_first_and_by_one_only(queue):
    put(queue, "r-2", after_s=1)
    put(queue, "r-1")

    claimed = [claim(queue) for _ in range(3)]

    assert [each and each.register_id for each in claimed] == ["r-1", "r-2", None]
    assert [each.seat for each in claimed[:2]] == [1, 2]
    assert {each.attempt for each in claimed[:2]} == {1}


def test_there_are_so_many_seats_and_no_more(queue):
    for number in range(3):
        put(queue, f"r-{number}", after_s=number)
    first, _, nobody = (claim(queue) for _ in range(3))
    queue.finish(replace(first, progress=Progress.FAILED, why="registers.too_many_rows"))
    next_ = claim(queue)

    assert (nobody, next_.register_id, next_.seat) == (None, "r-2", 1)
    assert queue.get("r-0").state.why == "registers.too_many_rows"


def test_past_its_lease_another_has_the_job_and_the_first_one_nothing(queue):
    put(queue)
    first = claim(queue)
    renewed = queue.renew(first, until=NOW + 2 * LEASE)
    early, later = claim(queue, at=NOW + LEASE), claim(queue, at=NOW + 2 * LEASE)

    late = [queue.renew(first, until=NOW + 9 * LEASE), queue.finish(ready(first))]

    assert (renewed, early, later.attempt, later.seat) == (True, None, 2, 1)
    assert late == [False, False]
    assert queue.finish(ready(later))
    assert queue.get("r-1").state.blob.blob_id == "r-1.2"


def test_what_ended_does_not_end_again_and_expires_in_its_time(queue):
    put(queue)
    claimed = claim(queue)
    ended = [queue.finish(ready(claimed)), queue.finish(ready(claimed, rows=9))]
    early, late = (queue.expired(now=NOW + at, limit=9) for at in (LEASE / 2, LEASE))
    for _ in range(2):
        queue.expire(late[0])

    held = queue.get("r-1").state
    assert (ended, held.rows, held.progress) == ([True, False], 3, Progress.EXPIRED)
    assert (list(early), [each.register_id for each in late]) == ([], ["r-1"])
    assert queue.expired(now=NOW + LEASE, limit=9) == []


def test_a_file_is_read_as_it_was_written_however_it_came(blobs):
    made = blobs.put("b-1", iter([b"ab", b"", b"cdefghij", b"k"]), gone_at=NOW + LEASE)
    empty = blobs.put("b-2", iter([]), gone_at=NOW + LEASE)

    assert (made.parts, made.size_bytes) == (3, 11)
    assert list(blobs.read(made)) == [b"abcd", b"efgh", b"ijk"]
    assert list(blobs.read(empty)) == []


def test_a_file_with_a_part_missing_or_too_many_is_none(blobs):
    made = blobs.put("b-1", iter([b"abcdef"]), gone_at=NOW + LEASE)

    for wrong in (replace(made, parts=3), replace(made, parts=1), replace(made, blob_id="b-2")):
        with pytest.raises(NotFound):
            blobs.read(wrong)


def test_a_deleted_file_is_gone_and_no_other(blobs):
    gone, other = (blobs.put(name, iter([b"abcdef"]), gone_at=NOW + LEASE) for name in "ab")
    for _ in range(2):
        blobs.delete("a")

    with pytest.raises(NotFound):
        blobs.read(gone)
    assert b"".join(blobs.read(other)) == b"abcdef"
