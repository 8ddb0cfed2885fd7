"""A small city day through all services: every line of the conservation report holds."""

import signal

import pytest

from deploy.local.processes import Identity
from tests.e2e.conftest import CityStack, differing
from tools.cli.killer import Killer
from tools.report.conservation import lines

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def test_a_day_reconciles_to_the_gram_fen_and_event(city_stack: CityStack):
    books = city_stack.run_day(pickups=40, seed=3)

    assert differing(books) == []
    assert books.tally_counts["collected"] > 25
    assert books.tally_counts["series"] > books.tally_counts["series_stand"] > 0
    assert books.tally_counts["erasures"] >= 10  # at dawn, in the evening, after it, of drives
    assert books.tally_counts["cards_known"] >= 9
    assert books.board_sites == 3
    assert {line.section for line in lines(books)} == {
        "counts",
        "drives",
        "series",
        "persons",
        "grams",
        "fen",
        "events",
    }


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
