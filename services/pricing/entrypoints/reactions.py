"""What pricing does about weigh-ins."""

from services.pricing.application.handlers import on_weigh_in
from services.pricing.application.ports import PriceBook
from services.pricing.domain.settlement import Lot, Settlement, WeighIn
from shared.contracts import pickup as contract
from shared.contracts.pickup import PickupCorrected, PickupWeighed
from shared.kernel.aggregate import Decision
from shared.kernel.clock import Clock
from shared.kernel.events import Event
from shared.messaging.ports import Reacting
from shared.messaging.reactions import Effect, Reaction

GROUP = "pricing"


def reaction(settlements: Reacting[Settlement], *, book: PriceBook, clock: Clock) -> Reaction:
    """Return pricing's reaction."""

    def settle(
        _id: str, held: Settlement | None, event: Event[PickupWeighed | PickupCorrected]
    ) -> Decision[Settlement] | None:
        return on_weigh_in(held, weigh_in_of(event.data), book=book, clock=clock)

    effect = Effect(settlements, _pickup, settle)
    return Reaction(GROUP, {PickupWeighed: [effect], PickupCorrected: [effect]})


def weigh_in_of(data: PickupWeighed | PickupCorrected) -> WeighIn:
    """Return the weigh-in that an event reports: of a correction, the lots after."""
    lots = data.lots if isinstance(data, PickupWeighed) else data.lots_after
    return WeighIn(
        pickup_id=data.pickup_id,
        household_id=data.household_id,
        community_code=data.community_code,
        revision=data.revision,
        lots=tuple(_lot(lot) for lot in lots),
        weighed_at=data.weighed_at,
    )


def _pickup(event: Event[PickupWeighed | PickupCorrected]) -> list[str]:
    return [event.data.pickup_id]


def _lot(lot: contract.Lot) -> Lot:
    return Lot(lot.lot_id, lot.material, lot.grade, lot.mass_g, lot.contamination_bp)
