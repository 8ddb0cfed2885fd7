"""The trade's exception codes, each with its rule, and what the city books again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.collection.application import rebooking
from services.collection.domain import crews
from services.collection.domain import pickup as pickups_of
from services.collection.domain.life import Aside
from services.collection.domain.outcomes import OUTCOMES
from services.collection.domain.pools import household_pool
from services.collection.domain.slots import SlotName, open_slot
from services.collection.domain.states import Act, State, after
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict
from tests.unit.collection.builders import COMMUNITY, DAY, MORNING, NOW, House, place, weigh_in
from tests.unit.collection.test_life import fresh

WINDOW_END = MORNING.window[1]
NEXT_WEEK = SlotName(COMMUNITY, DAY + timedelta(days=3), "morning")
LATER = SlotName(COMMUNITY, DAY + timedelta(days=6), "morning")


def visited(outcome=None):
    house = House()
    house.book()
    house.desk.slots.add(open_slot(NEXT_WEEK, capacity=3))
    house.clock.instant = WINDOW_END
    if outcome is not None:
        house.fail(outcome)
    return house


def planned():
    """A pickup on a tour of collector-1."""
    house = House()
    house.book()
    house.pickups.change("p-1", lambda held: Decision(held.assign(place(), at=NOW).state))
    return house


def rebook(house):
    """The worker's round, and what is known afterwards."""
    done = rebooking.rebook_all(desk=house.desk)
    held = house.pickups.get("p-1").state
    if held.rebooked_as is not None:
        house.search.ids.add(held.rebooked_as)
    return done


@pytest.mark.parametrize("code", sorted(OUTCOMES))
def test_a_code_ends_the_visit_or_is_a_remark_beside_it(code):
    house = visited(code)
    held = house.pickups.get("p-1").state

    if OUTCOMES[code].ends_visit:
        assert (held.state, held.outcome) == (State.FAILED, code)
    else:
        assert (held.state, held.remarks[0].outcome) == (State.BOOKED, code)
        assert house.weigh(weigh_in()).state.state is State.WEIGHED


def reviews(house):
    return [each.code for each in house.pickups.get("p-1").state.reviews]


def test_what_another_crew_tells_is_taken_and_for_a_person_to_look_at():
    house = planned()
    house.approach(Act.SET_OUT)
    house.fail("extra_item")
    assert reviews(house) == []

    house.approach(Act.ARRIVE, by="collector-2")
    house.fail("extra_item", by="collector-2")
    house.fail("no_access", by="collector-2")

    held = house.pickups.get("p-1").state
    assert (held.state, held.outcome) == (State.FAILED, "no_access")
    assert reviews(house) == ["approach.other_collector", "outcome.other_collector"]
    assert held.waiting.codes == tuple(reviews(house))


def test_a_code_that_ends_a_visit_to_which_nobody_is_sent_any_more_is_looked_at():
    house = planned()
    house.amend(version=2)

    house.fail("extra_item")
    house.approach(Act.ARRIVE)
    assert reviews(house) == []
    house.fail("not_out")

    assert reviews(house) == ["outcome.not_assigned"]


def test_what_a_phone_tells_after_the_visit_ended_is_kept_and_looked_at():
    house = visited()
    house.report_missed()

    for _ in range(2):
        house.approach(Act.SET_OUT)
        house.approach(Act.ARRIVE)
        house.fail("no_access")
    house.fail("no_access", by="collector-2")

    held = house.pickups.get("p-1").state
    assert (held.state, held.outcome) == (State.MISSED, None)
    late = [(step.about, step.by) for step in held.history if step.act == Aside.TOLD_LATE]
    assert late == [
        (Act.SET_OUT, "collector"),
        (Act.ARRIVE, "collector"),
        ("no_access", "collector"),
    ]
    assert [each.outcome for each in held.remarks] == ["no_access"]
    assert reviews(house) == ["approach.after_missed", "outcome.after_missed"]
    assert [each.headers["ce_type"].split(".")[2] for each in house.pickups.announced] == [
        "booked", "missed", "remarked",
    ]  # fmt: skip
    assert rebook(house) == 1


@pytest.mark.parametrize("state", [each for each in State if each is not State.LAPSED])
def test_whatever_a_crew_tells_is_a_fact_in_every_state(state):
    pickup = fresh(state)

    for act in (Act.SET_OUT, Act.ARRIVE):
        told = crews.approach(pickup, act, collector_id="c", at=NOW, now=NOW).state
        assert told.state is (after(state, act) or state)
        assert len(told.history) == len(pickup.history) + 1
    for code in OUTCOMES:
        logged = crews.log(pickup, code, collector_id="c", at=NOW, now=NOW)
        ends = OUTCOMES[code].ends_visit and after(state, Act.FAIL)
        assert logged.state.state is (State.FAILED if ends else state)
        assert len(logged.events) == 1
        is_late = OUTCOMES[code].ends_visit and not ends
        assert (f"outcome.after_{state}" in codes(logged.state)) is is_late


def codes(pickup):
    return [each.code for each in pickup.reviews]


def test_nothing_is_noted_of_what_was_never_booked():
    house = House()
    house.pickups.create("draft", pickups_of.lapse("draft", now=house.clock.now()))

    for code in OUTCOMES:
        with pytest.raises(Conflict):
            house.fail(code, "draft")


@pytest.mark.parametrize("code", sorted(each for each in OUTCOMES if OUTCOMES[each].ends_visit))
def test_a_missed_report_after_a_code_is_as_its_rule_says(code):
    house = visited(code)

    if OUTCOMES[code].missed_report:
        assert house.report_missed().state.state is State.MISSED
    else:
        with pytest.raises(Conflict):
            house.report_missed()


@pytest.mark.parametrize("code", sorted(each for each in OUTCOMES if OUTCOMES[each].ends_visit))
def test_the_city_books_again_what_its_rule_says_and_only_once(code):
    house = visited(code)

    booked = [rebook(house), rebook(house)]

    assert booked == ([1, 0] if OUTCOMES[code].rebooked else [0, 0])


def test_a_missed_pickup_is_booked_again_in_the_same_band():
    house = visited()
    house.report_missed()

    rebook(house)

    again = house.pickups.get(house.pickups.get("p-1").state.rebooked_as).state
    assert (again.state, again.booking.slot_id) == (State.BOOKED, NEXT_WEEK.slot_id)


def test_a_crash_between_booking_again_and_noting_it_books_once():
    house = visited()
    house.report_missed()
    rebook(house)
    again = house.pickups.get("p-1").state.rebooked_as
    house.pickups.change("p-1", lambda held: Decision(replace(held, rebooked_as=None)))

    assert rebook(house) == 1
    assert house.pickups.get("p-1").state.rebooked_as == again
    assert len(house.holds(NEXT_WEEK)) == 1


@pytest.mark.parametrize("is_noted", [True, False])
def test_a_person_decides_what_is_booked_again_for_what_was_collected_after_all(is_noted):
    house = visited()
    house.report_missed()
    rebook(house)
    if not is_noted:  # the round died in between
        house.pickups.change("p-1", lambda held: Decision(replace(held, rebooked_as=None)))

    weighed = house.weigh(weigh_in()).state

    assert "weighing.after_rebooking" in weighed.weighing.flags
    assert set(weighed.waiting.codes) == {"weighing.after_missed", "weighing.after_rebooking"}
    house.propose(*weigh_in().lots)
    corrected = house.approve().state
    assert corrected.waiting.codes == ("weighing.after_rebooking",)
    assert "weighing.after_rebooking" in corrected.weighing.flags


@pytest.mark.parametrize("end", ["cancelled", "missed", "missed and booked again"])
def test_a_person_decides_as_long_as_anybody_may_be_sent(end):
    house = visited()
    house.report_missed()
    rebook(house)
    again = house.pickups.get("p-1").state.rebooked_as
    if end == "cancelled":
        house.cancel(again)
    else:
        house.desk.slots.add(open_slot(LATER, capacity=3))
        house.clock.instant = NEXT_WEEK.window[1]
        house.report_missed(again)
    if end == "missed and booked again":
        rebook(house)

    codes_of = house.weigh(weigh_in()).state.waiting.codes
    assert ("weighing.after_rebooking" in codes_of) is (end != "cancelled")


def test_a_weigh_in_that_comes_while_the_city_books_again_is_seen():
    house = visited("delay")
    slots = Meanwhile(house.pools, lambda: house.weigh(weigh_in()))

    assert rebooking.rebook_all(desk=replace(house.desk, slots=slots)) == 1

    held = house.pickups.get("p-1").state
    assert (held.state, held.weighing.net_g) == (State.WEIGHED, 4_000)
    assert "weighing.after_rebooking" in held.waiting.codes


class Meanwhile:
    """Slots; something happens before they are listed."""

    def __init__(self, slots, happens):
        self._slots, self._happens = slots, happens

    def list(self, *args, **rest):
        self._happens()
        return self._slots.list(*args, **rest)


def test_what_found_no_place_is_tried_again_and_is_not_taken_for_booked():
    house = visited()
    house.report_missed()
    share = household_pool("home")
    held = house.pools.get(share)
    house.pools._pools[share] = replace(held, capacity=0)

    before = [rebook(house), rebook(house)]
    still = house.pickups.get("p-1").state.rebooked_as
    house.pools._pools[share] = held

    assert (before, still, rebook(house)) == ([0, 0], None, 1)
    again = house.pickups.get(house.pickups.get("p-1").state.rebooked_as).state
    assert again.state is State.BOOKED


def test_what_finds_no_place_keeps_nobody_else_waiting():
    house = visited()
    house.report_missed()
    elsewhere = SlotName("350102001002", DAY + timedelta(days=3), "morning")
    lost = house.pickups.get("p-1").state
    for number in range(rebooking.REBOOKED_A_PAGE + 20):
        booking = replace(lost.booking, community_code=elsewhere.community_code)
        other = replace(lost, pickup_id=f"o-{number}", booking=booking)
        house.pickups.create(other.pickup_id, Decision(other))
        house.search.ids.add(other.pickup_id)

    assert rebook(house) == 1
    assert house.pickups.get("p-1").state.rebooked_as is not None


def test_repeated_misses_go_to_a_person():
    house = visited()
    house.report_missed()
    house.clock.advance(-timedelta(days=2))
    house.book("p-2")
    house.clock.instant = WINDOW_END

    second = house.report_missed("p-2").state

    assert second.misses == 2
    assert [review.code for review in second.reviews] == ["pickup.missed_again"]
