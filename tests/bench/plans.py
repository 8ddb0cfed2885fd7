"""What MongoDB says of a walk: its stages, its indexes, what it read for what it gave."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pymongo.collection import Collection

from services.collection.adapters.pickup_lists import Step

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    stages: set[str]
    indexes: set[str]
    returned: int
    examined: int
    keys: int


def plan_of(collection: Collection[Json], step: Step, *, limit: int) -> Plan:
    """Explain and run a step."""
    hint = {"$natural": 1} if step.index == "$natural" else step.index
    asked = {
        "find": collection.name,
        "filter": step.where,
        "sort": dict(step.order),
        "limit": limit,
        "hint": hint,
    }
    told = collection.database.command("explain", asked, verbosity="executionStats")
    winning, ran = told["queryPlanner"]["winningPlan"], told["executionStats"]
    stages = list(_stages(winning))
    return Plan(
        stages={stage["stage"] for stage in stages},
        indexes={stage["indexName"] for stage in stages if "indexName" in stage},
        returned=ran["nReturned"],
        examined=ran["totalDocsExamined"],
        keys=ran["totalKeysExamined"],
    )


def _stages(stage: Json) -> Iterator[Json]:
    yield stage
    for below in [stage.get("inputStage"), *stage.get("inputStages", [])]:
        if below is not None:
            yield from _stages(below)
