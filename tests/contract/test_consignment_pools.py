"""What consignments claim: the twins and the real adapters keep the same contract."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from services.tracking.adapters.mongo_grams import MongoGrams
from services.tracking.adapters.mongo_trips import MongoTrips
from services.tracking.domain.consignment_claims import Claim, Kind
from services.tracking.domain.numbers import Owner, Series
from shared.kernel.errors import Conflict
from tests.unit.tracking.pools import InMemoryGrams, InMemoryTrips

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
UNTIL = AT + timedelta(minutes=2)
OWNER = Owner("outlet", Series(2026, "3501"))
OTHER = Owner("other", Series(2026, "3501"))
KINDS = ["in-memory", "mongo"]


@pytest.fixture(params=KINDS)
def trips(request):
    if request.param == "in-memory":
        return InMemoryTrips()
    made = MongoTrips(request.getfixturevalue("tracking_database")["trips"])
    made.prepare()
    return made


@pytest.fixture(params=KINDS)
def grams(request):
    if request.param == "in-memory":
        return InMemoryGrams()
    made = MongoGrams(request.getfixturevalue("tracking_database")["allowances"])
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
