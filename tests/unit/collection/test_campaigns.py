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


def test_progress_is_in_tenths_of_what_k_households_brought_over_several_drives():
    held = published(TERM, fact("drive-1", homes(*range(5)), 900), fact("drive-2", homes(9), 5_000))
    more = published(held, fact("drive-3", homes(*range(5)), 20_000))

    assert held.tenths(TERM.goals[0]) == 5
    assert more.tenths(TERM.goals[0]) == 10


def test_no_progress_tells_by_what_is_left_of_the_sum_what_one_household_brought():
    """With 2,000 g of glass in tenths of 2,000 g, the sum less the glass is one home's textiles."""
    both = replace(TERM, goals=(Goal("textiles", 10_000), Goal("glass", 2_000)))
    mixed = {"glass": frozenset(homes(*range(5))), "textiles": frozenset(homes(7))}
    one = DriveFact("drive-1", "site-1", 1, {"glass": 2_000, "textiles": 700}, mixed)
    held = published(both, one)

    assert board(held) == {"site-1": 2_700}
    assert [held.tenths(goal) for goal in both.goals] == [0, 0]
    plain = fact("drive-2", homes(*range(5)), 1_000, material="glass")
    assert published(held, plain).tenths(both.goals[1]) == 5


HOUSEHOLDS = st.sets(st.integers(0, 9), max_size=8)
FACTS = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from(["site-1", "site-2"]),
        st.dictionaries(
            st.sampled_from(["textiles", "glass", "cardboard"]),
            st.tuples(HOUSEHOLDS, st.integers(1, 10_000)),
        ),
    ),
    max_size=12,
)
GOALS = (Goal("textiles", 10_000), Goal("glass", 10_000))


def told_again(known, number, site, brought):
    """A drive as it is told next: who was there once was there; grams may have been corrected."""
    revision = known.revision + 1 if known else 1
    were = dict(known.households) if known else {}
    for name, (numbers, _) in brought.items():
        were[name] = were.get(name, frozenset()) | set(homes(*numbers))
    masses = {name: mass_g for name, (_, mass_g) in brought.items()}
    return DriveFact(f"{site}-{number}", site, revision, masses, were)


def counted(group):
    """By material, what an onlooker could at the most know of the progress of a group."""
    parts = [part for drive in group.drives for part in drive.parts] if group else []
    return {goal.material: total(parts, goal.material) for goal in GOALS}


def total(parts, material):
    return sum(part.counted_g for part in parts if part.material == material)


def by_site(campaign):
    return {group.site_id: group for group in campaign.groups}


def has_k(facts, materials):
    return len({one for f in facts for name in materials for one in f.households.get(name, ())}) > 4


@given(st.lists(FACTS, max_size=5))
def test_no_difference_of_two_boards_is_the_doing_of_fewer_than_k(rounds):
    """An onlooker who sees every board, and the grams behind its tenths, and takes any two apart.

    What a group grew by, what each material grew by in the progress, and what is left of the one
    without the other: each is nothing, or of k at least.
    """
    held = replace(TERM, goals=GOALS)
    drives: dict[str, DriveFact] = {}
    for told in rounds:
        for number, site, brought in told:
            one = told_again(drives.get(f"{site}-{number}"), number, site, brought)
            drives[one.drive_id] = one
        pending = [
            each for each in drives.values() if held.known().get(each.drive_id) != each.revision
        ]
        after = published(held, *pending)
        for site, group in by_site(after).items():
            before = by_site(held).get(site)
            fresh = [
                f for f in drives.values() if f.site_id == site and f.drive_id not in held.known()
            ]
            was, now = counted(before), counted(group)
            grown_g = group.mass_g - (before.mass_g if before else 0)
            moved = {name for name in now if now[name] != was[name]}
            left_g = grown_g - sum(now[name] - was[name] for name in moved)
            assert not grown_g or has_k(fresh, now)
            assert all(has_k(fresh, [name]) for name in moved)
            assert not left_g or has_k(fresh, now.keys() - moved)
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
