"""A community's rules: cut-offs, weekly bands, closures."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from services.collection.application import opening
from services.collection.application.booking import HoldSlot, hold_slot
from services.collection.domain.community import (
    Closure,
    CommunityRules,
    WeeklyBand,
    check_rules,
)
from services.collection.domain.rules import CutOff, CutOffs
from services.collection.domain.slots import BANDS, SlotName, open_slot
from services.collection.domain.states import State
from shared.kernel.clock import at_local
from shared.kernel.errors import Conflict, Invalid
from shared.reference.working_days import ChinaWorkingDays
from tests.unit.collection.builders import (
    AFTERNOON,
    COMMUNITY,
    DAY,
    MORNING,
    Crash,
    House,
    plain_request,
)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
BAND = WeeklyBand(WEEKDAYS, "morning", capacity=7)


def rules(**rest):
    return CommunityRules(COMMUNITY, **rest)


def set_rules(house, held):
    asked = plain_request(f"rules {hash(held)}")
    return opening.set_rules(held, desk=house.desk, request=asked)


@pytest.mark.parametrize(
    ("day", "band", "is_on"),
    [
        (date(2025, 9, 29), BAND, True),  # a Monday
        (date(2025, 10, 1), BAND, False),  # National Day
        (date(2025, 10, 1), replace(BAND, on_holidays=True), True),
        (date(2025, 9, 28), BAND, False),  # a Sunday that is a make-up workday
        (date(2025, 9, 28), replace(BAND, on_make_up_days=True), True),
        (date(2025, 9, 27), replace(BAND, on_make_up_days=True), False),  # a plain Saturday
    ],
)
def test_a_band_is_offered_by_weekday_holiday_and_make_up_day(day, band, is_on):
    assert band.is_on(day, calendar=ChinaWorkingDays()) is is_on


def test_slots_are_opened_ahead_once_and_not_where_they_are_closed():
    house = House()
    closed = DAY + timedelta(days=1)
    set_rules(house, rules(weekly=(BAND,), closures=(Closure(closed, closed, "typhoon"),)))

    opened = [opening.open_ahead(desk=house.desk), opening.open_ahead(desk=house.desk)]

    assert opened == [8, 0]  # ten weekdays of 14 days, without the closed one and one there is
    slots = house.desk.slots.list(COMMUNITY, first=closed, last=closed)
    assert [slot for slot in slots if slot.name.band == "morning"] == []


def test_a_closure_gives_no_more_places_and_cancels_what_is_booked():
    house = House()
    house.book()
    set_rules(house, rules(closures=(Closure(DAY, DAY, "typhoon", "morning"),)))

    opening.open_ahead(desk=house.desk)

    held = house.pickups.get("p-1").state
    assert (held.state, held.cancelled_by) == (State.CANCELLED, "city")
    assert house.holds() == []
    with pytest.raises(Conflict):
        house.book("p-2")


def test_a_place_that_was_held_before_a_closure_is_not_booked_after_it():
    house = House()
    hold_slot(HoldSlot("p-1", "home", MORNING.slot_id, "resident-1", False), desk=house.desk)
    set_rules(house, rules(closures=(Closure(DAY, DAY, "typhoon"),)))

    with pytest.raises(Conflict) as no:
        house.book("p-1")

    assert no.value.code == "collection.slot_full"


def test_a_closure_that_is_taken_back_opens_the_slot_again():
    house = House()
    set_rules(house, rules(closures=(Closure(DAY, DAY, "typhoon"),)))
    opening.open_ahead(desk=house.desk)

    set_rules(house, rules())
    opening.open_ahead(desk=house.desk)

    assert house.book().state.state is State.BOOKED


FAR = SlotName(COMMUNITY, DAY + timedelta(days=200), "morning")
STORM = rules(closures=(Closure(FAR.service_day, date.max, "typhoon"),))


def test_a_closure_holds_at_once_however_far_ahead_its_slots_were_opened():
    house = House()
    opening.add_slot(FAR, capacity=2, desk=house.desk)
    house.book("p-1", FAR)
    set_rules(house, STORM)
    later = replace(FAR, band="evening")
    opening.add_slot(later, capacity=2, desk=house.desk)

    for name in (FAR, later):
        with pytest.raises(Conflict):
            house.book("p-2", name)
    opening.open_ahead(desk=house.desk)

    assert house.pickups.get("p-1").state.state is State.CANCELLED
    set_rules(house, rules())
    opening.open_ahead(desk=house.desk)
    assert house.book("p-3", FAR).state.state is State.BOOKED


def test_a_closure_that_was_stored_before_a_crash_closes_its_slots_later_however_many():
    house = House()
    days = [FAR.service_day + timedelta(days=n) for n in range(340)]
    names = [SlotName(COMMUNITY, day, band) for day in days for band in BANDS]
    for name in names:
        house.pools.add(open_slot(name, capacity=2))
    house.crash_at = "rules.set.after"
    with pytest.raises(Crash):
        set_rules(house, STORM)

    opening.open_ahead(desk=house.desk)

    assert {house.pools.get(name.slot_id).closed for name in names} == {"typhoon"}


@pytest.mark.parametrize("act", ["opened", "opened again by a round"])
def test_a_closure_that_is_stored_while_a_slot_is_opened_closes_it(act):
    house = House()
    set_rules(house, rules())
    if act != "opened":
        house.pools.add(open_slot(FAR, capacity=2, closed="holiday"))
    slots = RulesBehind(house.pools, lambda: set_rules(house, STORM))
    desk = replace(house.desk, slots=slots)

    if act == "opened":
        opening.add_slot(FAR, capacity=2, desk=desk)
    else:
        opening.open_ahead(desk=desk)

    assert slots.was_called
    assert house.pools.get(FAR.slot_id).closed == "typhoon"


class RulesBehind:
    """Slots; rules are set after somebody read the old ones, before the slot is written."""

    def __init__(self, slots, set_them):
        self._slots, self._set_them, self.was_called = slots, set_them, False

    def _meanwhile(self):
        if not self.was_called:
            self.was_called = True
            self._set_them()

    def add(self, slot):
        self._meanwhile()
        return self._slots.add(slot)

    def close(self, slot_id, reason):
        self._meanwhile()
        return self._slots.close(slot_id, reason)

    def __getattr__(self, name):
        return getattr(self._slots, name)


@pytest.mark.parametrize("what", ["book", "amend", "cancel"])
def test_each_act_has_its_own_cut_off(what):
    house = House()
    house.book()
    early = CutOff(time(12), 2)
    set_rules(house, rules(cut_offs=replace(CutOffs(), **{what: early})))
    house.clock.instant = at_local(DAY - timedelta(days=2), time(12))
    acts = {"book": lambda: house.book("p-2"), "amend": house.amend, "cancel": house.cancel}

    with pytest.raises(Conflict) as refused:
        acts.pop(what)()

    assert refused.value.code == "collection.too_late"
    for allowed in acts.values():
        allowed()


def test_nobody_books_or_moves_into_a_window_that_is_over_whatever_the_cut_off_says():
    house = House()
    late = CutOff(time(23), 0)
    set_rules(house, rules(cut_offs=CutOffs(book=late, amend=late, cancel=late)))
    house.book("p-0", AFTERNOON)
    house.clock.instant = MORNING.window[1] - timedelta(milliseconds=1)
    first = house.book()
    house.clock.instant = MORNING.window[1]

    for act in (lambda: house.book("p-2"), lambda: house.amend("p-0", MORNING)):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "collection.too_late"
    assert house.book().answer == first.answer


def test_a_cut_off_may_count_working_days():
    cut_off = CutOff(time(12), 1, working_days=True)
    monday = date(2026, 11, 30)
    friday_noon = at_local(date(2026, 11, 27), time(12))
    calendar = ChinaWorkingDays()

    assert cut_off.passed(monday, now=friday_noon, calendar=calendar)
    just_before = friday_noon - timedelta(milliseconds=1)
    assert not cut_off.passed(monday, now=just_before, calendar=calendar)


@pytest.mark.parametrize(
    "wrong",
    [
        rules(weekly=(replace(BAND, band="night"),)),
        rules(weekly=(replace(BAND, weekdays=("someday",)),)),
        rules(weekly=(replace(BAND, capacity=0),)),
        rules(weekly=(BAND,) * 22),
        rules(closures=(Closure(DAY, DAY - timedelta(days=1), "x"),)),
        rules(closures=(Closure(DAY, DAY, "x", "night"),)),
        rules(horizon_days=0),
        rules(cut_offs=CutOffs(book=CutOff(time(12), 31))),
    ],
)
def test_refuses_rules_that_cannot_be(wrong):
    with pytest.raises(Invalid):
        check_rules(wrong)


def test_the_slots_of_the_house_are_open():
    assert House().desk.slots.list(COMMUNITY, first=DAY, last=DAY)[1].name == MORNING
