"""Domain events become contract models here, and nowhere else. No personal data passes."""

from collections.abc import Callable, Iterable
from typing import Any

from services.collection.domain import events
from services.collection.domain.booking import Item
from services.collection.domain.pickup import Pickup
from services.collection.domain.weighing import WeighedLot
from shared.contracts import pickup as contract
from shared.contracts.codec import Envelope, encode
from shared.contracts.topic import Payload
from shared.observability.tracing import current

SOURCE = "greenloop/collection"


def announce(event: object) -> Envelope:
    """Return the envelope of a domain event, keyed by the pickup's first community."""
    payload, at = _PAYLOADS[type(event)](event)
    pickup: Pickup = event.pickup  # type: ignore[attr-defined]  # all of them have one
    return encode(
        payload,
        key=pickup.booking.community_code,
        subject=pickup.pickup_id,
        time=at,
        source=SOURCE,
        traceparent=current(),
    )


def _who(pickup: Pickup) -> dict[str, str]:
    return {
        "pickup_id": pickup.pickup_id,
        "household_id": pickup.booking.household_id,
        "community_code": pickup.booking.community_code,
    }


def _booked(event: events.PickupBooked | events.PickupAmended) -> tuple[Payload, Any]:
    pickup, booking = event.pickup, event.pickup.booking
    amended = isinstance(event, events.PickupAmended)
    model = contract.PickupAmended if amended else contract.PickupBooked
    payload = model(
        **_who(pickup),
        cell=booking.cell,
        service_day=booking.service_day,
        window_start=booking.window_start,
        window_end=booking.window_end,
        items=tuple(_item(item) for item in booking.items),
        booking_version=pickup.booking_version,
    )
    at = event.at if isinstance(event, events.PickupAmended) else pickup.booked_at
    return payload, at


def _cancelled(event: events.PickupCancelled) -> tuple[Payload, Any]:
    payload = contract.PickupCancelled(
        **_who(event.pickup), by=event.by, reason=event.reason, cancelled_at=event.at
    )
    return payload, event.at


def _failed(event: events.PickupFailed) -> tuple[Payload, Any]:
    payload = contract.PickupFailed(
        **_who(event.pickup),
        outcome=event.outcome,
        collector_id=event.collector_id,
        failed_at=event.at,
    )
    return payload, event.at


def _missed(event: events.PickupMissed) -> tuple[Payload, Any]:
    misses = event.pickup.misses
    payload = contract.PickupMissed(**_who(event.pickup), reported_at=event.at, misses=misses)
    return payload, event.at


def _approached(event: events.PickupApproached) -> tuple[Payload, Any]:
    payload = contract.PickupApproached(
        **_who(event.pickup),
        progress=event.pickup.state.value,
        collector_id=event.collector_id,
        happened_at=event.at,
    )
    return payload, event.at


def _remarked(event: events.PickupRemarked) -> tuple[Payload, Any]:
    payload = contract.PickupRemarked(
        **_who(event.pickup),
        outcome=event.outcome,
        collector_id=event.collector_id,
        happened_at=event.at,
    )
    return payload, event.at


def _confirmed(event: events.PickupConfirmed) -> tuple[Payload, Any]:
    payload = contract.PickupConfirmed(
        **_who(event.pickup), revision=_revision(event.pickup), by=event.by, confirmed_at=event.at
    )
    return payload, event.at


def _disputed(event: events.PickupDisputed) -> tuple[Payload, Any]:
    payload = contract.PickupDisputed(
        **_who(event.pickup), revision=event.revision, reason=event.reason, disputed_at=event.at
    )
    return payload, event.at


def _upheld(event: events.PickupUpheld) -> tuple[Payload, Any]:
    payload = contract.PickupUpheld(
        **_who(event.pickup),
        revision=_revision(event.pickup),
        reason=event.reason,
        upheld_at=event.at,
    )
    return payload, event.at


def _revision(pickup: Pickup) -> int:
    return pickup.weighing.revision if pickup.weighing else 1


def _weighed(event: events.PickupWeighed) -> tuple[Payload, Any]:
    weighing = event.weighing
    payload = contract.PickupWeighed(
        **_who(event.pickup),
        revision=weighing.revision,
        vehicle_id=weighing.vehicle_id,
        collector_id=weighing.collector_id,
        scale_id=weighing.scale_id,
        gross_g=weighing.gross_g,
        tare_g=weighing.tare_g,
        net_g=weighing.net_g,
        lots=_lots(weighing.lots),
        weighed_at=weighing.weighed_at,
        recorded_at=weighing.recorded_at,
        flags=weighing.flags,
    )
    return payload, weighing.weighed_at


def _corrected(event: events.PickupCorrected) -> tuple[Payload, Any]:
    weighing = event.weighing
    payload = contract.PickupCorrected(
        **_who(event.pickup),
        revision=weighing.revision,
        vehicle_id=weighing.vehicle_id,
        lots_before=_lots(event.before),
        lots_after=_lots(weighing.lots),
        weighed_at=weighing.weighed_at,
        corrected_at=event.at,
        reason=event.reason,
    )
    return payload, event.at


def _item(item: Item) -> contract.DeclaredItem:
    return contract.DeclaredItem(
        material=item.material,
        estimated_mass_g=item.estimated_mass_g,
        hazardous=item.hazardous,
        pieces=item.pieces,
        condition=item.condition,
        nominal=item.nominal,
    )


def _lots(lots: Iterable[WeighedLot]) -> tuple[contract.Lot, ...]:
    return tuple(
        contract.Lot(
            lot_id=lot.lot_id,
            material=lot.material,
            grade=lot.grade,
            mass_g=lot.mass_g,
            contamination_bp=lot.contamination_bp,
            hazardous=lot.hazardous,
            container_tag=lot.container_tag,
            pieces=lot.pieces,
            condition=lot.condition,
            nominal=lot.nominal,
        )
        for lot in lots
    )


_PAYLOADS: dict[type, Callable[[Any], tuple[Payload, Any]]] = {
    events.PickupBooked: _booked,
    events.PickupAmended: _booked,
    events.PickupCancelled: _cancelled,
    events.PickupFailed: _failed,
    events.PickupMissed: _missed,
    events.PickupWeighed: _weighed,
    events.PickupCorrected: _corrected,
    events.PickupApproached: _approached,
    events.PickupRemarked: _remarked,
    events.PickupConfirmed: _confirmed,
    events.PickupDisputed: _disputed,
    events.PickupUpheld: _upheld,
}
