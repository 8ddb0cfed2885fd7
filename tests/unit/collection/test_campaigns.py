"""Boards tell of groups, never of anybody: k households, and no difference of fewer."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collection.application import campaigns
from services.collection.application.visiting import Identity
from services.collection.domain.campaign import Campaign, DriveFact, Goal, check_campaign
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Invalid
from tests.unit.collection.drive_builders import DriveHouse, lot

TERM = Campaign(
    "campaign-1", "Autumn", date(2026, 9, 1), date(2027, 1, 31), goals=(Goal("textiles", 10_000),)
)


def fact(drive_id, households, mass_g=1_000, *, site="site-1", revision=1, material="textiles"):
    return DriveFact(
        drive_id, site, revision, {material: mass_g}, {material: frozenset(households)}
    )


def homes(*numbers):
    return [f"home-{number}" for number in numbers]


def board(campaign):
    return {group.site_id: group.mass_g for group in campaign.ranking()}


def published(campaign, *facts):
    decision = campaign.publish(facts)
    return campaign if decision is None else decision.state


def test_fewer_than_k_households_are_not_shown():
    held = published(TERM, fact("drive-1", homes(1, 2, 3, 4)))

    assert board(held) == {}


def test_k_households_are_shown_also_over_several_drives():
    held = published(TERM, fact("drive-1", homes(1, 2, 3)), fact("drive-2", homes(3, 4, 5), 500))

    assert board(held) == {"site-1": 1_500}


def test_a_drive_of_few_waits_for_others_of_its_site():
    held = published(TERM, fact("drive-1", homes(*range(6))))
    waiting = fact("drive-2", homes(7), 70)
    alone = published(held, waiting)
    together = published(alone, waiting, fact("drive-3", homes(8, 9, 10, 11), 400))

    assert board(alone) == {"site-1": 1_000}
    assert board(together) == {"site-1": 1_470}


def test_the_same_households_again_are_an_increment_of_their_own():
    held = published(TERM, fact("drive-1", homes(*range(6))))

    assert board(published(held, fact("drive-2", homes(0, 1, 2, 3), 50))) == {"site-1": 1_000}
    assert board(published(held, fact("drive-2", homes(0, 1, 2, 3, 4), 50))) == {"site-1": 1_050}


def test_a_late_revision_waits_for_an_increment_of_k():
    held = published(TERM, fact("drive-1", homes(*range(6))))
    late = fact("drive-1", homes(*range(7)), 1_090, revision=2)
    alone = published(held, late)
    together = published(alone, late, fact("drive-2", homes(*range(5)), 10))

    assert board(alone) == {"site-1": 1_000}
    assert board(together) == {"site-1": 1_100}
    assert together.known() == {"drive-1": 2, "drive-2": 1}


def test_only_materials_with_a_goal_count_and_make_a_group():
    other = fact("drive-1", homes(*range(9)), material="cardboard")

    assert board(published(TERM, other)) == {}
    assert board(published(replace(TERM, goals=()), other)) == {"site-1": 1_000}


def test_progress_is_in_tenths_of_drives_in_which_k_households_brought_it():
    held = published(
        TERM, fact("drive-1", homes(*range(5)), 3_900), fact("drive-2", homes(9), 5_000)
    )
    more = published(held, fact("drive-3", homes(*range(5)), 20_000))

    assert held.tenths(TERM.goals[0]) == 3
    assert more.tenths(TERM.goals[0]) == 10


FACTS = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from(["site-1", "site-2"]),
        st.sets(st.integers(0, 9), max_size=8),
        st.integers(1, 10_000),
    ),
    max_size=12,
)


@given(st.lists(FACTS, max_size=5))
def test_no_difference_of_two_boards_is_the_doing_of_fewer_than_k(rounds):
    """An onlooker who sees every board, and takes any two of them apart, learns of k at least."""
    held = TERM
    drives: dict[str, DriveFact] = {}
    for told in rounds:
        for number, site, households, mass_g in told:
            drive_id = f"{site}-{number}"
            known = drives.get(drive_id)
            before = known.households["textiles"] if known else frozenset()
            revision = known.revision + 1 if known else 1
            drives[drive_id] = fact(
                drive_id,
                before | set(homes(*households)),
                mass_g,
                site=site,
                revision=revision,
            )
        pending = [
            each for each in drives.values() if held.known().get(each.drive_id) != each.revision
        ]
        after = published(held, *pending)
        for site in board(after):
            if board(after)[site] != board(held).get(site):
                was = {d.drive_id for g in held.groups if g.site_id == site for d in g.drives}
                new = [f for f in drives.values() if f.site_id == site and f.drive_id not in was]
                assert len({home for f in new for home in f.households["textiles"]}) >= 5
        held = after


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"last_day": TERM.first_day - timedelta(1)}, "campaign.days"),
        ({"k": 4}, "campaign.k"),
        ({"goals": (Goal("textiles", 0),)}, "campaign.goals"),
        ({"goals": (Goal("textiles", 1), Goal("textiles", 2))}, "campaign.goals"),
    ],
)
def test_refuses_a_campaign_that_cannot_be(change, code):
    with pytest.raises(Invalid) as refused:
        check_campaign(replace(TERM, **change))
    assert refused.value.code == code


def visit(house, number):
    house.cards.holders[f"card-{number}"] = f"home-{number}"
    house.tell(lot(100), identity=Identity(card=f"card-{number}"), drive_id="drive-2")


def test_the_board_follows_the_drives_that_have_ended():
    house = DriveHouse()
    house.campaigns.create("campaign-1", Decision(TERM))
    house.plan("drive-2", campaign_id="campaign-1")
    house.open(drive_id="drive-2")
    for number in range(5):
        visit(house, number)
    house.tell(lot(40), drive_id="drive-2")
    running = campaigns.publish_boards(desk=house.desk)
    house.close("drive-2")

    assert (running, campaigns.publish_boards(desk=house.desk)) == (0, 1)
    assert board(house.campaigns.get("campaign-1").state) == {"site-1": 540}
    visit(house, 6)
    assert campaigns.publish_boards(desk=house.desk) == 0
    assert board(house.campaigns.get("campaign-1").state) == {"site-1": 540}
