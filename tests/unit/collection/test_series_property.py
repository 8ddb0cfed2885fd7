"""Whatever is ordered, crashes or comes between: a day has one pickup at most, none is lost.

The random orders include another worker or the household acting in the middle of a worker's step.
"""

from contextlib import suppress
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.collection.application import places
from services.collection.domain.booking import Item
from services.collection.domain.occurrences import TO_DO
from services.collection.domain.states import OPEN
from shared.kernel.clock import legal_day
from shared.kernel.errors import Rejected
from tests.unit.collection.builders import AGAIN, COMMUNITY, Crash
from tests.unit.collection.series_house import TODAY, SeriesHouse, Standing

LABELS = [
    "series.read.after",
    "series.act.before",
    "series.act.after",
    "series.note.before",
    "series.note.after",
    *(f"slot.{step}.{side}" for step in ("hold", "decide", "free") for side in ("before", "after")),
]
RULES = st.sampled_from(
    ["FREQ=WEEKLY;BYDAY=TH", "FREQ=WEEKLY;BYDAY=FR", "FREQ=WEEKLY;BYDAY=TH,FR;INTERVAL=2"]
)
BANDS = st.sampled_from(["morning", "afternoon"])
ITEMS = st.sampled_from([(Item("glass", 1_000, hazardous=False),), (Item("hdpe", 9, False),)])
DAYS = st.integers(0, 16).map(lambda ahead: TODAY + timedelta(days=ahead))
HOURS = st.integers(0, 30)
ORDERS = st.one_of(
    st.tuples(st.just("begin"), RULES),
    st.tuples(st.just("skip"), DAYS),
    st.tuples(st.just("pause"), DAYS, st.none() | DAYS),
    st.tuples(st.just("resume"), st.none() | DAYS),
    st.tuples(st.just("end"), DAYS),
    st.tuples(st.just("rule"), RULES),
    st.tuples(st.just("band"), BANDS),
    st.tuples(st.just("items"), ITEMS),
    st.tuples(st.just("cancel"), DAYS),
    st.tuples(st.just("fill"), DAYS, BANDS),
    st.tuples(st.just("pass"), HOURS),
    st.tuples(st.just("work")),
    st.tuples(st.just("sweep")),
)
CRASHES = st.none() | st.sampled_from(LABELS)
MEANWHILE = st.none() | st.tuples(st.sampled_from(LABELS), ORDERS)
STEPS = st.lists(st.tuples(ORDERS, CRASHES, MEANWHILE), max_size=10)


def order(house, what, *told):
    """One order; it may be refused, and it may crash."""
    with suppress(Rejected):
        {
            "begin": lambda: house.begin(*told, first=TODAY),
            "skip": lambda: house.skip(*told),
            "pause": lambda: house.pause(*told),
            "resume": lambda: house.resume(*told),
            "end": lambda: house.end(*told),
            "rule": lambda: house.change(rule=told[0]),
            "band": lambda: house.change(band=told[0]),
            "items": lambda: house.change(items=told[0]),
            "cancel": lambda: cancel(house, *told),
            "fill": lambda: fill(house, *told),
            "pass": lambda: house.clock.advance(timedelta(hours=told[0])),
            "work": lambda: house.work(later=timedelta(minutes=6)),
            "sweep": lambda: sweep(house),
        }[what]()


def cancel(house, day):
    for pickup in house.live(day) if house.series.ids else ():
        house.cancel(pickup.pickup_id)


def fill(house, day, band):
    house.book(f"other-{day}-{band}", slot=f"{COMMUNITY}.{day.isoformat()}.{band}")


def sweep(house):
    house.lease_clock.advance(AGAIN)
    places.sweep_holds(desk=house.desk)
    places.free_given_up(desk=house.desk)


def step(house, wanted, crash_at, meanwhile):
    house.crash_at = crash_at
    if meanwhile is not None:
        label, other = meanwhile
        house.meanwhile = {label: lambda: order(house, *other)}
    with suppress(Crash):
        order(house, *wanted)
    house.crash_at, house.meanwhile = None, {}


def check_one_pickup_a_day(house):
    for each in house.said().occurrences if house.series.ids else ():
        assert len(house.live(each.day)) <= 1
        last = each.pickup_id("s-1")
        assert all(pickup.pickup_id == last for pickup in house.live(each.day)) or (
            each.standing in (Standing.LEAVING, Standing.RENEWING)
        )


def check_all_is_done(house):
    """What the series wants is booked as it says or told why not; nothing else is."""
    series, today = house.said(), legal_day(house.clock.now())
    wanted = set(series.days(today, series.claimed_to, recurrences=house.rota.recurrences))
    coming = {each.day: each for each in series.occurrences if each.day >= today}
    assert wanted <= coming.keys()
    for day, each in coming.items():
        open_ones = [pickup for pickup in house.live(day) if pickup.state in OPEN]
        assert each.standing not in TO_DO or each.reason is not None
        if each.standing is Standing.BOOKED:
            assert house.made(day)
            for pickup in open_ones if day in wanted and each.reason is None else ():
                assert pickup.booking.slot_id == series.slot_of(day).slot_id
                assert pickup.booking.items == series.pattern.items
        if day not in wanted:
            outlook = house.rota.outlook(COMMUNITY)
            assert not open_ones or each.reason is not None or outlook.too_late(day)
        if each.standing in (Standing.WITHDRAWN, Standing.GIVEN_UP):
            assert open_ones == []
            assert day not in wanted or each.reason is not None


def check_places(house):
    for ahead in range(30):
        for band in ("morning", "afternoon"):
            slot = f"{COMMUNITY}.{(TODAY + timedelta(days=ahead)).isoformat()}.{band}"
            held = sorted(hold.hold_id for hold in house.pools.get(slot).holds)
            assert held == house.used(slot)
            assert len(held) <= 1


@settings(max_examples=300, deadline=None)
@given(RULES, STEPS)
def test_a_day_has_one_pickup_at_most_and_none_is_lost(rule, steps):
    house = SeriesHouse(capacity=1)
    step(house, ("begin", rule), None, None)

    for each in steps:
        step(house, *each)
        check_one_pickup_a_day(house)
    sweep(house)
    house.work(later=timedelta(minutes=6))
    house.work(later=timedelta(minutes=6))
    sweep(house)

    check_one_pickup_a_day(house)
    check_all_is_done(house)
    check_places(house)


@settings(max_examples=100, deadline=None)
@given(RULES, STEPS)
def test_what_a_household_cancelled_stays_cancelled(rule, steps):
    house = SeriesHouse(capacity=1)
    house.begin(rule, first=TODAY)
    day = house.booked_days()[0]
    cancel(house, day)

    for each in steps:
        step(house, *each)
    house.work(later=timedelta(minutes=6))

    assert house.live(day) == []
