"""A small city day through all services: every line of the conservation report holds."""

import signal

import pytest

from deploy.local.processes import Identity
from tests.e2e.conftest import CityStack, differing
from tools.cli.killer import Killer
from tools.report.conservation import lines
from tools.report.custody import battery_container, custody_of

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


# A small day in which all of this is drawn, as it is in any large one.
MUCH_HAPPENS = 16_632
HAPPENS = (
    *("amended", "failed", "told_late", "reviews_resolved"),
    *("disputed", "upheld", "corrected", "confirmed"),
    *("drives", "visits", "cards_known"),
)


def in_this_order(wanted, told):
    """Say whether lines that begin so come one after another."""
    rest = iter(told)
    return all(any(what.startswith(begins) for what in rest) for begins in wanted)


def test_a_day_reconciles_to_the_gram_fen_and_event(city_stack: CityStack):
    books = city_stack.run_day(pickups=40, seed=MUCH_HAPPENS)

    assert differing(books) == []
    assert books.tally_counts["collected"] > 25
    assert books.tally_counts["series"] > books.tally_counts["series_stand"] > 0
    assert books.tally_counts["erasures"] >= 10  # at dawn, in the evening, after it, of drives
    assert books.tally_counts["cards_known"] >= 9
    assert [act for act in HAPPENS if not books.tallied(act)] == []
    assert books.board_sites == 3
    assert books.tally_counts["manifests_partly_refused"] == 1
    assert {line.section for line in lines(books)} == {
        "counts",
        "drives",
        "series",
        "persons",
        "manifests",
        "crates",
        "grams",
        "fen",
        "events",
    }


def test_a_battery_is_followed_from_kitchens_and_drives_to_a_receivers_verdict(city):
    tag = battery_container(city.api)

    chain = custody_of(city.api, tag)

    told = [each.what for each in chain]
    places = ["registered", "moved to", "sealed (lots"]
    way = ["signed by the consignor", "taken over by", "taken over by", "refused (leaking) by"]
    onward = ["redirection declared", "signed by the consignor", "taken over by", "accepted by"]
    assert [what for what in told if what.startswith("from a ")]
    assert in_this_order([*places, "shipment declared", *way, *onward], told)
    assert [each.at for each in chain] == sorted(each.at for each in chain)
    shipped, redirected = (each for each in dict.fromkeys(c.number for c in chain) if each)
    assert shipped != redirected
    assert chain[-1].who.startswith("party/")


@pytest.mark.chaos
def test_a_day_with_20_kills_reconciles(city_stack: CityStack):
    killer = Killer(city_stack.layout, count=20, every_s=1.0, seed=5)
    killer.start()
    try:
        books = city_stack.run_day(pickups=60, seed=4)
    finally:
        killer.finish()
    books = city_stack.run_day(pickups=6, seed=6)

    assert killer.done == 20
    assert differing(books) == []


@pytest.mark.chaos
def test_a_day_with_kafka_and_mongod_killed_in_the_middle_reconciles(city_stack: CityStack):
    def kill_both() -> None:
        for name in ("kafka", "mongod"):
            entry = city_stack.running.processes[name]
            Identity(int(entry["pid"]), float(entry["started_at_s"])).signal(signal.SIGKILL)

    books = city_stack.run_day(pickups=40, seed=7, driving_begins=kill_both)

    assert differing(books) == []
    assert city_stack.running.processes["kafka"]["restarts"] >= 1
    assert city_stack.running.processes["mongod"]["restarts"] >= 1
