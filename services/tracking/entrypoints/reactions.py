"""What tracking does about weigh-ins and unloadings, at the door and at drives."""

from dataclasses import replace
from functools import singledispatch

from services.tracking.application.containment import Containment
from services.tracking.application.exemptions import Collected, Judging
from services.tracking.application.handlers import LotsReported, on_lots, on_unloaded
from services.tracking.domain.exemptions import AT_THE_DOOR, LegPlace
from services.tracking.domain.journal import Journal, TrackedLot, Unloaded
from services.tracking.domain.weigh_in import DRIVE
from shared.contracts.drive import VisitCorrected, VisitWeighed
from shared.contracts.lots import Lot
from shared.contracts.pickup import PickupCorrected, PickupWeighed
from shared.contracts.route import DriveUnloaded, VehicleUnloaded
from shared.kernel.aggregate import Decision
from shared.kernel.clock import legal_day
from shared.kernel.events import Event
from shared.messaging.ports import Reacting
from shared.messaging.reactions import Effect, Reaction
from shared.permits.model import UNVERIFIED

GROUP = "tracking"
Told = PickupWeighed | PickupCorrected | VisitWeighed | VisitCorrected


def reaction(
    journals: Reacting[Journal], *, containment: Containment, judging: Judging
) -> Reaction:
    """Return tracking's reaction."""

    def follow(_id: str, held: Journal | None, event: Event[Told]) -> Decision[Journal] | None:
        followed = on_lots(held, reported_of(event.data), containment=containment)
        return followed and _with_verdicts(followed, event.data, judging)

    def put_down(
        held: Journal | None, weigh_in: Journal, data: VehicleUnloaded | DriveUnloaded
    ) -> Decision[Journal] | None:
        moved = on_unloaded(held, weigh_in, _unloaded(data), containment=containment)
        return moved and _to_store(moved, judging)

    def unload(
        pickup_id: str, held: Journal | None, event: Event[VehicleUnloaded]
    ) -> Decision[Journal] | None:
        return put_down(held, Journal(pickup_id), event.data)

    def unload_drive(
        visit_id: str, held: Journal | None, event: Event[DriveUnloaded]
    ) -> Decision[Journal] | None:
        return put_down(held, Journal(visit_id, source=DRIVE), event.data)

    at_door = Effect(journals, _pickup, follow)
    at_drive = Effect(journals, _visit, follow)
    return Reaction(
        GROUP,
        {
            PickupWeighed: [at_door],
            PickupCorrected: [at_door],
            VisitWeighed: [at_drive],
            VisitCorrected: [at_drive],
            VehicleUnloaded: [Effect(journals, _pickups, unload)],
            DriveUnloaded: [Effect(journals, _visits, unload_drive)],
        },
    )


@singledispatch
def reported_of(data: object) -> LotsReported:
    """Return what an event reports of the lots: of a correction, the lots after."""
    raise TypeError(f"{type(data).__name__} reports no lots")


@reported_of.register(PickupWeighed)
@reported_of.register(PickupCorrected)
def _at_door(data: PickupWeighed | PickupCorrected) -> LotsReported:
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


@reported_of.register(VisitWeighed)
@reported_of.register(VisitCorrected)
def _at_drive(data: VisitWeighed | VisitCorrected) -> LotsReported:
    if isinstance(data, VisitWeighed):
        lots, at = data.lots, data.weighed_at
    else:
        lots, at = data.lots_after, data.corrected_at
    return LotsReported(
        pickup_id=data.visit_id,
        community_code=data.community_code,
        revision=data.revision,
        vehicle_id=data.vehicle_id,
        lots=tuple(_lot(lot) for lot in lots),
        at=at,
        weighed_at=data.weighed_at,
        source=DRIVE,
        drive_id=data.drive_id,
    )


def _with_verdicts(followed: Decision[Journal], data: Told, judging: Judging) -> Decision[Journal]:
    """Keep what the law of the day of the weigh-in asked of each hazardous lot's collection."""
    verdicts = judging.verdicts(_collected(data), on=legal_day(data.weighed_at))
    judged = replace(followed, state=replace(followed.state, verdicts=verdicts))
    return _to_store(judged, judging)


def _to_store(followed: Decision[Journal], judging: Judging) -> Decision[Journal]:
    """Keep what the law of the day of the unloading asked of the way there, once both are told."""
    journal = followed.state
    if journal.unloaded is None or not journal.verdicts:
        return followed
    first = tuple(each for each in journal.verdicts if each.leg == 1)
    second = judging.to_store(first, on=legal_day(journal.unloaded.at))
    return replace(followed, state=replace(journal, verdicts=(*first, *second)))


def _collected(data: Told) -> list[Collected]:
    """Return the facts of the hazardous lots: an organisation may have come to a drive."""
    lots = data.lots if isinstance(data, PickupWeighed | VisitWeighed) else data.lots_after
    holder, place = "household", AT_THE_DOOR
    if isinstance(data, VisitWeighed | VisitCorrected):
        holder, place = data.producer, LegPlace(DRIVE, central_store=data.central_store)
    return [
        Collected(lot.lot_id, lot.material, lot.condition, holder=holder, place=place)
        for lot in lots
        if lot.hazardous
    ]


def _pickup(event: Event[PickupWeighed | PickupCorrected]) -> list[str]:
    return [event.data.pickup_id]


def _visit(event: Event[VisitWeighed | VisitCorrected]) -> list[str]:
    return [event.data.visit_id]


def _pickups(event: Event[VehicleUnloaded]) -> list[str]:
    return list(event.data.pickup_ids)


def _visits(event: Event[DriveUnloaded]) -> list[str]:
    return list(event.data.visit_ids)


def _unloaded(data: VehicleUnloaded | DriveUnloaded) -> Unloaded:
    return Unloaded(data.unloading_id, data.facility_id, data.unloaded_at)


def _lot(lot: Lot) -> TrackedLot:
    return TrackedLot(
        lot_id=lot.lot_id,
        material=lot.material,
        mass_g=lot.mass_g,
        hazardous=lot.hazardous,
        container_tag=lot.container_tag,
        misfit=None,
        # Without the keys collection could not tell; the container knows what it may hold.
        fault=None if lot.permit_fault == UNVERIFIED else lot.permit_fault,
        permit_id=lot.permit_id,
        condition=lot.condition,
    )
