"""What was derived from topics is derived again, beside the old, to the same totals."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from shared.messaging.generations import active_generation, of_generation
from shared.messaging.mongo_client import connect, database
from tests.architecture.source_tree import ROOT
from tests.e2e.conftest import CityStack, differing

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


def rebuild(stack: CityStack, service: str, *options: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "tools.cli", "rebuild", service, *options]
    return subprocess.run(
        [*command, "--state-dir", str(stack.layout.state_dir)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )


def generation(stack: CityStack, service: str) -> int:
    with connect(stack.running.held["mongodb"], name="test") as client:
        return active_generation(database(client, service), service)


@contextmanager
def missing(stack: CityStack, service: str, collection: str) -> Iterator[None]:
    """Take a document out of what is being read, for a while."""
    with connect(stack.running.held["mongodb"], name="test") as client:
        read = database(client, service)[collection]
        taken = read.find_one_and_delete({})
        yield
        read.insert_one(taken)


def test_a_rebuilt_generation_takes_the_place_of_the_old_with_the_same_totals(city):
    for service in ("routing", "volumes"):
        before = generation(city, service)

        done = rebuild(city, service)

        assert done.returncode == 0, done.stdout + done.stderr
        assert "say the same in both" in done.stdout
        assert generation(city, service) == before + 1
    back = rebuild(city, "volumes", "--back")
    assert (back.returncode, generation(city, "volumes")) == (0, before)
    assert differing(city.run_day(pickups=6, seed=12)) == []


@pytest.mark.parametrize("service", ["pricing", "tracking"])
def test_a_ledger_is_written_a_second_time_and_compared(city, service):
    done = rebuild(city, service)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "say the same in both" in done.stdout
    assert generation(city, service) == 1


def test_a_difference_is_told_and_nothing_is_switched(city):
    present = generation(city, "routing")

    with missing(city, "routing", of_generation("stops", present)):
        refused = rebuild(city, "routing", "--fresh")

    assert (refused.returncode, generation(city, "routing")) == (1, present)
    assert "1 of" in refused.stdout
