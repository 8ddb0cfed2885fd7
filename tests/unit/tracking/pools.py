"""In-memory twins of what consignments claim and look up; the pools pass the real ones' suite."""

import threading

from services.tracking.application.consignment_ports import Receipt
from services.tracking.domain.consignment_claims import Claim, Kind
from services.tracking.domain.consignment_permits import Permits
from services.tracking.domain.numbers import (
    SERIAL_MAX,
    SERVER,
    Block,
    Lease,
    Use,
    exhausted,
    not_leased,
    parse_number,
)
from services.tracking.domain.signature_codes import wrong_code
from shared.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from shared.kernel.ids import derived_id


class InMemoryExclusive:
    """Things of which each has one holder: trips."""

    def __init__(self, kind, code):
        self._kind, self._code = kind, code
        self.held = {}
        self._lock = threading.Lock()

    def hold(self, claim, *, until):
        with self._lock:
            hold_id, _ = self.held.setdefault(claim.key, (claim.hold_id, until))
        if hold_id != claim.hold_id:
            raise Conflict(self._code)

    def keep(self, claims):
        for claim in claims:
            if self._has(claim):
                self.held[claim.key] = (claim.hold_id, None)

    def free(self, claim, *, reason):
        if self._has(claim):
            del self.held[claim.key]

    def holder(self, claim):
        held = self.held.get(claim.key)
        return Claim(self._kind, claim.key, held[0]) if held else None

    def expired(self, now, *, limit):
        return [
            Claim(self._kind, key, hold_id)
            for key, (hold_id, until) in self.held.items()
            if until is not None and until <= now
        ][:limit]

    def _has(self, claim):
        return self.held.get(claim.key, ("", None))[0] == claim.hold_id


class InMemoryTrips(InMemoryExclusive):
    def __init__(self):
        super().__init__(Kind.TRIP, "trip.taken")


class InMemoryGrams:
    """Allowances: used grams, and holds by their id."""

    def __init__(self):
        self.used, self.holds, self.settled = {}, {}, set()
        self._lock = threading.Lock()

    def hold(self, claim, *, until):
        with self._lock:
            key = (claim.key, claim.hold_id)
            if key in self.holds or key in self.settled:
                return
            if self.used_g(claim.key) + self.held_g(claim.key) + claim.mass_g > claim.limit_g:
                raise Conflict(f"{claim.key.partition('/')[0]}.exhausted")
            self.holds[key] = (claim.mass_g, until)

    def hold_all(self, claims, *, until):
        try:
            for claim in claims:
                self.hold(claim, until=until)
        except Conflict:
            return False
        return True

    def keep(self, claims):
        for claim in claims:
            key = (claim.key, claim.hold_id)
            if key in self.holds:
                self.holds[key] = (self.holds[key][0], None)

    def free(self, claim, *, reason):
        self.holds.pop((claim.key, claim.hold_id), None)

    def settle(self, claim, mass_g):
        key = (claim.key, claim.hold_id)
        if self.holds.pop(key, None) is not None:
            self.settled.add(key)
            self.used[claim.key] = self.used_g(claim.key) + mass_g

    def holder(self, claim):
        return None

    def expired(self, now, *, limit):
        return [
            Claim(Kind.GRAMS, key, hold_id, mass_g)
            for (key, hold_id), (mass_g, until) in self.holds.items()
            if until is not None and until <= now
        ][:limit]

    def left(self, key):
        return {"used_g": self.used_g(key), "held_g": self.held_g(key)}

    def used_g(self, key):
        return self.used.get(key, 0)

    def held_g(self, key):
        return sum(mass_g for (held, _), (mass_g, _) in self.holds.items() if held == key)


class InMemoryNumbers:
    """Series and blocks; the server's blocks have `server_block` numbers."""

    def __init__(self, *, server_block=3, next_serial=1):
        self.blocks, self._next = {}, {}
        self._server_block, self._first = server_block, next_serial
        self._lock = threading.RLock()

    def lease(self, lease, *, at):
        with self._lock:
            held = self.of_lease(lease.lease_id)
            if held is not None:
                return held
            series = lease.owner.series
            first = self._next.get(series.id, self._first)
            if first > SERIAL_MAX:
                raise exhausted()
            size = min(lease.size, SERIAL_MAX - first + 1)
            self._next[series.id] = first + size
            block = Block(lease, first, size, at)
            self.blocks[block.block_id] = block
            return block

    def of_lease(self, lease_id):
        return next((b for b in self.blocks.values() if b.lease.lease_id == lease_id), None)

    def of(self, consignor_id, *, limit):
        own = [b for b in self.blocks.values() if b.lease.owner.consignor_id == consignor_id]
        return sorted(own, key=lambda block: block.block_id, reverse=True)[:limit]

    def get(self, block_id):
        if block_id not in self.blocks:
            raise NotFound("number_block.not_found")
        return self.blocks[block_id]

    def hold_next(self, owner, hold_id, *, until, at):
        with self._lock:
            servers = [
                block
                for block in self.blocks.values()
                if block.lease.owner == owner and block.lease.holder == SERVER
            ]
            for block in servers:
                for entry in block.entries:
                    if entry.hold_id == hold_id and entry.use in (Use.HELD, Use.USED):
                        return entry.number
            free = [block for block in servers if block.free]
            if not free:
                name = derived_id("block", owner.consignor_id, owner.series.id, str(len(servers)))
                free = [self.lease(Lease(name, owner, SERVER, self._server_block), at=at)]
            changed = free[0].hold_next(hold_id, until=until)
            self.blocks[changed.block_id] = changed
            return changed.entries[-1].number

    def hold_number(self, owner, number, hold_id, *, until):
        block = self._with(number)
        if block is None or block.lease.owner.consignor_id != owner.consignor_id:
            raise not_leased()
        self.blocks[block.block_id] = block.hold(number, hold_id, until=until)

    def keep(self, claims):
        for claim in claims:
            block = self._with(claim.key)
            self.blocks[block.block_id] = block.use(claim.key, claim.hold_id)

    def free(self, claim, *, reason):
        block = self._with(claim.key)
        self.blocks[block.block_id] = block.give_up(claim.key, claim.hold_id, reason=reason)

    def expired(self, now, *, limit):
        return [
            Claim(Kind.NUMBER, entry.number, entry.hold_id)
            for block in self.blocks.values()
            for entry in block.entries
            if entry.use is Use.HELD and entry.expires_at is not None and entry.expires_at <= now
        ][:limit]

    def counts(self):
        counted = {use.value: 0 for use in Use} | {"free": 0}
        for block in self.blocks.values():
            for name, count in block.counts().items():
                counted[name] += count
        return {**counted, "leased": sum(block.size for block in self.blocks.values())}

    def _with(self, number):
        parse_number(number)
        return next((b for b in self.blocks.values() if number in b.numbers), None)


class InMemoryParties:
    """Parties by id, and the same permits for every consignment."""

    def __init__(self, *parties, permits=None):
        self._parties = {party.party_id: party for party in parties}
        self.held = permits or Permits()

    def party(self, party_id):
        if party_id not in self._parties:
            raise NotFound("party.not_found")
        return self._parties[party_id]

    def permits(self, held, *, year):
        return self.held


class FakeCodes:
    """Knows one code for every party."""

    def __init__(self, code="424242"):
        self._code = code

    def check(self, party_id, code):
        if code != self._code:
            raise wrong_code()


class InMemoryConsignmentSearch:
    """Reads over an `InMemoryAggregates`; told the ids, as it has no index."""

    def __init__(self, consignments):
        self._consignments = consignments
        self.ids = set()

    def many(self, consignment_ids):
        return self._consignments.get_many(consignment_ids)

    def all(self):
        return list(self.many(sorted(self.ids)).values())

    def with_errands(self, *, limit):
        return [each for each in self.all() if each.state.errands][:limit]

    def due(self, now, *, limit):
        past = [e for e in self.all() if e.state.due_at is not None and e.state.due_at <= now]
        return sorted(past, key=lambda each: each.state.due_at)[:limit]

    def untold(self, *, limit):
        return [each for each in self.all() if each.state.registration.pending][:limit]


class FakeRegistry:
    """Knows what it was told; `away`, `refuses` and `loses_answers` say how it behaves."""

    def __init__(self):
        self.known, self.tellings = {}, []
        self.away, self.refuses, self.loses_answers = False, None, 0

    def declare(self, number, revision, document):
        if self.away:
            raise Unavailable("registry.away")
        if self.refuses:
            raise Invalid(self.refuses)
        self.tellings.append((number, revision))
        self.known[number] = max(self.known.get(number, 0), revision)
        if self.loses_answers:
            self.loses_answers -= 1
            raise Unavailable("registry.no_answer")
        return Receipt(f"receipt-{number}")
