"""What the handlers of collection work with, and whose pickups and households they may touch."""

from collections.abc import Callable
from dataclasses import dataclass, field

from services.collection.application.estimating import NoPrices, PriceBook
from services.collection.application.people_ports import (
    Codes,
    Directory,
    Households,
    People,
    Photos,
)
from services.collection.application.permitting import NoPermits, Permits
from services.collection.application.ports import (
    Cards,
    Pickups,
    PickupSearch,
    Pools,
    RuleBook,
    Scales,
    Slots,
)
from services.collection.domain.households import Household, Member
from services.collection.domain.pickup import Pickup
from services.collection.domain.rules import WorkingDays
from services.collection.domain.states import State
from shared.kernel.aggregate import Stored
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict, NotFound

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
    directory: Directory
    photos: Photos
    codes: Codes
    cards: Cards
    scales: Scales
    rules: RuleBook
    working_days: WorkingDays
    clock: Clock
    lease_clock: Clock
    reached: Reached = _unlabelled
    prices: PriceBook = field(default_factory=NoPrices)
    permits: Permits = field(default_factory=NoPermits)
    # What else ends with a household that is closed, by its id; each may be repeated.
    closers: list[Callable[[str], None]] = field(default_factory=list)


def own_household(household_id: str, caller: str, *, is_staff: bool, desk: Desk) -> Household:
    """Return a household that the caller is a member of (or any, for staff), else `NotFound`.

    Booking asks this at every request: who left within the last 3 s may still get in through
    another process. Nobody is refused by what is old. `Conflict` (household.closed).
    """
    household = desk.directory.household(household_id)
    if not is_staff and household.member(desk.directory.person_id(caller)) is None:
        household, _ = membership(household_id, caller, desk=desk)
    if household.closed_at is not None:
        raise Conflict("household.closed", "this household is closed")
    return household


def membership(household_id: str, caller: str, *, desk: Desk) -> tuple[Household, Member]:
    """Return a household and the caller's part in it as they are now, or raise `NotFound`."""
    person = desk.people.of(caller)
    household = desk.households.get(household_id).state
    member = household.member(person.id if person else None)
    if member is None:
        raise NotFound("household.not_found", "there is no such thing")
    return household, member


def own_household_ids(caller: str, *, desk: Desk) -> list[str]:
    """Return the ids of the households that the caller is a member of, 100 at the most."""
    person = desk.people.of(caller)
    return [] if person is None else [each.id for each in desk.households.of_person(person.id)]


def owned(stored: Stored[Pickup], caller: str, *, is_staff: bool, desk: Desk) -> Pickup:
    """Return the pickup if the caller is of its household now (or staff), else `NotFound`."""
    pickup = stored.state
    if pickup.state is State.LAPSED:
        raise NotFound("pickup.not_found", "there is no such thing")
    if not is_staff:
        try:
            membership(pickup.booking.household_id, caller, desk=desk)
        except NotFound:
            raise NotFound("pickup.not_found", "there is no such thing") from None
    return pickup
