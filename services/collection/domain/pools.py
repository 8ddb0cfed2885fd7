"""Places of which there are only so many: a slot's, and a household's share of open bookings.

A place is had by a hold, and a hold's id names the pickup that it is for (exactness.md, 5). It
carries the version of the pickup at which it was taken: the pickup's own id where the pickup was
not there yet, else that id, "#" and the version. Only the decision made at that very version may
use it; once the pickup has moved on without it, it is dead for ever. So a late repeat that frees
an old hold can never free a newer one of the same pool.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.kernel.errors import Conflict

CAPACITY_MAX = 2_000
# Real time, as every lease: it only spans the two writes of one request.
HOLD_FOR = timedelta(minutes=2)
# And this one spans a person filling in a form.
FORM_HOLD_FOR = timedelta(minutes=15)
HOUSEHOLD = "household."


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a pool, by the hold that has it."""

    pool_id: str
    hold_id: str


@dataclass(frozen=True, slots=True)
class Hold:
    """One place; `expires_at` (real time) is None once its pickup is known to use it."""

    hold_id: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool with its `capacity` places and who holds them; a closed one gives no more."""

    pool_id: str
    capacity: int
    holds: tuple[Hold, ...] = ()
    closed: str | None = None

    @property
    def places_left(self) -> int:
        """How many more pickups fit."""
        return 0 if self.closed else max(0, self.capacity - len(self.holds))

    def has(self, hold_id: str) -> bool:
        """Say whether the hold has its place."""
        return any(hold.hold_id == hold_id for hold in self.holds)

    def hold(self, hold_id: str, *, until: datetime) -> "Pool":
        """Take a place; taking it again keeps it. Raises `Conflict`, see `no_place`."""
        if self.has(hold_id):
            return self
        if not self.places_left:
            raise no_place(self)
        return replace(self, holds=(*self.holds, Hold(hold_id, until)))

    def free(self, hold_id: str) -> "Pool":
        """Give the place back; nothing happens where there is none."""
        return replace(self, holds=tuple(h for h in self.holds if h.hold_id != hold_id))

    def keep(self, hold_id: str) -> "Pool":
        """Keep the place for good: its pickup uses it."""
        held = tuple(Hold(h.hold_id, None) if h.hold_id == hold_id else h for h in self.holds)
        return replace(self, holds=held)

    def expired(self, now: datetime) -> tuple[str, ...]:
        """Return the holds that are past their time."""
        return tuple(h.hold_id for h in self.holds if h.expires_at and h.expires_at <= now)


def household_pool(household_id: str) -> str:
    """Return the id of the pool of a household's open bookings."""
    return f"{HOUSEHOLD}{household_id}"


def is_household_pool(pool_id: str) -> bool:
    """Say whether a pool is a household's: it is made when it is first needed."""
    return pool_id.startswith(HOUSEHOLD)


def no_place(pool: Pool) -> Conflict:
    """Return why there is no place: household.closed, collection.too_many_open or …slot_full."""
    if is_household_pool(pool.pool_id) and pool.closed:
        return Conflict("household.closed", "this household is closed")
    if is_household_pool(pool.pool_id):
        return Conflict("collection.too_many_open", "the household has its share of open bookings")
    return Conflict("collection.slot_full", "this slot has no place left")


def hold_id_of(pickup_id: str, version: int) -> str:
    """Return the id of a hold that is taken for a pickup which is at `version` (0: not there)."""
    return pickup_id if version == 0 else f"{pickup_id}#{version}"


def pickup_of(hold_id: str) -> str:
    """Return the id of the pickup that a hold is for."""
    return hold_id.partition("#")[0]


def taken_at(hold_id: str) -> int:
    """Return the version of its pickup at which a hold was taken."""
    return int(hold_id.partition("#")[2] or 0)
