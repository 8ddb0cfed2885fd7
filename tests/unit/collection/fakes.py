"""In-memory twins of collection's adapters. Slots pass the contract suite of the real ones."""

import threading

from services.collection.domain.states import State
from shared.kernel.errors import Conflict, NotFound


class InMemorySlots:
    def __init__(self):
        self._slots = {}
        self._lock = threading.Lock()

    def add(self, slot):
        held = self._slots.setdefault(slot.slot_id, slot)
        if held.capacity != slot.capacity:
            raise Conflict("collection.slot_exists")
        return held

    def get(self, slot_id):
        if slot_id not in self._slots:
            raise NotFound("slot.not_found")
        return self._slots[slot_id]

    def hold(self, place, *, until):
        with self._lock:
            held = self.get(place.slot_id)
            self._slots[place.slot_id] = held.hold(place.hold_id, until=until)

    def keep(self, slot_id, hold_ids):
        with self._lock:
            for hold_id in hold_ids:
                self._slots[slot_id] = self.get(slot_id).keep(hold_id)

    def free(self, place):
        with self._lock:
            if place.slot_id in self._slots:
                self._slots[place.slot_id] = self._slots[place.slot_id].free(place.hold_id)

    def expired(self, now, *, limit):
        found = [(slot.slot_id, slot.expired(now)) for slot in self._slots.values()]
        return [each for each in found if each[1]][:limit]

    def list(self, community_code, *, first, last):
        return [
            slot
            for slot_id, slot in sorted(self._slots.items())
            if slot.name.community_code == community_code and first <= slot.name.service_day <= last
        ]

    def oversold(self, *, since):
        return sum(
            len(slot.holds) > slot.capacity
            for slot in self._slots.values()
            if slot.name.service_day >= since
        )


class InMemoryPeople:
    def __init__(self):
        self.persons = {}
        self.notes = {}

    def keep(self, household_id, person):
        self.persons[household_id] = person

    def keep_note(self, household_id, pickup_id, note):
        self.notes[household_id, pickup_id] = note

    def note(self, household_id, pickup_id):
        return self.notes.get((household_id, pickup_id))


class InMemoryPickupSearch:
    """Reads over an `InMemoryAggregates`; told the ids, as it has no index."""

    def __init__(self, pickups):
        self._pickups = pickups
        self.ids = set()

    def many(self, pickup_ids):
        return self._pickups.get_many(pickup_ids)

    def all(self):
        return [stored.state for stored in self.many(sorted(self.ids)).values()]

    def open_bookings(self, household_id, *, limit):
        held = (
            pickup
            for pickup in self.all()
            if pickup.booking.household_id == household_id
            and pickup.state in (State.BOOKED, State.ASSIGNED)
        )
        return min(limit, sum(1 for _ in held))

    def giving_up_places(self, *, limit):
        found = self.many(sorted(self.ids)).values()
        return [stored for stored in found if stored.state.to_free][:limit]


class FakeCells:
    def cell_of(self, latitude, longitude):
        return "8941a6d2d6fffff"


class FakeWorkingDays:
    """Every day is a working day, as long as nothing else is said."""

    def add(self, day, working_days):
        return day.fromordinal(day.toordinal() + working_days)
