"""After the scale: it stands, or is disputed, upheld, corrected by two persons."""

from datetime import timedelta

import pytest

from services.collection.application import reviewing
from services.collection.domain.states import State
from shared.kernel.clock import legal_day
from shared.kernel.errors import Conflict, Forbidden, NotFound, Stale
from tests.unit.collection.builders import IN_THE_WINDOW, House, lot, request, weigh_in

HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)


def weighed():
    house = House()
    house.book()
    house.clock.instant = IN_THE_WINDOW + HOUR
    house.weigh(weigh_in())
    return house


def types(house):
    return [each.headers["ce_type"].split(".")[2] for each in house.pickups.announced]


def test_a_confirmed_weigh_in_stands():
    house = weighed()

    assert house.confirm().state.state is State.STANDS
    assert types(house) == ["booked", "weighed", "confirmed"]


def test_only_its_household_or_staff_confirms():
    with pytest.raises(NotFound):
        weighed().confirm(caller="resident-2")

    assert weighed().confirm(caller="city-1", is_staff=True).state.state is State.STANDS


def test_a_weigh_in_stands_by_itself_after_24_hours_and_not_before():
    house = weighed()
    house.clock.advance(DAY - timedelta(milliseconds=1))
    assert reviewing.let_stand(desk=house.desk) == 0

    house.clock.advance(timedelta(milliseconds=1))

    assert reviewing.let_stand(desk=house.desk) == 1
    assert house.pickups.get("p-1").state.state is State.STANDS
    assert reviewing.let_stand(desk=house.desk) == 0


def test_the_24_hours_count_from_when_it_was_told_not_from_when_it_was_weighed():
    house = House()
    house.book()
    house.clock.instant = IN_THE_WINDOW + 20 * HOUR  # a phone was offline
    house.weigh(weigh_in())
    house.clock.advance(DAY - HOUR)

    assert house.dispute().state.state is State.DISPUTED


def test_a_dispute_opens_a_review_and_is_too_late_after_24_hours():
    house = weighed()
    disputed = house.dispute()

    assert [review.code for review in disputed.state.reviews] == ["pickup.disputed"]
    late = weighed()
    late.clock.advance(DAY)
    with pytest.raises(Conflict) as refused:
        late.dispute()
    assert refused.value.code == "collection.too_late"


def test_a_disputed_weigh_in_does_not_stand_by_itself():
    house = weighed()
    house.dispute()
    house.clock.advance(2 * DAY)

    assert reviewing.let_stand(desk=house.desk) == 0
    assert house.pickups.get("p-1").state.state is State.DISPUTED


def test_upholding_decides_for_the_scale_and_closes_the_review():
    house = weighed()
    house.dispute()

    upheld = house.uphold()

    assert upheld.state.state is State.UPHELD
    assert upheld.state.reviews[0].resolution == "scale-right"
    with pytest.raises(Conflict):
        house.dispute(scope="again")


def test_a_proposal_changes_nothing_until_a_second_person_approves():
    house = weighed()

    proposed = house.propose(lot(mass_g=3_900))
    assert (proposed.state.state, proposed.state.weighing.revision) == (State.WEIGHED, 1)
    assert types(house) == ["booked", "weighed"]
    approved = house.approve()

    assert (approved.state.state, approved.state.weighing.revision) == (State.CORRECTED, 2)
    assert approved.state.superseded[0].lots[0].mass_g == 4_000
    assert types(house) == ["booked", "weighed", "corrected"]


def test_the_authors_own_approval_is_forbidden():
    house = weighed()
    house.propose(lot(mass_g=3_900), author="city-1")

    with pytest.raises(Forbidden) as refused:
        house.approve(approver="city-1")

    assert refused.value.code == "collection.own_correction"


def test_an_approval_of_what_was_not_proposed_is_not_found():
    house = weighed()
    with pytest.raises(NotFound):
        house.approve()

    house.propose(lot(mass_g=3_900))
    house.approve()
    with pytest.raises(NotFound):
        house.approve(scope="again")


def test_a_later_proposal_replaces_an_earlier_one_and_a_stale_one_is_refused():
    house = weighed()
    house.propose(lot(mass_g=3_900))
    house.propose(lot(mass_g=3_800), scope="second thoughts")
    house.approve()

    with pytest.raises(Stale):
        house.propose(lot(mass_g=3_700), supersedes=1, scope="stale")
    assert house.pickups.get("p-1").state.weighing.lots[0].mass_g == 3_800


def test_an_approval_of_what_was_seen_is_not_one_of_what_came_after_it():
    house = weighed()
    seen = house.propose(lot(mass_g=3_900)).state.proposal.proposed_at
    house.clock.advance(timedelta(seconds=1))
    later = house.propose(lot(mass_g=1), scope="behind its back").state.proposal.proposed_at

    with pytest.raises(Stale):
        house.approve(seen=seen)

    assert house.approve(seen=later, scope="looked again").state.weighing.lots[0].mass_g == 1


def test_nominal_masses_of_a_correction_are_those_of_the_day_it_was_weighed():
    house = weighed()
    house.clock.advance(timedelta(days=400))

    assert reviewing.weighed_day("p-1", desk=house.desk) == legal_day(IN_THE_WINDOW)


def test_a_correction_closes_a_dispute_and_may_be_disputed_itself():
    house = weighed()
    house.dispute()
    house.propose(lot(mass_g=3_900))

    corrected = house.approve()

    assert corrected.state.reviews[0].resolved_at is not None
    assert house.dispute(scope="again").state.disputes[1].revision == 2


def test_a_review_of_a_second_weigh_in_is_resolved_by_a_person():
    house = weighed()
    with pytest.raises(Conflict):
        house.weigh(weigh_in(lot(mass_g=4_100)), scope="other device")

    resolved = reviewing.resolve_review(
        "p-1", "weighing.second", resolution="first-right", desk=house.desk, request=request("r")
    )

    assert resolved.state.reviews[0].resolution == "first-right"


@pytest.mark.parametrize(
    ("code", "error"), [("pickup.disputed", Conflict), ("weighing.second", NotFound)]
)
def test_a_dispute_is_not_merely_closed_and_nothing_is_closed_twice(code, error):
    house = weighed()
    house.dispute()

    with pytest.raises(error):
        reviewing.resolve_review(
            "p-1", code, resolution="seen", desk=house.desk, request=request("r")
        )
