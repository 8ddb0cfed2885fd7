"""Each line of the report sees what it is for: a difference of one is a difference."""

import copy
from dataclasses import replace

import pytest

from tools.report.books import Books, PartyBooks
from tools.report.conservation import lines

PICKUPS = "recycling.pickup.events.v1"
ERASED = {"erasures": 2, "named_before": 2, "erased": 2, "gone": 2, "named_in_answers": 0}
DRIVES = {"drives": 1, "visits": 1, "cards": 3, "cards_known": 3, "board_sites": 1}
SERIES = {"series": 3, "series_stand": 2, "series_told": 2}
# Two manifests and the child of one; one came back, one was given up.
DRAFTED = {"drafted": 4, "partly_refused": 1, "returned": 1, "cancelled": 1, "declared_g": 1_300}
ENDED = {"accepted_g": 700, "refused_g": 90, "returned_g": 200}
MANIFESTS = {f"manifests_{name}": value for name, value in {**DRAFTED, **ENDED}.items()}
CHAINS = {"chains": 3, "chains_valid": 3}
DEPOSITS = {"deposits_held_fen": 20_000, "deposits_forfeited_fen": 10_000}
TRADE = {**MANIFESTS, **CHAINS, **DEPOSITS}
TALLY = {"booked": 2, "collected": 1, "cancelled": 1, **DRIVES, **SERIES, **ERASED, **TRADE}
SEEN = {"accepted_g": 700, "refused_g": 90, "returned_g": 200, "numbers": 4}
PARTIES = (
    PartyBooks("outlet", issued=12, returned=9, held=2, lost=1),
    PartyBooks("smelter", accepted_g=700, ledger_g=700),
)


def services():
    empty = {"accepted": 0, "pending": 0, "published": {}, "applied": [], "dead_letters": {}}
    cursor = {"group": "pricing", "topic": PICKUPS, "last_sequence": 5, "duplicates": 1}
    counts = {"booked": 2, "open": 0, "collected": 1, "cancelled": 1, "missed": 0, "failed": 0}
    terms = {"ahead": 0, "running": 0, "held": 1, "aborted": 0, "cancelled": 0, "missed": 0}
    drives = {
        "drives": {"planned": 1, **terms},
        "visits": 1,
        "uncounted": 0,
        "totals_g": 200,
        "lots_g": 200,
    }
    return {
        "collection": {
            **empty,
            "accepted": 5,
            "published": {PICKUPS: 5},
            "facts": {"counts": counts, "collected_g": {"glass": 700}, "drives": drives},
        },
        "pricing": {
            **empty,
            "applied": [cursor],
            "facts": {
                "ledger_sum_fen": 0,
                "settled_fen": 9,
                "paid_fen": 4,
                "pending_fen": 5,
                "reversed_fen": 0,
                "unpriced": 0,
                "settlements": 2,
                **deposits(),
            },
        },
        "tracking": {
            **empty,
            "facts": {
                "by_material": {
                    "glass": {"collected": 700, "in_stock": 600, "in_transit": 60, "quarantine": 40}
                },
                "ledger_sum_g": 0,
                "ledger_in_containers_g": {"glass": 600},
                "containers_hold_g": {"glass": 600},
                "tasks_hold_g": {"glass": 40},
                "journals": 2,
                **transfers(),
            },
        },
        "volumes": {**empty, "facts": {"by_material": {"glass": 700}}},
    }


def deposits():
    """Pricing's facts of deposits on crates, in fen."""
    documents = {"deposits_held_fen": 20_000, "deposits_forfeited_fen": 10_000}
    ledger = {"deposits_held_in_ledger_fen": 20_000, "deposits_forfeited_in_ledger_fen": 10_000}
    return {**documents, **ledger, "deposits_ledger_sum_fen": 0}


def transfers():
    """Tracking's facts of consignments, numbers and crates."""
    ends = {"received": 2, "returned": 1, "cancelled": 1, "void": 0, "lost": 0, "open": 0}
    sums = {"declared_g": 1_300, **ENDED, "difference_g": 10, "lost_g": 0}
    return {
        "consignments": {"drafted": 4, **ends},
        "manifests": {
            **{"numbered": 4, "partly_refused": 1, "refused": 1, "children": 1, "untold": 0},
            **{**sums, "given_up_g": 300, "open_g": 0},
            **{"child_declared_g": 90, "refused_declared_g": 90},
        },
        "numbers": {
            **{"given": 104, "leased": 104, "used": 3, "void": 2, "returned": 2},
            **{"free": 97, "held": 0},
        },
        "crates_held": {"battery-box": 2},
        "crates_lost": {"battery-box": 1},
        "crates_held_in_ledger": {"battery-box": 2},
        "crates_lost_in_ledger": {"battery-box": 1},
        "crates_ledger_sum": {},
    }


def books(held):
    return Books(
        services=held,
        topics={PICKUPS: 5},
        duplicates=0,
        gaps=0,
        company_volume_g={"glass": 700},
        board_sites=1,
        tally_counts=TALLY,
        tally_mass_g={"glass": 700},
        seen_of_manifests=SEEN,
        parties=PARTIES,
    )


def test_books_that_agree_reconcile():
    assert [line for line in lines(books(services())) if not line.holds] == []


@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("collection", ("facts", "counts", "booked")),
        ("collection", ("facts", "collected_g", "glass")),
        ("collection", ("facts", "drives", "drives", "held")),
        ("collection", ("facts", "drives", "visits")),
        ("collection", ("facts", "drives", "totals_g")),
        ("collection", ("facts", "drives", "lots_g")),
        ("collection", ("accepted",)),
        ("collection", ("pending",)),
        ("collection", ("published", PICKUPS)),
        ("pricing", ("facts", "ledger_sum_fen")),
        ("pricing", ("facts", "paid_fen")),
        ("pricing", ("facts", "unpriced")),
        ("pricing", ("facts", "settlements")),
        ("pricing", ("applied", 0, "last_sequence")),
        ("pricing", ("dead_letters", "pricing")),
        ("tracking", ("facts", "by_material", "glass", "in_stock")),
        ("tracking", ("facts", "by_material", "glass", "collected")),
        ("tracking", ("facts", "ledger_sum_g")),
        ("tracking", ("facts", "journals")),
        ("tracking", ("facts", "ledger_in_containers_g", "glass")),
        ("tracking", ("facts", "containers_hold_g", "glass")),
        ("tracking", ("facts", "tasks_hold_g", "glass")),
        ("tracking", ("facts", "consignments", "drafted")),
        ("tracking", ("facts", "consignments", "received")),
        ("tracking", ("facts", "consignments", "open")),
        ("tracking", ("facts", "manifests", "children")),
        ("tracking", ("facts", "manifests", "numbered")),
        ("tracking", ("facts", "manifests", "untold")),
        ("tracking", ("facts", "manifests", "declared_g")),
        ("tracking", ("facts", "manifests", "accepted_g")),
        ("tracking", ("facts", "manifests", "difference_g")),
        ("tracking", ("facts", "manifests", "lost_g")),
        ("tracking", ("facts", "manifests", "child_declared_g")),
        ("tracking", ("facts", "numbers", "leased")),
        ("tracking", ("facts", "numbers", "used")),
        ("tracking", ("facts", "crates_held", "battery-box")),
        ("tracking", ("facts", "crates_lost_in_ledger", "battery-box")),
        ("tracking", ("facts", "crates_ledger_sum", "battery-box")),
        ("pricing", ("facts", "deposits_held_fen")),
        ("pricing", ("facts", "deposits_forfeited_in_ledger_fen")),
        ("pricing", ("facts", "deposits_ledger_sum_fen")),
        ("volumes", ("facts", "by_material", "glass")),
    ],
)
def test_a_difference_of_one_is_seen(service, path):
    held = copy.deepcopy(services())
    place = held[service]
    for step in path[:-1]:
        place = place[step]
    if isinstance(place, dict):
        place.setdefault(path[-1], 0)
    place[path[-1]] += 1

    assert [line for line in lines(books(held)) if not line.holds]


@pytest.mark.parametrize("what", ["named_on_topics", "named_in_logs", "board_sites"])
def test_a_name_too_many_and_a_site_too_few_are_seen(what):
    held = books(services())

    different = replace(held, **{what: getattr(held, what) + 1})

    assert [line for line in lines(different) if not line.holds]


@pytest.mark.parametrize("what", sorted({*ERASED, *DRIVES, *SERIES, *TRADE} - {"series"}))
def test_a_promise_that_was_not_kept_is_seen(what):
    held = books(services())

    different = replace(held, tally_counts={**TALLY, what: TALLY[what] + 1})

    assert [line for line in lines(different) if not line.holds]


@pytest.mark.parametrize("what", ["returned", "held", "lost", "accepted_g", "ledger_g"])
def test_a_party_with_another_sum_is_seen(what):
    held = books(services())
    wrong = [replace(each, **{what: getattr(each, what) + 1}) for each in PARTIES]

    assert [line for line in lines(replace(held, parties=wrong)) if not line.holds]


@pytest.mark.parametrize("what", sorted(SEEN))
def test_another_sum_on_the_topic_is_seen(what):
    held = replace(books(services()), seen_of_manifests={**SEEN, what: SEEN[what] + 1})

    assert [line for line in lines(held) if not line.holds]


def test_a_stack_on_which_nothing_was_simulated_has_lines_too():
    held = replace(books(services()), tally_counts=None, board_sites=0)

    assert [line for line in lines(held) if not line.holds] == []
