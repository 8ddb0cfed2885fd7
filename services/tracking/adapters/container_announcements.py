"""What is told of containers: each step of their life, keyed by the container.

An event of `container_events` and its contract say the same under the same names, except for the
tag (`container_id`) and for when it was (`sealed_at`, `opened_at`, …).
"""

from dataclasses import asdict

from services.tracking.adapters.announcing import announce, enveloped
from services.tracking.domain import container_events as events
from services.tracking.domain.container import Registered
from shared.contracts import container as contract
from shared.contracts import container_life as life
from shared.contracts.codec import Envelope
from shared.contracts.topic import Payload

CONTRACTS: dict[type[events.Step], tuple[type[Payload], str]] = {
    events.Contained: (contract.LotContained, "contained_at"),
    events.Moved: (life.ContainerMoved, "moved_at"),
    events.Sealed: (life.ContainerSealed, "sealed_at"),
    events.Opened: (life.ContainerOpened, "opened_at"),
    events.Resumed: (life.ContainerResumed, "resumed_at"),
    events.Reserved: (life.ContainerReserved, "reserved_at"),
    events.Released: (life.ContainerReleased, "released_at"),
    events.Departed: (life.ContainerDeparted, "departed_at"),
    events.Received: (life.ContainerReceived, "received_at"),
    events.Emptied: (life.ContainerEmptied, "emptied_at"),
    events.Cleaned: (life.ContainerCleaned, "cleaned_at"),
    events.Readied: (life.ContainerReadied, "ready_at"),
    events.Retired: (life.ContainerRetired, "retired_at"),
    events.Damaged: (life.ContainerDamaged, "damaged_at"),
    events.Lost: (life.ContainerLost, "lost_at"),
    events.Found: (life.ContainerFound, "found_at"),
    events.WrittenOff: (life.ContainerWrittenOff, "written_off_at"),
    events.ConditionLearnt: (life.ContainerConditionLearnt, "learnt_at"),
}


@announce.register
def _(event: Registered) -> Envelope:
    held = event.container
    payload = contract.ContainerRegistered(
        container_id=held.tag,
        container_type=held.container_type,
        waste_code=held.waste_code,
        un_number=held.un_number,
        tare_g=held.tare_g,
        limit_g=held.limit_g,
        registered_at=held.registered_at,
        step=held.step,
        materials=held.allowed,
        classes=held.classes,
        volume_l=held.volume_l,
        tested_until=held.tested_until,
        holder=held.holder,
    )
    return enveloped(payload, held.tag, at=held.registered_at)


@announce.register
def _(event: events.Step) -> Envelope:
    model, at_field = CONTRACTS[type(event)]
    told = asdict(event)
    tag, at = told.pop("tag"), told.pop("at")
    payload = model.model_validate({**told, "container_id": tag, at_field: at})
    return enveloped(payload, tag, at=at)
