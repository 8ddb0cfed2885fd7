"""What follows from what tracking itself decided: movements, tasks, and rulings on lots."""

from dataclasses import replace

from services.tracking.application.containment import Containment
from services.tracking.application.handlers import on_ruling
from services.tracking.domain import quarantine
from services.tracking.domain.amounts import Amount, Amounts
from services.tracking.domain.journal import Journal, Ruling
from services.tracking.domain.movement import Movement, in_container, movement, movement_id
from services.tracking.domain.quarantine import Task, Told, Way
from shared.contracts import container_life as life
from shared.contracts.container import LotQuarantined
from shared.kernel.aggregate import Decision
from shared.kernel.events import Event
from shared.messaging.ports import Reacting
from shared.messaging.reactions import AnyEvent, Effect, Reaction

GROUP = "tracking-containers"
Moving = (
    life.ContainerMoved
    | life.ContainerSealed
    | life.ContainerReceived
    | life.ContainerEmptied
    | life.ContainerWrittenOff
    | life.ContainerFound
)


def container_reaction(
    journals: Reacting[Journal],
    *,
    movements: Reacting[Movement],
    tasks: Reacting[Task],
    containment: Containment,
) -> Reaction:
    """Return the reaction to tracking's own topic."""

    def rule(
        _id: str, held: Journal | None, event: Event[life.TaskResolved]
    ) -> Decision[Journal] | None:
        return on_ruling(held, _ruling(event.data), containment=containment)

    posts = Effect(movements, _movement_ids, _post)
    return Reaction(
        GROUP,
        {
            life.ContainerMoved: [posts],
            life.ContainerSealed: [posts],
            life.ContainerReceived: [posts],
            life.ContainerEmptied: [posts],
            life.ContainerWrittenOff: [posts],
            life.ContainerFound: [posts],
            LotQuarantined: [Effect(tasks, _task_ids, _tell)],
            life.TaskResolved: [Effect(journals, lambda event: [event.data.pickup_id], rule)],
            life.ResolutionRefused: [Effect(tasks, _task_ids, _refuse)],
        },
    )


def movement_of(data: Moving) -> Movement | None:
    """Return the balanced entry of an event, or None where no gram moves."""
    tag, step = data.container_id, data.step
    if isinstance(data, life.ContainerMoved):
        source, target = in_container(data.from_holder, tag), in_container(data.to_holder, tag)
        content, at = data.content, data.moved_at
    elif isinstance(data, life.ContainerSealed):
        source, target = in_container(data.holder, tag), f"difference/{tag}"
        content, at = data.difference, data.sealed_at
    elif isinstance(data, life.ContainerReceived):
        source, target = in_container(data.holder, tag), f"difference/{tag}"
        content, at = data.difference, data.received_at
    elif isinstance(data, life.ContainerFound):
        source, target = f"loss/{tag}", in_container(data.holder or "", tag)
        content, at = data.content, data.found_at
    elif isinstance(data, life.ContainerEmptied):
        source, target = in_container(data.from_holder or "", tag), data.to_holder
        content, at = data.content, data.emptied_at
    else:
        source, target = in_container(data.holder or "", tag), f"loss/{tag}"
        content, at = data.content, data.written_off_at
    kind = data.TYPE.split(".")[2]
    posted = movement(
        tag, step, kind, source=source, target=target, content=_amounts(content), at=at
    )
    return replace(posted, consignment_id=_consignment_of(data)) if posted else None


def _consignment_of(data: Moving) -> str | None:
    """Return the consignment on whose way it happened."""
    if isinstance(data, life.ContainerSealed | life.ContainerEmptied):
        return None
    return data.consignment_id


def _post(_id: str, held: Movement | None, event: Event[Moving]) -> Decision[Movement] | None:
    posted = movement_of(event.data)
    return Decision(posted) if held is None and posted is not None else None


def _movement_ids(event: AnyEvent) -> list[str]:
    return [movement_id(event.data.container_id, event.data.step)]


def _tell(_id: str, held: Task | None, event: Event[LotQuarantined]) -> Decision[Task]:
    data = event.data
    news = Told(
        task_id=data.task_id or "",
        pickup_id=data.pickup_id,
        community_code=data.community_code,
        material=data.material,
        container_tag=data.container_tag,
        lot_id=data.lot_id,
        reason=data.reason,
        mass_delta_g=data.mass_delta_g,
        revision=data.revision or 0,
        at=data.quarantined_at,
        source=data.source,
    )
    return quarantine.told(held, news)


def _refuse(
    _id: str, held: Task | None, event: Event[life.ResolutionRefused]
) -> Decision[Task] | None:
    if held is None:
        return None
    data = event.data
    return quarantine.refused(held, data.number, reason=data.reason, at=data.refused_at)


def _task_ids(event: Event[LotQuarantined | life.ResolutionRefused]) -> list[str]:
    task_id = event.data.task_id
    return [task_id] if task_id is not None else []


def _ruling(data: life.TaskResolved) -> Ruling:
    return Ruling(data.task_id, data.number, Way(data.resolution), data.target, data.resolved_at)


def _amounts(content: life.Amounts) -> Amounts:
    return tuple(Amount(each.material, each.mass_g) for each in content)
