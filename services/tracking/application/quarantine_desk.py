"""Resolving tasks of quarantine."""

from dataclasses import dataclass

from services.tracking.application.container_desk import registered
from services.tracking.application.ports import Containers, Tasks
from services.tracking.domain.container import By, OfferedLot
from services.tracking.domain.container_filling import Classes, closed_because, misfit
from services.tracking.domain.quarantine import Resolution, Task, Way, check_target, resolve
from services.tracking.domain.tags import canonical
from shared.kernel.aggregate import Decision, Request, Stored
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict


@dataclass(frozen=True, slots=True)
class QuarantineDesk:
    """What resolving works with."""

    tasks: Tasks
    containers: Containers
    classes: Classes
    clock: Clock


@dataclass(frozen=True, slots=True)
class ResolveTask:
    """A person's decision. `target`: tag or place; None for `accept`."""

    task_id: str
    way: Way
    target: str | None
    reason: str
    by: By


def resolve_task(cmd: ResolveTask, *, desk: QuarantineDesk, request: Request[Task]) -> Stored[Task]:
    """Decide on the task; the grams follow by reaction.

    Raises `Conflict` (tracking.task_resolved, tracking.task_withdrawn, and the codes of misfits
    where the container does not take the lot), `NotFound` (task.not_found, container.not_found).
    """
    check_target(cmd.way, cmd.target)
    to_container = cmd.way is Way.TO_CONTAINER and cmd.target is not None
    target = canonical(cmd.target) if to_container and cmd.target else cmd.target
    resolution = Resolution(
        number=0, way=cmd.way, target=target, reason=cmd.reason, by=cmd.by, at=desk.clock.now()
    )

    def decide(task: Task) -> Decision[Task]:
        decision = resolve(task, resolution)
        if to_container and target is not None:
            _check_fits(task, target, desk=desk)
        return decision

    return desk.tasks.change(cmd.task_id, decide, request=request)


def _check_fits(task: Task, tag: str, *, desk: QuarantineDesk) -> None:
    """Say no at once where it is plain now; what changes until the grams move is found then."""
    container = registered(desk.containers.get(tag).state)
    now = desk.clock.now()
    lot = OfferedLot(task.lot_id, task.material, task.mass_g)
    why = closed_because(container, now) or misfit(
        container, lot, beside=container.content, at=now, classes=desk.classes
    )
    if why is not None:
        raise Conflict(why, "the container does not take this lot")
