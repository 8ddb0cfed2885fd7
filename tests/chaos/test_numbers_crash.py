"""Two servers issue 10,000 numbers at once, and one is killed: no number is ever doubled."""

import pytest

from services.tracking.adapters.mongo_numbers import MongoNumbers
from tests.chaos.processes import died_at, started
from tests.polling import eventually

pytestmark = [pytest.mark.integration, pytest.mark.chaos]

COUNT = 5_000
MODULE = "tests.chaos.number_process"


@pytest.fixture
def numbers(tracking_database):
    made = MongoNumbers(tracking_database)
    made.prepare()
    return made


@pytest.fixture
def environment(mongodb_uri, tracking_database):
    return {"mongodb": mongodb_uri, "database": tracking_database.name}


def issued(path):
    """The numbers that went out, by what they are for; a line that was cut off did not."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    pairs = [line.split(" ") for line in lines]
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2 and len(pair[1]) == 14}


def accounted(numbers):
    counts = numbers.counts()
    ends = sum(counts[name] for name in ("held", "used", "void", "returned", "free"))
    assert ends == counts["leased"] == counts["given"]
    return counts


@pytest.mark.timeout(400)
def test_two_servers_of_which_one_is_killed_never_double_a_number(tmp_path, numbers, environment):
    first, second = tmp_path / "first", tmp_path / "second"
    with started(MODULE, str(first), "first", str(COUNT), **environment) as lives:
        with started(MODULE, str(second), "second", str(COUNT), **environment) as dies:
            eventually(lambda: len(issued(second)) > COUNT // 20, within_s=90)
            dies.kill()
            dies.wait()
        went_out = issued(second)
        assert lives.wait(timeout=200) == 0
    assert len(issued(first)) == COUNT
    assert 0 < len(went_out) < COUNT

    with started(MODULE, str(second), "second", str(COUNT), **environment) as again:
        assert again.wait(timeout=200) == 0
    numbers.settle_open()

    after = issued(second)
    assert went_out.items() <= after.items()  # a repeat gets the number that went out before
    given = [*issued(first).values(), *after.values()]
    assert len(set(given)) == len(given) == 2 * COUNT
    counts = accounted(numbers)
    assert counts["held"] >= 2 * COUNT


@pytest.mark.parametrize(
    "label",
    ["numbers.lease.after:1", "numbers.settle.after:2"],
)
def test_a_server_that_dies_while_it_leases_loses_no_number(tmp_path, numbers, environment, label):
    out = tmp_path / "out"
    died_at(label, MODULE, str(out), "server", "300", **environment)
    went_out = issued(out)

    with started(MODULE, str(out), "server", "300", **environment) as again:
        assert again.wait(timeout=60) == 0
    numbers.settle_open()

    assert went_out.items() <= issued(out).items()
    assert len(set(issued(out).values())) == 300
    accounted(numbers)
