"""Totals of drives are compared with what their visits posted, and are never posted."""

from itertools import permutations

from services.tracking.adapters.announcements import announce
from services.tracking.domain.amounts import Amount
from services.tracking.domain.drive_told import DriveTold, differing
from services.tracking.entrypoints.drive_reactions import GROUP, drive_reaction
from shared.contracts import drive as contract
from shared.messaging.in_memory import InMemoryAggregates
from shared.messaging.reactions import sequence_mark
from tests.unit.tracking.builders import COMMUNITY, LATER
from tests.unit.tracking.test_visits import numbered

OF_DRIVE = {"drive_id": "drive-1", "site_id": "site-1", "community_code": COMMUNITY}


def totals(*grams):
    lines = [
        contract.TotalLine(material="glass", grade=grade, mass_g=mass_g, lots=1)
        for grade, mass_g in zip("ABC", grams, strict=False)
    ]
    return contract.DriveTotals(
        visits=1, households=0, anonymous=1, mass_g=sum(grams), lines=tuple(lines)
    )


def closed(*grams):
    return contract.DriveClosed(**OF_DRIVE, totals=totals(*grams), revision=1, closed_at=LATER)


def revised(*grams, revision=2):
    return contract.DriveTotalsRevised(
        **OF_DRIVE, state="closed", totals=totals(*grams), revision=revision, revised_at=LATER
    )


def drives():
    return InMemoryAggregates(kind="drive", state_type=DriveTold, announce=announce)


def test_the_highest_revision_counts_in_whatever_order_and_how_often_it_comes():
    for order in permutations([closed(100), revised(90, 15), revised(80, 20, revision=3)]):
        kept = drives()
        reacts = drive_reaction(kept)
        for _ in range(2):
            reacts.apply(list(numbered(order)), sequence_mark(GROUP, 1))

        told = kept.get("drive-1").state
        assert (told.revision, told.collected) == (3, (Amount("glass", 100),))
        assert kept.announced == []


def test_a_drive_that_says_something_else_than_its_visits_posted_is_counted():
    told = DriveTold("drive-1", COMMUNITY, 1, (Amount("glass", 100),), LATER)

    assert told.difference((Amount("glass", 100),)) == ()
    assert told.difference((Amount("glass", 90), Amount("steel", 4))) == (
        Amount("glass", 10),
        Amount("steel", -4),
    )
    assert differing({"drive-1": told}, {}) == 1
    assert differing({"drive-1": told}, {"drive-1": told.collected}) == 0
