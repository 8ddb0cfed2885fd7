"""What the handlers of collection work with, and whose pickups and households they may touch."""

from collections.abc import Callable
from dataclasses import dataclass, field

from services.collection.application.estimating import NoPrices, PriceBook
from services.collection.application.ports import (
    Household,
    Households,
    People,
    Pickups,
    PickupSearch,
    Pools,
    RuleBook,
    Scales,
    Slots,
)
from services.collection.domain.pickup import Pickup
from services.collection.domain.rules import WorkingDays
from services.collection.domain.states import State
from shared.kernel.aggregate import Decision, Request, Stored
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound, Rejected

Reached = Callable[[str], None]


def _unlabelled(_label: str) -> None:
    """Pass a point that no test armed."""


@dataclass(frozen=True, slots=True)
class Desk:
    """`clock` tells the business time of deadlines, `lease_clock` the real time of holds."""

    pickups: Pickups
    search: PickupSearch
    pools: Pools
    slots: Slots
    households: Households
    people: People
    scales: Scales
    rules: RuleBook
    working_days: WorkingDays
    clock: Clock
    lease_clock: Clock
    reached: Reached = _unlabelled
    prices: PriceBook = field(default_factory=NoPrices)


def own_household(household_id: str, caller: str, *, is_staff: bool, desk: Desk) -> Household:
    """Return the household if it is the caller's (or for staff), else `NotFound`."""
    household = desk.households.get(household_id).state
    if household.owner != caller and not is_staff:
        raise NotFound("household.not_found", "there is no such thing")
    return household


def own_household_ids(caller: str, *, desk: Desk) -> list[str]:
    """Return the ids of the caller's households, 100 at the most."""
    return [each.id for each in desk.households.of_owner(caller)]


def owned(stored: Stored[Pickup], caller: str, *, is_staff: bool) -> Pickup:
    """Return the pickup if its household is the caller's (or for staff), else `NotFound`."""
    pickup = stored.state
    if pickup.state is State.LAPSED or (pickup.booking.owner != caller and not is_staff):
        raise NotFound("pickup.not_found", "there is no such thing")
    return pickup


def answered_before(
    pickup_id: str, no: Rejected, *, desk: Desk, request: Request[Pickup] | None
) -> Stored[Pickup]:
    """Give a repeated request its stored answer, also where it could not be done any more."""
    if request is None:
        raise no

    def refuse(_held: Pickup) -> Decision[Pickup]:
        raise no

    try:
        return desk.pickups.change(pickup_id, refuse, request=request)
    except NotFound:
        raise no from None
