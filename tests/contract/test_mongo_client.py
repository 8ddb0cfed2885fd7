"""What a client tells of itself: how long its commands took, under closed labels."""

import pytest
from prometheus_client import REGISTRY
from pymongo.errors import OperationFailure

from shared.messaging.command_times import COMMANDS, OTHER


def observed(command, outcome="ok"):
    name = "greenloop_database_command_duration_seconds_count"
    return REGISTRY.get_sample_value(name, {"command": command, "outcome": outcome}) or 0.0


def test_each_command_is_timed_under_its_name(fresh_database):
    before = {name: observed(name) for name in ("insert", "find", "update", "aggregate")}

    fresh_database["things"].insert_one({"_id": 1})
    fresh_database["things"].find_one({"_id": 1})
    fresh_database["things"].update_one({"_id": 1}, {"$set": {"n": 2}})
    list(fresh_database["things"].aggregate([{"$match": {}}]))

    assert {name: observed(name) - count for name, count in before.items()} == dict.fromkeys(
        before, 1.0
    )


def test_a_failure_is_told_apart(fresh_database):
    before = observed("aggregate", "failed")

    with pytest.raises(OperationFailure):
        list(fresh_database["things"].aggregate([{"$no": {}}]))

    assert observed("aggregate", "failed") == before + 1


def test_a_command_without_a_name_of_its_own_is_one_of_the_others(fresh_database):
    before = observed(OTHER)

    fresh_database.command("dbStats")

    assert "dbStats" not in COMMANDS
    assert observed(OTHER) == before + 1
