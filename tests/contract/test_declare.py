"""How many brokers must have what is acknowledged, and how the script is called."""

import subprocess
import sys

import pytest

from shared.contracts import pickup
from shared.contracts.declare import topic_config


@pytest.mark.parametrize(("replicas", "told"), [(1, "1"), (2, "1"), (3, "2"), (5, "4")])
def test_one_broker_may_be_away_where_there_are_more(replicas, told):
    assert topic_config(pickup.TOPIC, replication=replicas)["min.insync.replicas"] == told


@pytest.mark.parametrize("given", [[], ["127.0.0.1:1", "0"], ["127.0.0.1:1", "many"]])
def test_says_how_it_is_called(given):
    command = [sys.executable, "-m", "shared.contracts.declare", *given]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert ended.returncode == 1
    assert ended.stderr.startswith("usage:")
