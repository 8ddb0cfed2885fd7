"""What routing does about pickups: a stop each, open until it is done or cancelled."""

from collections.abc import Callable
from typing import Any

from services.routing.application.handlers import on_booked, on_over
from services.routing.domain.stop import PickupStop, StopState
from shared.contracts import pickup as contract
from shared.kernel.aggregate import Decision
from shared.kernel.events import Event
from shared.messaging.ports import Reacting
from shared.messaging.reactions import Effect, Reaction

GROUP = "routing"
Decide = Callable[[str, PickupStop | None, Event[Any]], Decision[PickupStop] | None]


def reaction(stops: Reacting[PickupStop]) -> Reaction:
    """Return routing's reaction."""
    booked = Effect(stops, _pickup, _book)
    return Reaction(
        GROUP,
        {
            contract.PickupBooked: [booked],
            contract.PickupAmended: [booked],
            contract.PickupCancelled: [Effect(stops, _pickup, _ends(StopState.CANCELLED))],
            contract.PickupFailed: [Effect(stops, _pickup, _ends(StopState.DONE))],
            contract.PickupMissed: [Effect(stops, _pickup, _ends(StopState.DONE))],
            contract.PickupWeighed: [Effect(stops, _pickup, _ends(StopState.DONE))],
        },
    )


def _pickup(event: Event[Any]) -> list[str]:
    return [event.data.pickup_id]


def _book(
    _id: str, held: PickupStop | None, event: Event[contract.PickupBooked]
) -> Decision[PickupStop] | None:
    data = event.data
    booked = PickupStop(
        pickup_id=data.pickup_id,
        community_code=data.community_code,
        state=StopState.OPEN,
        booking_version=data.booking_version,
        cell=data.cell,
        service_day=data.service_day,
        window_start=data.window_start,
        window_end=data.window_end,
        mass_g=sum(item.estimated_mass_g for item in data.items),
        hazardous=any(item.hazardous for item in data.items),
    )
    return on_booked(held, booked)


def _ends(state: StopState) -> Decide:
    over = on_over(state)

    def ends(
        pickup_id: str, held: PickupStop | None, event: Event[Any]
    ) -> Decision[PickupStop] | None:
        return over(held, PickupStop(pickup_id, event.data.community_code, StopState.OPEN))

    return ends
