"""Domain events become contract models here, and nowhere else."""

from datetime import datetime
from functools import singledispatch

from services.tracking.domain.container import Registered
from services.tracking.domain.journal import Contained, Quarantined
from shared.contracts import container as contract
from shared.contracts.codec import Envelope, encode
from shared.contracts.topic import Payload
from shared.observability.tracing import current

SOURCE = "greenloop/tracking"


@singledispatch
def announce(event: object) -> Envelope:
    """Return the envelope of a domain event."""
    raise TypeError(f"no contract for {type(event).__name__}")


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
    )
    return _of_container(payload, held.tag, at=held.registered_at)


@announce.register
def _(event: Contained) -> Envelope:
    tag = event.lot.container_tag or event.lot.lot_id
    payload = contract.LotContained(
        container_id=tag,
        lot_id=event.lot.lot_id,
        pickup_id=event.pickup_id,
        source=event.source,
        community_code=event.community_code,
        material=event.lot.material,
        mass_delta_g=event.mass_delta_g,
        contained_at=event.at,
    )
    return _of_container(payload, tag, at=event.at)


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
    )
    return _of_container(payload, event.lot.container_tag or event.lot.lot_id, at=event.at)


def _of_container(payload: Payload, tag: str, *, at: datetime) -> Envelope:
    return encode(payload, key=tag, subject=tag, time=at, source=SOURCE, traceparent=current())
