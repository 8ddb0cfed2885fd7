"""What is told of lots: apart, resolved, corrected after the seal."""

from services.tracking.adapters.announcing import announce, enveloped
from services.tracking.domain.following import DifferenceBooked, Quarantined, ResolutionRefused
from services.tracking.domain.quarantine import TaskResolved
from shared.contracts import container as contract
from shared.contracts import container_life as life
from shared.contracts.codec import Envelope


@announce.register
def _(event: Quarantined) -> Envelope:
    payload = contract.LotQuarantined(
        container_tag=event.lot.container_tag,
        lot_id=event.lot.lot_id,
        pickup_id=event.pickup_id,
        source=event.source,
        community_code=event.community_code,
        material=event.lot.material,
        mass_delta_g=event.mass_delta_g,
        reason=event.lot.misfit or "tracking.unknown_tag",
        quarantined_at=event.at,
        task_id=event.task_id,
        revision=event.revision,
    )
    return enveloped(payload, event.lot.container_tag or event.lot.lot_id, at=event.at)


@announce.register
def _(event: DifferenceBooked) -> Envelope:
    payload = life.DifferenceBooked(
        container_id=event.tag,
        pickup_id=event.pickup_id,
        source=event.source,
        community_code=event.community_code,
        material=event.material,
        mass_delta_g=event.mass_delta_g,
        booked_at=event.at,
    )
    return enveloped(payload, event.tag, at=event.at)


@announce.register
def _(event: TaskResolved) -> Envelope:
    task, resolution = event.task, event.resolution
    payload = life.TaskResolved(
        task_id=task.task_id,
        number=resolution.number,
        pickup_id=task.pickup_id,
        source=task.source,
        container_tag=task.container_tag,
        lot_id=task.lot_id,
        resolution=resolution.way.value,
        target=resolution.target,
        reason=resolution.reason,
        resolved_at=resolution.at,
    )
    return enveloped(payload, task.container_tag or task.lot_id, at=resolution.at)


@announce.register
def _(event: ResolutionRefused) -> Envelope:
    payload = life.ResolutionRefused(
        task_id=event.task_id,
        number=event.number,
        pickup_id=event.pickup_id,
        source=event.source,
        container_tag=event.container_tag,
        lot_id=event.lot_id,
        reason=event.reason,
        refused_at=event.at,
    )
    return enveloped(payload, event.container_tag or event.lot_id, at=event.at)
