"""What the scale said is a fact: kept and flagged; only the impossible is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.collection.application import collecting
from services.collection.domain.judging import OTHER_CREW
from services.collection.domain.scales import Scale
from services.collection.domain.states import State
from shared.kernel.errors import Conflict, Invalid, Stale
from shared.reference.nominal_masses import nominal_mass_g, nominal_masses
from tests.unit.collection.builders import (
    AFTERNOON,
    IN_THE_WINDOW,
    House,
    lot,
    place,
    plain_request,
    weigh_in,
)


def booked():
    house = House()
    house.book()
    house.clock.instant = IN_THE_WINDOW + timedelta(hours=1)
    return house


def correct(house, *lots, supersedes=1, scope="correct"):
    """Two persons correct: one proposes, the other approves."""
    house.propose(*lots, supersedes=supersedes, scope=f"{scope} proposed")
    return house.approve(supersedes, scope=scope)


def test_a_weigh_in_within_the_window_has_no_flag():
    weighed = booked().weigh(weigh_in())

    assert (weighed.state.state, weighed.state.weighing.flags) == (State.WEIGHED, ())


@pytest.mark.parametrize(
    ("weighing", "flag"),
    [
        (weigh_in(lot(), gross_g=9_000), "weighing.net_differs"),
        (weigh_in(weighed_at=IN_THE_WINDOW + timedelta(hours=2)), "weighing.from_the_future"),
        (
            weigh_in(lot(material="lead-acid-batteries", hazardous=True)),
            "weighing.hazardous_without_container",
        ),
    ],
)
def test_what_breaks_a_rule_is_recorded_and_flagged(weighing, flag):
    weighed = booked().weigh(weighing)

    assert weighed.state.weighing.flags == (flag,)
    assert weighed.state.weighing.lots == weighing.lots


def test_what_was_weighed_where_it_was_before_it_was_moved_is_flagged():
    house = House()
    house.book()
    house.amend(slot=AFTERNOON)
    house.clock.instant = IN_THE_WINDOW + timedelta(hours=1)

    assert house.weigh(weigh_in()).state.weighing.flags == ("weighing.early",)
    correct(house, lot(mass_g=3_900))
    assert "weighing.early" in house.pickups.get("p-1").state.weighing.flags


def test_a_late_weigh_in_is_flagged():
    house = booked()
    house.clock.advance(timedelta(hours=9))

    weighed = house.weigh(weigh_in(weighed_at=IN_THE_WINDOW + timedelta(hours=8)))

    assert weighed.state.weighing.flags == ("weighing.late",)


def test_a_weigh_in_after_a_cancellation_counts_as_collected():
    house = House()
    house.book()
    house.cancel()

    weighed = house.weigh(weigh_in())

    assert weighed.state.state is State.WEIGHED
    assert "weighing.after_cancelled" in weighed.state.weighing.flags
    assert house.holds() == []


def test_a_weigh_in_after_a_failed_visit_is_flagged():
    house = booked()
    house.fail("no_access")

    assert house.weigh(weigh_in()).state.weighing.flags == ("weighing.after_failed",)


@pytest.mark.parametrize(
    "weighing",
    [
        weigh_in(lot(mass_g=-1), gross_g=500),
        weigh_in(lot(mass_g=3_000_001), gross_g=500),
        weigh_in(gross_g=3_000_001),
        weigh_in(gross_g=499),
        weigh_in(lot(contamination_bp=10_001)),
        weigh_in(*[lot(f"lot-{n}", 1) for n in range(41)]),
    ],
)
def test_refuses_the_impossible(weighing):
    house = booked()

    with pytest.raises(Invalid):
        house.weigh(weighing)

    assert house.pickups.get("p-1").state.state is State.BOOKED


def test_what_is_too_heavy_for_any_scale_has_a_nominal_mass():
    weighed = booked().weigh(weigh_in(lot(mass_g=3_050_000, nominal=True), gross_g=500)).state

    assert weighed.weighing.flags == ("weighing.nominal_mass",)
    assert weighed.weighing.lots[0].mass_g == 3_050_000


def test_the_same_submission_twice_is_one_whatever_its_key():
    house = booked()
    weighed = house.weigh(weigh_in())

    again = house.weigh(weigh_in(), scope="told again later")

    assert house.weigh(weigh_in()).answer == weighed.answer
    assert again.state.weighing == weighed.state.weighing
    assert again.state.rivals == ()
    assert len(house.pickups.announced) == 2


def test_another_devices_weigh_in_is_refused_and_kept_for_review():
    house = booked()
    house.weigh(weigh_in())

    for _ in range(2):
        with pytest.raises(Conflict) as refused:
            house.weigh(weigh_in(lot(mass_g=4_100)), scope="other device")

    held = house.pickups.get("p-1").state
    assert refused.value.code == "collection.already_weighed"
    assert [rival.net_g for rival in held.rivals] == [4_100]
    assert [review.code for review in held.reviews] == ["weighing.second"]


def test_a_weigh_in_that_was_corrected_is_still_the_same_submission():
    house = booked()
    house.weigh(weigh_in())
    correct(house, lot(mass_g=3_900))

    again = house.weigh(weigh_in(), scope="told again later")

    assert (again.state.weighing.revision, again.state.rivals) == (2, ())


@pytest.mark.parametrize(
    ("scale_id", "weighed_at", "flag"),
    [
        ("scale-9", IN_THE_WINDOW, "weighing.scale_unknown"),
        ("scale-1", datetime(2027, 1, 5, tzinfo=UTC), "weighing.scale_not_calibrated"),
    ],
)
def test_a_scale_is_judged_at_the_time_of_the_reading(scale_id, weighed_at, flag):
    house = booked()
    house.clock.instant = weighed_at

    weighed = house.weigh(replace(weigh_in(weighed_at=weighed_at), scale_id=scale_id))

    assert flag in weighed.state.weighing.flags


def test_a_reading_beyond_the_scales_range_is_impossible():
    house = booked()
    small = Scale("small", range_g=30_000, division_g=5)
    collecting.register_scale(small, desk=house.desk, request=plain_request("small"))

    with pytest.raises(Invalid) as refused:
        house.weigh(replace(weigh_in(lot(mass_g=30_000)), scale_id="small"))

    assert refused.value.code == "weighing.beyond_scale"


def test_a_nominal_mass_is_flagged_and_is_not_the_scales():
    weighed = booked().weigh(
        weigh_in(lot(), lot("lot-2", 50_000, "large-appliances", nominal=True), gross_g=4_500)
    )

    assert weighed.state.weighing.flags == ("weighing.nominal_mass",)


@pytest.mark.parametrize(("who", "flags"), [("collector-1", ()), ("c-9", (OTHER_CREW,))])
def test_a_crew_that_was_not_planned_is_flagged(who, flags):
    house = booked()
    house.pickups.change("p-1", lambda held: held.assign(place(), at=IN_THE_WINDOW))

    weighed = house.weigh(replace(weigh_in(), collector_id=who))

    assert weighed.state.weighing.flags == flags


def test_an_offline_weigh_in_beats_a_cancellation_and_opens_a_review():
    house = booked()
    house.cancel(caller="city-1", is_staff=True)

    weighed = house.weigh(weigh_in(weighed_at=IN_THE_WINDOW))

    assert weighed.state.state is State.WEIGHED
    assert [review.code for review in weighed.state.reviews] == ["weighing.after_cancelled"]


def test_a_correction_replaces_the_lots_and_reports_both_lists():
    house = booked()
    house.weigh(weigh_in())

    corrected = correct(house, lot(mass_g=3_900))

    assert corrected.state.weighing.revision == 2
    assert corrected.state.weighing.flags == ("weighing.net_differs",)
    value = house.pickups.announced[-1].value
    assert b'"mass_g":4000' in value
    assert b'"mass_g":3900' in value


def test_a_correction_keeps_what_came_before_in_mind():
    house = booked()
    house.cancel(caller="city-1", is_staff=True)
    house.weigh(weigh_in())

    assert correct(house, lot()).state.weighing.flags == ("weighing.after_cancelled",)


def test_a_correction_of_a_superseded_revision_is_stale():
    house = booked()
    house.weigh(weigh_in())
    correct(house, lot(mass_g=3_900))

    with pytest.raises(Stale):
        correct(house, lot(mass_g=3_800), scope="second")


def test_nothing_is_corrected_before_it_was_weighed():
    with pytest.raises(Conflict):
        correct(booked(), lot())


def test_a_phone_whose_clock_was_reset_still_weighs_what_no_scale_can():
    row = nominal_masses()[0]

    for day in (date(1970, 1, 1), row.valid_from, date(2099, 1, 1)):
        assert nominal_mass_g(row.appliance, on=day) == row.mass_g
    with pytest.raises(Invalid):
        nominal_mass_g("no-such-thing", on=date(2026, 1, 1))
