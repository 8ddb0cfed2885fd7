"""Twins of what registers need: a queue, sources of lines, files."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from services.tracking.adapters.register_codes import TableWasteCodes
from services.tracking.adapters.register_csv import csv_sheet
from services.tracking.adapters.register_xlsx import xlsx_sheet
from services.tracking.application.register_desk import HOLD_TAKEN
from services.tracking.application.register_filing import Filing
from services.tracking.application.register_ports import RegisterRules, Registry
from services.tracking.domain.register import Format, Kind, Order, Progress, Register
from services.tracking.domain.register_lines import Line
from shared.blobs.parts import Measured
from shared.kernel.aggregate import Decision
from shared.kernel.blobs import Blob
from shared.kernel.clock import ManualClock
from shared.kernel.errors import Conflict, NotFound
from tests.unit.tracking.builders import in_memory

NOW = datetime(2026, 11, 26, 2, 30, tzinfo=UTC)
TODAY = NOW.date()
INCOMING = Order(Kind.INCOMING, Format.CSV, TODAY, TODAY)


class Crash(BaseException):
    """The process ends here."""


class InMemoryRegisters:
    """The queue's rules over a dictionary."""

    def __init__(self, *, seats=2):
        self._registers = in_memory("register", Register)
        self._seats = seats
        self._ids = []

    def create(self, register_id, decision, *, request):
        taken = [each for each in self._all() if each.hold == decision.state.hold]
        if taken and register_id not in self._ids:
            raise Conflict(HOLD_TAKEN)
        stored = self._registers.create(register_id, decision, request=request)
        self._ids = list(dict.fromkeys([*self._ids, register_id]))
        return stored

    def get(self, register_id):
        return self._registers.get(register_id)

    def claim(self, *, now, until):
        running = [each for each in self._all() if each.progress is Progress.RUNNING]
        late = sorted((e for e in running if e.lease_until <= now), key=lambda e: e.lease_until)
        if late:
            return self._put(late[0], attempt=late[0].attempt + 1, lease_until=until)
        queued = [each for each in self._all() if each.progress is Progress.QUEUED]
        free = sorted(set(range(1, self._seats + 1)) - {each.seat for each in running})
        if not queued or not free:
            return None
        first = min(queued, key=lambda each: each.asked_at)
        taken = {"progress": Progress.RUNNING, "seat": free[0], "lease_until": until}
        return self._put(first, attempt=first.attempt + 1, **taken)

    def renew(self, register, *, until):
        return self._of_attempt(register) and bool(
            self._put(self._now(register), lease_until=until)
        )

    def finish(self, register):
        if not self._of_attempt(register):
            return False
        self._put(register, hold=None, seat=None, lease_until=None)
        return True

    def expired(self, *, now, limit):
        ready = [each for each in self._all() if each.progress is Progress.READY]
        return [each for each in ready if each.expires_at <= now][:limit]

    def expire(self, register):
        if self._now(register).progress is Progress.READY:
            self._put(self._now(register), progress=Progress.EXPIRED)

    def _all(self):
        return [self.get(each).state for each in self._ids]

    def _now(self, register):
        return self.get(register.register_id).state

    def _of_attempt(self, register):
        held = self._now(register)
        return held.progress is Progress.RUNNING and held.attempt == register.attempt

    def _put(self, register, **changes):
        after = replace(register, **changes)
        return self._registers.change(register.register_id, lambda _: Decision(after)).state


class InMemoryBlobs:
    def __init__(self, *, part_bytes=64):
        self.parts, self.gone_at = {}, {}
        self._part_bytes = part_bytes

    def put(self, blob_id, chunks, *, gone_at):
        self.gone_at[blob_id] = gone_at
        held = self.parts.setdefault(blob_id, [])
        stream = Measured(chunks, part_bytes=self._part_bytes)
        for part in stream:
            held.append(part)
        return Blob(blob_id, stream.parts, stream.size_bytes, stream.sha256)

    def read(self, blob):
        held = self.parts.get(blob.blob_id, [])
        if len(held) != blob.parts:
            raise NotFound("blob.not_found")
        return iter(list(held))

    def delete(self, blob_id):
        self.parts.pop(blob_id, None)


@dataclass
class FakeLines:
    """A source; `before` is called before each line."""

    held: list = field(default_factory=list)
    kinds: frozenset = frozenset(Kind)
    before: object = None

    def lines(self, wanted):
        for line in sorted(self.held, key=lambda each: each.order):
            if self.before:
                self.before(line)
            yield line


@dataclass
class Bureau:
    """A registry over twins, whose workers may be let die at a label."""

    sources: list
    seats: int = 2

    def __post_init__(self):
        self.queue = InMemoryRegisters(seats=self.seats)
        self.blobs = InMemoryBlobs()
        self.clock, self.real_clock = ManualClock(NOW), ManualClock(NOW)
        self.labels = Counter()
        self.crash_at = None
        self.registry = Registry(
            queue=self.queue,
            sources=self.sources,
            codes=TableWasteCodes(),
            sheets={Format.CSV: csv_sheet, Format.XLSX: xlsx_sheet},
            blobs=self.blobs,
            clock=self.clock,
            real_clock=self.real_clock,
            rules=RegisterRules(rows_max=1_000, lease_s=60, file_hours=24),
            reached=self._reached,
        )

    def work(self):
        return Filing(self.registry).work()

    def file(self, register_id):
        return b"".join(self.blobs.read(self.queue.get(register_id).state.blob))

    def pass_(self, **time):
        self.real_clock.advance(timedelta(**time))

    def _reached(self, label):
        self.labels[label] += 1
        if label == self.crash_at:
            self.crash_at = None
            raise Crash


def line(number=1, mass_g=100, **changed):
    held = {
        "line_id": f"e-{number}/0",
        "at": NOW - timedelta(minutes=number),
        "document_type": "pickup",
        "document_id": f"p-{number}",
        "act": "weighed",
        "material": "cardboard",
        "mass_g": mass_g,
        "division": "350102001001",
        "place_id": "hub",
    }
    return Line(**{**held, **changed})
