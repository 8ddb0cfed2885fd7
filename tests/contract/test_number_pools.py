"""Manifest numbers: the twin and the real adapter keep the same contract."""

from datetime import UTC, datetime, timedelta

import pytest

from services.tracking.adapters.mongo_numbers import MongoNumbers
from services.tracking.domain.consignment_claims import Claim, Kind
from services.tracking.domain.numbers import SERIAL_MAX, Lease, Owner, Series, Use
from shared.kernel.errors import Conflict, Invalid, NotFound
from tests.unit.tracking.pools import InMemoryNumbers

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
UNTIL = AT + timedelta(minutes=2)
OWNER = Owner("outlet", Series(2026, "3501"))
OTHER = Owner("other", Series(2026, "3501"))
KINDS = ["in-memory", "mongo"]


def refused(act, code, family=Conflict):
    with pytest.raises(family) as no:
        act()
    assert no.value.code == code


@pytest.fixture(params=KINDS)
def numbers(request):
    if request.param == "in-memory":
        return InMemoryNumbers()
    made = MongoNumbers(request.getfixturevalue("tracking_database"), server_block=3)
    made.prepare()
    return made


def next_number(numbers, hold_id, owner=OWNER):
    return numbers.hold_next(owner, hold_id, until=UNTIL, at=AT)


def number_claim(number, hold_id):
    return Claim(Kind.NUMBER, number, hold_id)


def leased(numbers, lease_id="lease-1", *, size=4, owner=OWNER, asked=""):
    return numbers.lease(Lease(lease_id, owner, "tablet", size, asked), at=AT)


def test_numbers_come_in_order_from_blocks_and_each_hold_has_one(numbers):
    given = [next_number(numbers, f"c-{n}:1") for n in range(5)]

    assert given == [f"2026350100000{n}" for n in range(1, 6)]
    assert next_number(numbers, "c-2:1") == given[2]
    assert numbers.counts()["held"] == 5


def test_two_consignors_of_a_city_never_share_a_number(numbers):
    mine = {next_number(numbers, f"c-{n}:1") for n in range(4)}
    theirs = {next_number(numbers, f"d-{n}:1", OTHER) for n in range(4)}

    assert mine.isdisjoint(theirs)


def test_a_lease_gets_one_block_however_often_it_is_asked_for(numbers):
    first = leased(numbers)

    assert leased(numbers) == first
    assert leased(numbers, "lease-2").first == first.first + 4
    assert numbers.get(first.block_id) == first
    assert [b.block_id for b in numbers.of("outlet", limit=9)] == [
        "20263501000005",
        "20263501000001",
    ]


def test_a_number_of_a_device_is_used_once(numbers):
    number = leased(numbers).numbers[2]
    numbers.hold_number(OWNER, number, "c-1:1", until=UNTIL)
    numbers.hold_number(OWNER, number, "c-1:1", until=UNTIL)

    refused(lambda: numbers.hold_number(OWNER, number, "c-2:1", until=UNTIL), "numbers.taken")
    refused(
        lambda: numbers.hold_number(OTHER, number, "c-1:1", until=UNTIL),
        "numbers.not_leased",
        Invalid,
    )
    numbers.keep([number_claim(number, "c-1:1")])
    entry = numbers.of_lease("lease-1").entry(number)
    assert (entry.use, entry.expires_at) == (Use.USED, None)


def test_a_given_up_number_is_void_on_the_server_and_free_on_a_device(numbers):
    server, device = next_number(numbers, "c-1:1"), leased(numbers).numbers[0]
    numbers.hold_number(OWNER, device, "c-2:1", until=UNTIL)

    numbers.free(number_claim(server, "c-1:1"), reason="unused")
    numbers.free(number_claim(device, "c-2:1"), reason="unused")

    assert numbers.counts()["void"] == 1
    assert device in numbers.of_lease("lease-1").free
    assert next_number(numbers, "c-1:1") != server


def test_held_numbers_are_past_their_time_until_they_are_used(numbers):
    number = next_number(numbers, "c-1:1")

    assert numbers.expired(UNTIL, limit=9) == [number_claim(number, "c-1:1")]
    numbers.keep([number_claim(number, "c-1:1")])
    assert numbers.expired(UNTIL, limit=9) == []


def test_an_unknown_block_is_not_found(numbers):
    with pytest.raises(NotFound):
        numbers.get("20263501000001")


def at_the_years_end(tracking_database):
    made = MongoNumbers(tracking_database, server_block=3)
    made.prepare()
    tracking_database["number_series"].insert_one(
        {"_id": "2026.3501", "next": SERIAL_MAX - 1, "open": []}
    )
    return made


def test_the_last_block_of_a_year_has_what_is_left_and_then_there_is_none(tracking_database):
    numbers = at_the_years_end(tracking_database)

    last = leased(numbers, size=4)

    assert last.numbers == ("20263501999998", "20263501999999")
    refused(lambda: leased(numbers, "lease-2"), "numbers.exhausted")
    refused(lambda: next_number(numbers, "c-1:1"), "numbers.exhausted")
    assert leased(numbers) == last


def test_a_range_that_a_crash_left_becomes_its_block(tracking_database):
    numbers = MongoNumbers(tracking_database)
    numbers.prepare()
    taken = {
        "lease_id": "lease-1",
        "consignor_id": "outlet",
        "holder": "tablet",
        "wanted": 4,
        "asked": "",
        "first": 1,
        "size": 4,
        "at": AT,
    }
    series = {"_id": "2026.3501", "next": 9, "open": [taken, {**taken, "first": 5}]}
    tracking_database["number_series"].insert_one(series)

    assert numbers.settle_open() == 2

    assert leased(numbers).first == 1
    spare = numbers.get("20263501000005")
    assert spare.closed == "spare"
    assert numbers.counts() == {
        "held": 0,
        "used": 0,
        "void": 0,
        "returned": 4,
        "free": 4,
        "leased": 8,
        "given": 8,
    }
    assert numbers.settle_open() == 0


def test_the_numbers_of_a_past_year_are_returned(tracking_database):
    numbers = MongoNumbers(tracking_database)
    numbers.prepare()
    leased(numbers)

    assert numbers.close_past_years(2026) == 0
    assert numbers.close_past_years(2027) == 1

    assert numbers.of_lease("lease-1").closed == "year-over"
    assert numbers.open_offline("outlet") == 0
