"""Slots: a community's bands of a day, each a pool of places."""

from dataclasses import dataclass
from datetime import date, datetime, time

from services.collection.domain.pools import CAPACITY_MAX, Pool
from shared.kernel.clock import at_local
from shared.kernel.errors import Invalid, NotFound

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
class Slot:
    """A slot and the pool of its places."""

    name: SlotName
    pool: Pool

    @property
    def slot_id(self) -> str:
        """The slot's identity in words."""
        return self.name.slot_id


@dataclass(frozen=True, slots=True)
class Resizing:
    """A request for another capacity: `scope` is the same for its repeats, and so is its body."""

    capacity: int
    scope: str
    body_sha256: str

    def check_repeat(self, body_sha256: str) -> None:
        """Raise `Invalid` (idempotency.body_differs) where the first one had another body."""
        if body_sha256 != self.body_sha256:
            raise Invalid("idempotency.body_differs", "this key was used for another body")


def open_slot(name: SlotName, *, capacity: int, closed: str | None = None) -> Slot:
    """Return a new slot, or raise `Invalid` (collection.band, collection.capacity).

    `closed` is why it gives no places from the outset.
    """
    if name.band not in BANDS:
        raise Invalid("collection.band", "a band is morning, afternoon or evening")
    if not 1 <= capacity <= CAPACITY_MAX:
        raise Invalid("collection.capacity", f"a slot has 1 to {CAPACITY_MAX} places")
    return Slot(name, Pool(name.slot_id, capacity, closed=closed))
