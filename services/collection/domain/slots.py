"""Places in a slot. A hold's id names the pickup that it is for (exactness.md, 5).

A hold's id carries the version of the pickup at which it was taken: the pickup's own id where the
pickup was not there yet, else that id, "#" and the version. Only the decision made at that very
version may use it; once the pickup has moved on without it, it is dead for ever. So a late repeat
that frees an old hold can never free a newer one of the same slot.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from shared.kernel.clock import at_local
from shared.kernel.errors import Conflict, Invalid, NotFound

CAPACITY_MAX = 2_000
# Real time, as every lease: it only spans the two writes of one request.
HOLD_FOR = timedelta(minutes=2)

# Bands of a day, Shanghai time. They are data: a city may choose others.
BANDS = {
    "morning": (time(8), time(12)),
    "afternoon": (time(13), time(17)),
    "evening": (time(17), time(20)),
}


@dataclass(frozen=True, slots=True)
class SlotName:
    """Which slot: a community's band of one day. Its id says all of it."""

    community_code: str
    service_day: date
    band: str

    @property
    def slot_id(self) -> str:
        """The slot's identity in words."""
        return f"{self.community_code}.{self.service_day.isoformat()}.{self.band}"

    @property
    def window(self) -> tuple[datetime, datetime]:
        """The instants between which somebody comes."""
        begin, end = BANDS[self.band]
        return at_local(self.service_day, begin), at_local(self.service_day, end)


def slot_named(slot_id: str) -> SlotName:
    """Return what a slot's id says, or raise `NotFound` (slot.not_found): no slot has such an id.

    Booking needs no read of the slot for this, and refuses before it takes a place.
    """
    community_code, _, rest = slot_id.partition(".")
    day, _, band = rest.partition(".")
    try:
        name = SlotName(community_code, date.fromisoformat(day), band)
    except ValueError:
        raise NotFound("slot.not_found", "there is no such slot") from None
    if band not in BANDS or name.slot_id != slot_id:
        raise NotFound("slot.not_found", "there is no such slot")
    return name


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a slot, by the hold that has it."""

    slot_id: str
    hold_id: str


@dataclass(frozen=True, slots=True)
class Hold:
    """One place; `expires_at` (real time) is None once its pickup is known to use it."""

    hold_id: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot with its `capacity` places and who holds them."""

    name: SlotName
    capacity: int
    holds: tuple[Hold, ...] = ()

    @property
    def slot_id(self) -> str:
        """The slot's identity in words."""
        return self.name.slot_id

    @property
    def places_left(self) -> int:
        """How many more pickups fit."""
        return max(0, self.capacity - len(self.holds))

    def has(self, hold_id: str) -> bool:
        """Say whether the hold has its place."""
        return any(hold.hold_id == hold_id for hold in self.holds)

    def hold(self, hold_id: str, *, until: datetime) -> "Slot":
        """Take a place; taking it again keeps it. Raises `Conflict` (collection.slot_full)."""
        if self.has(hold_id):
            return self
        if not self.places_left:
            raise Conflict("collection.slot_full", "this slot has no place left")
        return replace(self, holds=(*self.holds, Hold(hold_id, until)))

    def free(self, hold_id: str) -> "Slot":
        """Give the place back; nothing happens where there is none."""
        return replace(self, holds=tuple(h for h in self.holds if h.hold_id != hold_id))

    def keep(self, hold_id: str) -> "Slot":
        """Keep the place for good: its pickup uses it."""
        held = tuple(Hold(h.hold_id, None) if h.hold_id == hold_id else h for h in self.holds)
        return replace(self, holds=held)

    def expired(self, now: datetime) -> tuple[str, ...]:
        """Return the holds that are past their time."""
        return tuple(h.hold_id for h in self.holds if h.expires_at and h.expires_at <= now)


def open_slot(name: SlotName, *, capacity: int) -> Slot:
    """Return a new slot, or raise `Invalid` (collection.band, collection.capacity)."""
    if name.band not in BANDS:
        raise Invalid("collection.band", "a band is morning, afternoon or evening")
    if not 1 <= capacity <= CAPACITY_MAX:
        raise Invalid("collection.capacity", f"a slot has 1 to {CAPACITY_MAX} places")
    return Slot(name, capacity)


def hold_id_of(pickup_id: str, version: int) -> str:
    """Return the id of a hold that is taken for a pickup which is at `version` (0: not there)."""
    return pickup_id if version == 0 else f"{pickup_id}#{version}"


def pickup_of(hold_id: str) -> str:
    """Return the id of the pickup that a hold is for."""
    return hold_id.partition("#")[0]


def taken_at(hold_id: str) -> int:
    """Return the version of its pickup at which a hold was taken."""
    return int(hold_id.partition("#")[2] or 0)
