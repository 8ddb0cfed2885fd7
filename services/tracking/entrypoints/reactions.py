"""What tracking does about weigh-ins and unloadings."""

from dataclasses import replace

from services.tracking.application.containment import Containment
from services.tracking.application.exemptions import Collected, Judging
from services.tracking.application.handlers import LotsReported, on_lots, on_unloaded
from services.tracking.domain.journal import Journal, TrackedLot, Unloaded
from shared.contracts import pickup as contract
from shared.contracts.pickup import PickupCorrected, PickupWeighed
from shared.contracts.route import VehicleUnloaded
from shared.kernel.aggregate import Decision
from shared.kernel.clock import legal_day
from shared.kernel.events import Event
from shared.messaging.ports import Reacting
from shared.messaging.reactions import Effect, Reaction
from shared.permits.model import UNVERIFIED

GROUP = "tracking"


def reaction(
    journals: Reacting[Journal], *, containment: Containment, judging: Judging
) -> Reaction:
    """Return tracking's reaction."""

    def follow(
        _id: str, held: Journal | None, event: Event[PickupWeighed | PickupCorrected]
    ) -> Decision[Journal] | None:
        followed = on_lots(held, reported_of(event.data), containment=containment)
        return followed and _with_verdicts(followed, event.data, judging)

    def unload(
        pickup_id: str, held: Journal | None, event: Event[VehicleUnloaded]
    ) -> Decision[Journal] | None:
        data = event.data
        unloaded = Unloaded(data.unloading_id, data.facility_id, data.unloaded_at)
        return on_unloaded(held, pickup_id, unloaded, containment=containment)

    follows = Effect(journals, _pickup, follow)
    return Reaction(
        GROUP,
        {
            PickupWeighed: [follows],
            PickupCorrected: [follows],
            VehicleUnloaded: [Effect(journals, _pickups, unload)],
        },
    )


def reported_of(data: PickupWeighed | PickupCorrected) -> LotsReported:
    """Return what an event reports of the lots: of a correction, the lots after."""
    if isinstance(data, PickupWeighed):
        lots, at = data.lots, data.weighed_at
    else:
        lots, at = data.lots_after, data.corrected_at
    return LotsReported(
        pickup_id=data.pickup_id,
        community_code=data.community_code,
        revision=data.revision,
        vehicle_id=data.vehicle_id,
        lots=tuple(_lot(lot) for lot in lots),
        at=at,
        weighed_at=data.weighed_at,
    )


def _with_verdicts(
    followed: Decision[Journal], data: PickupWeighed | PickupCorrected, judging: Judging
) -> Decision[Journal]:
    """Keep what the law of the day of the weigh-in asked of each hazardous lot's collection."""
    lots = data.lots if isinstance(data, PickupWeighed) else data.lots_after
    collected = [Collected(o.lot_id, o.material, o.condition) for o in lots if o.hazardous]
    verdicts = judging.verdicts(collected, on=legal_day(data.weighed_at))
    return replace(followed, state=replace(followed.state, verdicts=verdicts))


def _pickup(event: Event[PickupWeighed | PickupCorrected]) -> list[str]:
    return [event.data.pickup_id]


def _pickups(event: Event[VehicleUnloaded]) -> list[str]:
    return list(event.data.pickup_ids)


def _lot(lot: contract.Lot) -> TrackedLot:
    return TrackedLot(
        lot_id=lot.lot_id,
        material=lot.material,
        mass_g=lot.mass_g,
        hazardous=lot.hazardous,
        container_tag=lot.container_tag,
        misfit=None,
        # Without the keys collection could not tell; the container knows what it may hold.
        fault=None if lot.permit_fault == UNVERIFIED else lot.permit_fault,
    )
