"""Lots in quarantine: each a task that a person resolves.

The journal of the pickup decides what lies in quarantine and reports it; the task adds the reports
up. A person's resolution is decided on the task and carried out by the journal, which may find that
the container cannot take the lot any more: then the task is open again, with the reason.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.tracking.domain.container import By
from services.tracking.domain.weigh_in import DOOR
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict, Invalid

REFUSALS_MAX = 20


class Way(StrEnum):
    """How a quarantined lot is dealt with.

    What is to be sent away goes into a container, as a manifest declares nothing else.
    """

    TO_CONTAINER = "to-container"
    TO_PLACE = "to-place"
    ACCEPT = "accept"


class TaskState(StrEnum):
    """Whether somebody must act: open, resolved by a person, or withdrawn by a correction."""

    OPEN = "open"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a person decided. `target`: tag or place; None for `accept`."""

    number: int
    way: Way
    target: str | None
    reason: str
    by: By
    at: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """A resolution that could not be carried out, and why."""

    resolution: Resolution
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Task:
    """One lot in quarantine. `mass_g` is what still lies there: zero where nothing does."""

    task_id: str
    pickup_id: str
    community_code: str
    material: str
    container_tag: str | None
    lot_id: str
    reason: str
    mass_g: int
    opened_at: datetime
    told_revision: int
    state: TaskState = TaskState.OPEN
    resolution: Resolution | None = None
    resolutions: int = 0
    refusals: tuple[Refusal, ...] = ()
    source: str = DOOR


@dataclass(frozen=True, slots=True)
class Told:
    """What the journal told of a lot in quarantine: grams that came in (negative: went out)."""

    task_id: str
    pickup_id: str
    community_code: str
    material: str
    container_tag: str | None
    lot_id: str
    reason: str
    mass_delta_g: int
    revision: int
    at: datetime
    source: str = DOOR


@dataclass(frozen=True, slots=True)
class TaskResolved:
    """A person resolved a task; the grams follow."""

    task: Task
    resolution: Resolution


def told(task: Task | None, news: Told) -> Decision[Task]:
    """Add what the journal told. Reports may come in any order: grams add up, the latest names."""
    if task is None:
        task = Task(
            task_id=news.task_id,
            pickup_id=news.pickup_id,
            community_code=news.community_code,
            material=news.material,
            container_tag=news.container_tag,
            lot_id=news.lot_id,
            reason=news.reason,
            mass_g=0,
            opened_at=news.at,
            told_revision=0,
            source=news.source,
        )
    if news.revision >= task.told_revision:
        task = replace(task, lot_id=news.lot_id, reason=news.reason, told_revision=news.revision)
    return Decision(_stated(replace(task, mass_g=task.mass_g + news.mass_delta_g)))


def resolve(task: Task, resolution: Resolution) -> Decision[Task]:
    """Take a person's resolution; `Conflict` where another one did, or nothing is left to do."""
    if task.state is TaskState.RESOLVED:
        raise Conflict("tracking.task_resolved", "somebody resolved this task already")
    if task.state is TaskState.WITHDRAWN:
        raise Conflict("tracking.task_withdrawn", "a correction took this lot out of quarantine")
    check_target(resolution.way, resolution.target)
    numbered = replace(resolution, number=task.resolutions + 1)
    resolved = replace(task, resolution=numbered, resolutions=numbered.number)
    resolved = _stated(resolved)
    return Decision(resolved, (TaskResolved(resolved, numbered),))


def refused(task: Task, number: int, *, reason: str, at: datetime) -> Decision[Task] | None:
    """Open a task again whose resolution could not be carried out; None where it has another."""
    if task.resolution is None or task.resolution.number != number:
        return None
    refusals = (*task.refusals, Refusal(task.resolution, reason, at))[-REFUSALS_MAX:]
    return Decision(_stated(replace(task, resolution=None, refusals=refusals)))


def check_target(way: Way, target: str | None) -> None:
    """Raise `Invalid` (tracking.resolution) where a target is missing, or named for none."""
    if (target is None) != (way is Way.ACCEPT):
        raise Invalid("tracking.resolution", "all but `accept` name where the lot goes")


def _stated(task: Task) -> Task:
    if task.resolution is not None:
        return replace(task, state=TaskState.RESOLVED)
    return replace(task, state=TaskState.OPEN if task.mass_g > 0 else TaskState.WITHDRAWN)
