"""What collection does about other services' events."""

from services.collection.application import handlers
from services.collection.domain.booking import PlanRef, TourPlace
from services.collection.domain.pickup import Pickup
from shared.contracts.route import StopsRefused, TourAssigned
from shared.contracts.settlement import SettlementReversed, SettlementSettled
from shared.kernel.aggregate import Decision
from shared.kernel.events import Event
from shared.messaging.ports import Reacting
from shared.messaging.reactions import Effect, Reaction

GROUP = "collection"
# Whose collector is so many stops away is told (domain/notices.py).
STOPS_AHEAD = 2


def reaction(pickups: Reacting[Pickup]) -> Reaction:
    """Return collection's reaction."""
    return Reaction(
        GROUP,
        {
            TourAssigned: [Effect(pickups, _stops, _assign)],
            StopsRefused: [Effect(pickups, _stops, _refuse)],
            SettlementSettled: [Effect(pickups, _pickup, _settle)],
            SettlementReversed: [Effect(pickups, _pickup, _settle_nothing)],
        },
    )


def _stops(event: Event[TourAssigned | StopsRefused]) -> list[str]:
    return [stop.pickup_id for stop in event.data.stops]


def _pickup(event: Event[SettlementSettled]) -> list[str]:
    return [event.data.pickup_id]


def _assign(
    pickup_id: str, held: Pickup | None, event: Event[TourAssigned]
) -> Decision[Pickup] | None:
    tour = event.data
    index, stop = next(
        (index, each) for index, each in enumerate(tour.stops) if each.pickup_id == pickup_id
    )
    warned = tour.stops[index + STOPS_AHEAD : index + STOPS_AHEAD + 1]
    place = TourPlace(
        plan_id=tour.plan_id,
        plan_version=tour.plan_version,
        service_day=tour.service_day,
        tour_id=tour.tour_id,
        vehicle_id=tour.vehicle_id,
        collector_id=tour.collector_id,
        eta=stop.eta,
        tour_ends_at=tour.ends_at,
        shift_ends_at=tour.shift_ends_at,
        warns=warned[0].pickup_id if warned else None,
    )
    return handlers.on_tour_assigned(held, place, at=event.time)


def _refuse(
    pickup_id: str, held: Pickup | None, event: Event[StopsRefused]
) -> Decision[Pickup] | None:
    stop = next(each for each in event.data.stops if each.pickup_id == pickup_id)
    plan = PlanRef(event.data.service_day, event.data.plan_version)
    return handlers.on_stop_refused(held, stop.reason, plan=plan, at=event.time)


def _settle(
    _id: str, held: Pickup | None, event: Event[SettlementSettled]
) -> Decision[Pickup] | None:
    settled = event.data
    return handlers.on_settled(held, settled.amount_fen, revision=settled.revision, at=event.time)


def _settle_nothing(
    _id: str, held: Pickup | None, event: Event[SettlementReversed]
) -> Decision[Pickup] | None:
    return handlers.on_settled(held, 0, revision=event.data.revision, at=event.time)
