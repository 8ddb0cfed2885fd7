"""In-memory twins of collection's adapters. Pools pass the contract suite of the real ones."""

import threading
from dataclasses import replace

from services.collection.domain.community import CommunityRules
from services.collection.domain.notices import first_reminder_at
from services.collection.domain.permits import PermitVerdict
from services.collection.domain.pools import Pool, is_household_pool
from services.collection.domain.scales import Scale
from services.collection.domain.series import NEVER, Series
from services.collection.domain.slots import Slot
from services.collection.domain.states import OPEN, State
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict, NotFound, Rejected
from shared.messaging.in_memory import InMemoryAggregates


class InMemoryPools:
    """Pools, and the slots among them."""

    def __init__(self, *, open_bookings_max):
        self._pools, self._names, self._remind_at = {}, {}, {}
        self._open_bookings_max = open_bookings_max
        self._lock = threading.Lock()
        self._resized = {}

    def add(self, slot):
        held = self._pools.setdefault(slot.slot_id, slot.pool)
        self._names[slot.slot_id] = slot.name
        self._remind_at.setdefault(slot.slot_id, first_reminder_at(slot.name.window[0]))
        if held.capacity != slot.pool.capacity:
            raise Conflict("collection.slot_exists")
        return Slot(slot.name, held)

    def resize(self, slot_id, asked):
        held = Slot(self._names[slot_id], self.get(slot_id))
        if (slot_id, asked.scope) in self._resized:
            asked.check_repeat(self._resized[slot_id, asked.scope])
            return held
        if len(held.pool.holds) > asked.capacity:
            raise Conflict("collection.slot_in_use")
        self._resized[slot_id, asked.scope] = asked.body_sha256
        return self._changed(slot_id, capacity=asked.capacity)

    def close(self, slot_id, reason):
        return self._changed(slot_id, closed=reason)

    def close_days(self, community_code, closure):
        for slot_id, name in self._names.items():
            same = name.community_code == community_code and closure.closes(name)
            if same and self.get(slot_id).closed is None:
                self.close(slot_id, closure.reason)

    def get(self, pool_id):
        if pool_id not in self._pools:
            raise NotFound("slot.not_found")
        return self._pools[pool_id]

    def hold(self, places, *, until):
        refused = None
        for place in places:
            with self._lock:
                try:
                    self._hold(place, until)
                except Rejected as no:
                    refused = no
        if refused:
            raise refused

    def _hold(self, place, until):
        if is_household_pool(place.pool_id):
            fresh = Pool(place.pool_id, self._open_bookings_max)
            self._pools.setdefault(place.pool_id, fresh)
        held = self.get(place.pool_id)
        self._pools[place.pool_id] = held.hold(place.hold_id, until=until)

    def keep(self, pool_id, hold_ids):
        with self._lock:
            for hold_id in hold_ids:
                self._pools[pool_id] = self.get(pool_id).keep(hold_id)

    def free(self, place):
        with self._lock:
            if place.pool_id in self._pools:
                self._pools[place.pool_id] = self._pools[place.pool_id].free(place.hold_id)

    def shut(self, pool_id, reason):
        with self._lock:
            held = self._pools.get(pool_id, Pool(pool_id, 0))
            self._pools[pool_id] = replace(held, closed=reason)
        return self._pools[pool_id]

    def expired(self, now, *, limit):
        found = [(pool_id, pool.expired(now)) for pool_id, pool in self._pools.items()]
        return [each for each in found if each[1]][:limit]

    def list(self, community_code, *, first, last):
        return [
            Slot(name, self._pools[slot_id])
            for slot_id, name in sorted(self._names.items())
            if name.community_code == community_code and first <= name.service_day <= last
        ][:1_000]

    def to_remind(self, now, *, limit):
        due = sorted((at, slot_id) for slot_id, at in self._remind_at.items() if at <= now)
        slots = [(Slot(self._names[each], self._pools[each]), at) for at, each in due]
        return slots[:limit]

    def reminded(self, slot_id, since, *, next_at):
        if self._remind_at.get(slot_id) == since:
            self._remind_at.pop(slot_id)
            if next_at:
                self._remind_at[slot_id] = next_at

    def oversold(self, *, since):
        return sum(
            len(self._pools[slot_id].holds) > self._pools[slot_id].capacity
            for slot_id, name in self._names.items()
            if name.service_day >= since
        )

    def _changed(self, slot_id, **what):
        self._pools[slot_id] = replace(self.get(slot_id), **what)
        return Slot(self._names[slot_id], self._pools[slot_id])


class InMemoryPickupSearch:
    """Reads over an `InMemoryAggregates`; told the ids, as it has no index."""

    def __init__(self, pickups):
        self._pickups = pickups
        self.ids = set()

    def many(self, pickup_ids):
        return self._pickups.get_many(pickup_ids)

    def all(self):
        return [stored.state for stored in self.many(sorted(self.ids)).values()]

    def giving_up_places(self, *, limit):
        found = self.many(sorted(self.ids)).values()
        return [stored for stored in found if stored.state.to_free][:limit]

    def misses(self, household_id, *, since):
        return sum(
            pickup.state is State.MISSED
            and pickup.booking.household_id == household_id
            and pickup.booking.service_day >= since
            for pickup in self.all()
        )

    def has_open(self, tour_id, *, beside):
        return any(
            p.tour is not None and p.tour.tour_id == tour_id and p.state in OPEN
            for p in self.all()
            if p.pickup_id != beside
        )

    def weighed_before(self, instant, *, limit):
        weighed = [pickup for pickup in self.all() if pickup.state is State.WEIGHED]
        return [p.pickup_id for p in weighed if p.weighing.recorded_at <= instant][:limit]

    def to_rebook(self, since, *, outcomes, skip, limit):
        return [
            stored
            for stored in self.many(sorted(self.ids)).values()
            if stored.state.booking.service_day >= since
            and stored.state.rebooked_as is None
            and (
                stored.state.state is State.MISSED
                or (stored.state.state is State.FAILED and stored.state.outcome in outcomes)
            )
        ][skip : skip + limit]

    def of_household(self, household_id, *, since, limit):
        return [
            stored
            for stored in self.many(sorted(self.ids)).values()
            if stored.state.booking.household_id == household_id
            and stored.state.booking.service_day >= since
        ][:limit]

    def untold(self, *, limit):
        found = self.many(sorted(self.ids)).values()
        return [stored for stored in found if stored.state.untold][:limit]

    def told(self, pickups):
        for each in pickups:
            numbers = each.state.untold
            self._pickups.change(each.id, lambda held, told=numbers: Decision(without(held, told)))

    def forget_lapsed(self, *, before):
        old = [p for p in self.all() if p.state is State.LAPSED and p.booked_at < before]
        self.ids -= {pickup.pickup_id for pickup in old}
        return len(old)


def without(pickup, told):
    return replace(pickup, untold=tuple(each for each in pickup.untold if each not in told))


class FakeCells:
    def cell_of(self, latitude, longitude):
        return "8941a6d2d6fffff"


class FakePermits:
    """Permits by their token: each is its own id and fits, as long as nothing else is said."""

    def __init__(self):
        self.faults, self.uses = {}, []

    def judged(self, uses):
        self.uses.extend(uses)
        return [PermitVerdict(use.token, self.faults.get(use.token)) for use in uses]


class FakeWorkingDays:
    """Every day is a working day, as long as nothing else is said."""

    def add(self, day, working_days):
        return day.fromordinal(day.toordinal() + working_days)

    def subtract(self, day, working_days):
        return day.fromordinal(day.toordinal() - working_days)

    def is_working_day(self, day):
        return True


class InMemoryScales(InMemoryAggregates):
    def __init__(self, announce):
        super().__init__(kind="scale", state_type=Scale, announce=announce)

    def find(self, scale_id):
        try:
            return self.get(scale_id).state
        except NotFound:
            return None


class InMemoryRuleBook(InMemoryAggregates):
    def __init__(self, announce):
        super().__init__(kind="rules", state_type=CommunityRules, announce=announce)
        self.codes = set()

    def of(self, community_code):
        try:
            return self.get(community_code).state
        except NotFound:
            return CommunityRules(community_code)

    def create(self, entity_id, decision, **rest):
        self.codes.add(entity_id)
        return super().create(entity_id, decision, **rest)

    def all(self):
        return [self.of(code) for code in sorted(self.codes)]


class InMemorySeries(InMemoryAggregates):
    def __init__(self, announce):
        super().__init__(kind="series", state_type=Series, announce=announce)
        self.ids = []

    def create(self, entity_id, decision, **rest):
        self.ids.append(entity_id)
        return super().create(entity_id, decision, **rest)

    def all(self):
        return [stored.state for stored in self.get_many(self.ids).values()]

    def due(self, now, *, limit):
        due = sorted((each.due_at, each.series_id) for each in self.all() if each.due_at <= now)
        return [series_id for _, series_id in due][:limit]

    def going_on(self, household_id):
        return sum(each.household_id == household_id and each.due_at < NEVER for each in self.all())
