"""What consignments claim: the twins and the real adapters keep the same contract."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from services.tracking.adapters.mongo_grams import MongoGrams
from services.tracking.adapters.mongo_numbers import MongoNumbers
from services.tracking.adapters.mongo_trips import MongoTrips
from services.tracking.domain.consignment_claims import Claim, Kind
from services.tracking.domain.numbers import SERIAL_MAX, Lease, Owner, Series, Use
from shared.kernel.errors import Conflict, Invalid, NotFound
from tests.unit.tracking.pools import InMemoryGrams, InMemoryNumbers, InMemoryTrips

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
UNTIL = AT + timedelta(minutes=2)
OWNER = Owner("outlet", Series(2026, "3501"))
OTHER = Owner("other", Series(2026, "3501"))
KINDS = ["in-memory", "mongo"]


@pytest.fixture(params=KINDS)
def trips(request):
    if request.param == "in-memory":
        return InMemoryTrips()
    made = MongoTrips(request.getfixturevalue("fresh_database")["trips"])
    made.prepare()
    return made


@pytest.fixture(params=KINDS)
def grams(request):
    if request.param == "in-memory":
        return InMemoryGrams()
    made = MongoGrams(request.getfixturevalue("fresh_database")["allowances"])
    made.prepare()
    return made


@pytest.fixture(params=KINDS)
def numbers(request):
    if request.param == "in-memory":
        return InMemoryNumbers()
    made = MongoNumbers(request.getfixturevalue("fresh_database"), server_block=3)
    made.prepare()
    return made


def trip(hold_id="c-1:1"):
    return Claim(Kind.TRIP, "truck/trip/outlet", hold_id)


def allowance(mass_g, hold_id="c-1:1", *, limit_g=100):
    return Claim(Kind.GRAMS, "plan/p", hold_id, mass_g, limit_g)


def refused(act, code, family=Conflict):
    with pytest.raises(family) as no:
        act()
    assert no.value.code == code


def test_a_trip_has_one_holder(trips):
    trips.hold(trip(), until=UNTIL)
    trips.hold(trip(), until=UNTIL)

    refused(lambda: trips.hold(trip("c-2:1"), until=UNTIL), "trip.taken")
    assert trips.holder(trip("c-2:1")) == trip()
    trips.free(trip("c-2:1"), reason="unused")
    refused(lambda: trips.hold(trip("c-2:1"), until=UNTIL), "trip.taken")
    trips.free(trip(), reason="unused")
    trips.hold(trip("c-2:1"), until=UNTIL)


def test_a_hold_is_past_its_time_until_it_is_kept(trips):
    trips.hold(trip(), until=UNTIL)

    assert trips.expired(UNTIL - timedelta(seconds=1), limit=9) == []
    assert trips.expired(UNTIL, limit=9) == [trip()]
    trips.keep([trip()])
    assert trips.expired(UNTIL, limit=9) == []
    assert trips.holder(trip()) == trip()


def test_nobody_is_in_the_way_of_a_free_trip(trips):
    assert trips.holder(trip()) is None


def test_grams_are_reserved_up_to_the_limit_and_not_one_more(grams):
    grams.hold(allowance(60), until=UNTIL)

    refused(lambda: grams.hold(allowance(41, "c-2:1"), until=UNTIL), "plan.exhausted")
    grams.hold(allowance(40, "c-2:1"), until=UNTIL)

    assert grams.left("plan/p") == {"used_g": 0, "held_g": 100}


def test_the_same_hold_reserves_once(grams):
    grams.hold(allowance(60), until=UNTIL)
    grams.hold(allowance(60), until=UNTIL)

    assert grams.left("plan/p")["held_g"] == 60


def test_settled_grams_are_the_used_ones_and_a_repeat_changes_nothing(grams):
    grams.hold(allowance(60), until=UNTIL)

    grams.settle(allowance(60), 45)
    grams.settle(allowance(60), 45)
    grams.hold(allowance(60), until=UNTIL)
    grams.free(allowance(60), reason="unused")

    assert grams.left("plan/p") == {"used_g": 45, "held_g": 0}


def test_freed_grams_can_be_reserved_by_another(grams):
    grams.hold(allowance(60), until=UNTIL)

    grams.free(allowance(60), reason="cancelled")
    grams.hold(allowance(100, "c-2:1"), until=UNTIL)

    assert grams.left("plan/p") == {"used_g": 0, "held_g": 100}


def test_more_than_planned_may_be_used_because_a_weight_is_a_fact(grams):
    grams.hold(allowance(90), until=UNTIL)

    grams.settle(allowance(90), 120)

    assert grams.left("plan/p") == {"used_g": 120, "held_g": 0}
    refused(lambda: grams.hold(allowance(1, "c-2:1"), until=UNTIL), "plan.exhausted")


def test_a_raised_limit_counts_at_once(grams):
    grams.hold(allowance(90), until=UNTIL)

    grams.hold(allowance(90, "c-2:1", limit_g=180), until=UNTIL)

    assert grams.left("plan/p")["held_g"] == 180


def test_reserved_grams_are_past_their_time_until_they_are_kept(grams):
    grams.hold(allowance(60), until=UNTIL)

    (claim,) = grams.expired(UNTIL, limit=9)
    assert (claim.key, claim.hold_id, claim.mass_g) == ("plan/p", "c-1:1", 60)
    grams.keep([claim])
    assert grams.expired(UNTIL, limit=9) == []
    assert grams.holder(allowance(1)) is None


def test_many_at_once_reserve_exactly_what_is_left(grams):
    def reserve(number):
        try:
            grams.hold(allowance(10, f"c-{number}:1"), until=UNTIL)
        except Conflict:
            return 0
        return 10

    with ThreadPoolExecutor(8) as pool:
        reserved = sum(pool.map(reserve, range(24)))

    assert reserved == grams.left("plan/p")["held_g"] == 100


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


def at_the_years_end(fresh_database):
    made = MongoNumbers(fresh_database, server_block=3)
    made.prepare()
    fresh_database["number_series"].insert_one(
        {"_id": "2026.3501", "next": SERIAL_MAX - 1, "open": []}
    )
    return made


def test_the_last_block_of_a_year_has_what_is_left_and_then_there_is_none(fresh_database):
    numbers = at_the_years_end(fresh_database)

    last = leased(numbers, size=4)

    assert last.numbers == ("20263501999998", "20263501999999")
    refused(lambda: leased(numbers, "lease-2"), "numbers.exhausted")
    refused(lambda: next_number(numbers, "c-1:1"), "numbers.exhausted")
    assert leased(numbers) == last


def test_a_range_that_a_crash_left_becomes_its_block(fresh_database):
    numbers = MongoNumbers(fresh_database)
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
    fresh_database["number_series"].insert_one(series)

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


def test_the_numbers_of_a_past_year_are_returned(fresh_database):
    numbers = MongoNumbers(fresh_database)
    numbers.prepare()
    leased(numbers)

    assert numbers.close_past_years(2026) == 0
    assert numbers.close_past_years(2027) == 1

    assert numbers.of_lease("lease-1").closed == "year-over"
    assert numbers.open_offline("outlet") == 0
