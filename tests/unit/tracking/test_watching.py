"""What happens by the clock: alarms once, a void number, a missing load; and the registry."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.tracking.domain import consignment_watching as watching
from services.tracking.domain.consignment import Parent
from services.tracking.domain.consignment_due import Deadlines
from services.tracking.domain.consignment_rules import Rules
from services.tracking.domain.consignment_states import State
from services.tracking.domain.manifest import Purpose
from shared.kernel.errors import Conflict
from tests.unit.tracking.consignments import NOW, RULES, Walk, carrier

# Friday, 2026-11-20, 10:00 in Shanghai: weekends lie ahead.
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def watched(walk, now, *, rules=RULES):
    """Do all that is due; return the names of what happened."""
    names = []
    while (decision := watching.watch(walk.held, rules=rules, now=now)) is not None:
        walk.do(decision)
        names += [type(event).__name__ for event in decision.events]
    return names


def test_an_absent_carrier_is_an_alarm_four_hours_after_the_planned_time():
    walk = Walk().seal()
    planned_at = walk.held.manifest.carriers[0].planned_at

    early = watched(walk, planned_at + 4 * HOUR - timedelta(milliseconds=1))
    due = watched(walk, planned_at + 4 * HOUR)

    assert (early, due) == ([], ["Alarmed"])
    assert watched(walk, planned_at + 5 * HOUR) == []
    assert walk.held.alarms[0].about == "carrier-1/trip-1"


def test_a_replaced_carrier_has_a_deadline_of_its_own():
    walk = Walk().seal()
    watched(walk, NOW + 6 * HOUR)

    walk.replace_carrier(by=carrier("carrier-4", hours=20, trip_id="trip-4"))

    assert watched(walk, NOW + 23 * HOUR) == []
    assert watched(walk, NOW + 24 * HOUR) == ["Alarmed"]


def test_the_next_carrier_of_a_load_on_its_way_can_be_absent_too():
    walk = Walk().in_transit()

    assert watched(walk, NOW + 9 * HOUR) == ["Alarmed"]
    assert walk.held.alarms[0].about == "carrier-2/trip-1"


def test_a_number_that_nobody_signs_is_void_at_the_end_of_the_seventh_day():
    walk = Walk().seal()
    end = datetime(2026, 12, 1, 16, 0, tzinfo=UTC)  # the end of 1 December in Shanghai
    watched(walk, end - timedelta(milliseconds=1))
    assert walk.held.state is State.SEALED

    assert "Ended" in watched(walk, end)

    assert walk.held.state is State.VOID
    assert {errand.claim.kind.value for errand in walk.held.errands} == {
        "number",
        "container",
        "trip",
    }


def test_a_refused_loading_begins_the_seven_days_again():
    walk = Walk().seal().registered().sign()
    walk.now = NOW + 5 * DAY
    walk.refuse_loading()

    watched(walk, NOW + 8 * DAY)
    assert walk.held.state is State.SEALED
    watched(walk, NOW + 13 * DAY)
    assert walk.held.state is State.VOID


def test_a_signed_one_is_not_void():
    walk = Walk().seal().registered().sign()

    watched(walk, NOW + 60 * DAY)

    assert walk.held.state is State.SIGNED


def test_an_unsigned_child_is_an_alarm_and_keeps_its_number():
    walk = Walk().seal()
    walk.held = replace(walk.held, purpose=Purpose.RETURN, parent=Parent("p", "20263501000009"))

    watched(walk, NOW + 60 * DAY)

    assert walk.held.state is State.SEALED
    assert {alarm.code for alarm in walk.held.alarms} == {"carrier-absent", "unsigned"}


def test_a_load_is_missing_a_day_after_it_was_expected():
    walk = Walk().in_transit().take()
    expected_at = walk.held.manifest.expected_arrival_at

    assert watched(walk, expected_at + DAY - timedelta(milliseconds=1)) == []
    assert watched(walk, expected_at + DAY) == ["Missing"]
    assert walk.held.state is State.MISSING


def test_a_found_load_has_a_new_time_to_arrive():
    walk = Walk().in_transit().take()
    watched(walk, NOW + 60 * HOUR)

    walk.do(watching.find(walk.held, expected_at=NOW + 70 * HOUR, rules=RULES, now=NOW + 61 * HOUR))

    assert watched(walk, NOW + 93 * HOUR) == []
    assert watched(walk, NOW + 94 * HOUR) == ["Missing"]


def test_a_lost_load_that_is_found_is_flagged():
    walk = Walk().in_transit()
    watched(walk, NOW + 60 * HOUR)
    walk.do(watching.declare_lost(walk.held, "report-1", rules=RULES, now=NOW + 80 * HOUR))
    assert walk.held.ended_because == "lost"

    walk.do(watching.find(walk.held, expected_at=NOW + 99 * HOUR, rules=RULES, now=NOW + 90 * HOUR))

    assert (walk.held.state, walk.held.flags) == (State.IN_TRANSIT, ("found.after_lost",))
    assert walk.held.ended_because is None


def test_a_receiver_has_five_working_days():
    walk = Walk()
    walk.now = NOW
    walk = walk.arrived()  # Tuesday: day 0; the fifth working day is the next Tuesday

    end = datetime(2026, 12, 1, 16, 0, tzinfo=UTC)
    assert watched(walk, end - timedelta(milliseconds=1)) == []
    assert watched(walk, end) == ["Alarmed"]


def test_limits_are_data():
    quick = Rules(RULES.table, RULES.working_days, Deadlines(carrier_absent_after=HOUR))
    walk = Walk(rules=quick).seal()

    assert watched(walk, NOW + 2 * HOUR, rules=quick) == ["Alarmed"]


def on_paper(walk):
    return walk.do(watching.go_on_paper(walk.held, "registry-down", rules=RULES, now=walk.now))


def registered(walk, told, now):
    return watching.registered(walk.held, told, "receipt-1", rules=RULES, now=now)


def test_paper_is_back_filled_within_ten_working_days_or_a_person_is_told():
    walk = on_paper(Walk().seal())
    end = datetime(2026, 12, 8, 16, 0, tzinfo=UTC)
    assert walk.held.registration.paper.due_at == end

    walk.sign()
    assert "paper-overdue" not in {a.code for a in alarms(walk, end - timedelta(milliseconds=1))}
    assert "paper-overdue" in {alarm.code for alarm in alarms(walk, end)}


def alarms(walk, now):
    watched(walk, now)
    return walk.held.alarms


def test_a_back_filled_paper_is_noted_and_a_late_one_flagged():
    in_time, late = on_paper(Walk().seal()), on_paper(Walk().seal())

    in_time.do(registered(in_time, 1, NOW + DAY))
    late.do(registered(late, 1, NOW + 30 * DAY))

    assert in_time.held.registration.paper.backfilled_at == NOW + DAY
    assert in_time.held.flags == ()
    assert late.held.flags == ("registration.backfilled_late",)


def test_paper_is_for_a_sealed_manifest_that_the_registry_does_not_know():
    for walk in (Walk(), Walk().seal().registered()):
        with pytest.raises(Conflict) as refused:
            on_paper(walk)
        assert refused.value.code == "registration.no_emergency"
    with pytest.raises(Conflict) as again:
        on_paper(on_paper(Walk().seal()))
    assert again.value.code == "registration.on_paper"


def test_the_registry_is_told_again_after_each_change_and_hears_nothing_twice():
    walk = Walk().seal()
    walk.do(registered(walk, 1, NOW))
    assert not walk.held.registration.pending

    walk.sign()
    assert (walk.held.registration.wanted, walk.held.registration.pending) == (2, True)
    assert registered(walk, 1, NOW) is None
    walk.do(registered(walk, 2, NOW))

    assert not walk.held.registration.pending


def test_what_changed_while_it_was_told_is_still_to_be_told():
    walk = Walk().seal()
    walk.sign()

    walk.do(registered(walk, 1, NOW))

    assert walk.held.registration.pending
    assert [type(event).__name__ for event in walk.events].count("Registered") == 1


def test_a_refusal_of_the_registry_is_a_persons_task():
    walk = Walk().seal()

    walk.do(watching.registry_refused(walk.held, 1, "registry.rejected", rules=RULES))

    assert walk.held.registration.refused == "registry.rejected"
    assert "registration.refused" in walk.held.flags
    assert not walk.held.registration.pending
    walk.sign()
    assert walk.held.registration.pending
    assert watching.registry_refused(walk.held, 1, "x", rules=RULES) is None
