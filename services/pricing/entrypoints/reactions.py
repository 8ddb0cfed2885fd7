"""What pricing does about weigh-ins, at the door and at drives."""

from functools import singledispatch

from services.pricing.application.handlers import on_weigh_in
from services.pricing.application.ports import PriceBook
from services.pricing.domain.settlement import (
    DRIVE,
    Lot,
    Settlement,
    WeighIn,
    community_account,
    organisation_account,
)
from shared.contracts.drive import VisitCorrected, VisitWeighed
from shared.contracts.lots import Lot as ToldLot
from shared.contracts.pickup import PickupCorrected, PickupWeighed
from shared.kernel.aggregate import Decision
from shared.kernel.clock import Clock
from shared.kernel.events import Event
from shared.messaging.ports import Reacting
from shared.messaging.reactions import Effect, Reaction

GROUP = "pricing"
Told = PickupWeighed | PickupCorrected | VisitWeighed | VisitCorrected


def reaction(settlements: Reacting[Settlement], *, book: PriceBook, clock: Clock) -> Reaction:
    """Return pricing's reaction."""

    def settle(
        _id: str, held: Settlement | None, event: Event[Told]
    ) -> Decision[Settlement] | None:
        return on_weigh_in(held, weigh_in_of(event.data), book=book, clock=clock)

    at_door = Effect(settlements, _pickup, settle)
    at_drive = Effect(settlements, _visit, settle)
    return Reaction(
        GROUP,
        {
            PickupWeighed: [at_door],
            PickupCorrected: [at_door],
            VisitWeighed: [at_drive],
            VisitCorrected: [at_drive],
        },
    )


@singledispatch
def weigh_in_of(data: object) -> WeighIn:
    """Return the weigh-in that an event reports: of a correction, the lots after."""
    raise TypeError(f"{type(data).__name__} reports no weigh-in")


@weigh_in_of.register(PickupWeighed)
@weigh_in_of.register(PickupCorrected)
def _at_door(data: PickupWeighed | PickupCorrected) -> WeighIn:
    lots = data.lots if isinstance(data, PickupWeighed) else data.lots_after
    return WeighIn(
        weigh_in_id=data.pickup_id,
        account_id=data.household_id,
        community_code=data.community_code,
        revision=data.revision,
        lots=tuple(_lot(lot) for lot in lots),
        weighed_at=data.weighed_at,
    )


@weigh_in_of.register(VisitWeighed)
@weigh_in_of.register(VisitCorrected)
def _at_drive(data: VisitWeighed | VisitCorrected) -> WeighIn:
    """Nobody in particular is paid: that is the community's, whose drive it was (ADR 0016)."""
    lots = data.lots if isinstance(data, VisitWeighed) else data.lots_after
    return WeighIn(
        weigh_in_id=data.visit_id,
        account_id=_account(data),
        community_code=data.community_code,
        revision=data.revision,
        lots=tuple(_lot(lot) for lot in lots),
        weighed_at=data.weighed_at,
        source=DRIVE,
    )


def _account(data: VisitWeighed | VisitCorrected) -> str:
    if data.household_id is not None:
        return data.household_id
    if data.organisation_id is not None:
        return organisation_account(data.organisation_id)
    return community_account(data.community_code)


def _pickup(event: Event[PickupWeighed | PickupCorrected]) -> list[str]:
    return [event.data.pickup_id]


def _visit(event: Event[VisitWeighed | VisitCorrected]) -> list[str]:
    return [event.data.visit_id]


def _lot(lot: ToldLot) -> Lot:
    return Lot(lot.lot_id, lot.material, lot.grade, lot.mass_g, lot.contamination_bp)
