"""The job that makes registers: claimed under a lease, begun anew by another after a crash.

Lines come one after another from the sources, merged by time; the file goes out part by part. No
file counts before the update that ends the attempt names it, and that update is made only while
the attempt still has the job: a worker that was paused past its lease changes nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from heapq import merge

from services.tracking.application.register_ports import Registry, wanted_of
from services.tracking.domain.register import ATTEMPTS_MAX, GIVEN_UP, Progress, Register
from services.tracking.domain.register_columns import Cell, Column, cells_of, columns_of
from services.tracking.domain.register_lines import Line
from shared.kernel.clock import legal_day
from shared.kernel.errors import Invalid, Rejected

JOBS_A_ROUND = 20
EXPIRED_A_ROUND = 50
LOOK_EVERY_ROWS = 500
# Parts that nobody deletes go by themselves, well after any link to them.
LEFT_OVER = timedelta(days=1)


class Overtaken(Exception):  # noqa: N818 - no error: another worker has the job by now
    """The lease was over, and another attempt began."""


class Filing:
    """Makes what waits. Used by one thread; there may be as many as one likes."""

    def __init__(self, registry: Registry) -> None:
        """Nothing is claimed yet."""
        self._registry = registry

    def work(self) -> int:
        """Expire what is over and make what waits; return how many were taken up."""
        self.expire()
        for number in range(JOBS_A_ROUND):
            now = self._registry.real_clock.now()
            register = self._registry.queue.claim(now=now, until=lease_end(now, self._registry))
            if register is None:
                return number
            self._registry.reached("register.claim.after")
            self._take_up(register)
        return JOBS_A_ROUND

    def expire(self) -> int:
        """Delete files past their time; return how many."""
        queue = self._registry.queue
        late = queue.expired(now=self._registry.real_clock.now(), limit=EXPIRED_A_ROUND)
        for register in late:
            if register.blob is not None:
                self._registry.blobs.delete(register.blob.blob_id)
            self._registry.reached("register.delete.after")
            queue.expire(register)
        return len(late)

    def _take_up(self, register: Register) -> None:
        if register.attempt > ATTEMPTS_MAX:
            self._fail(register, GIVEN_UP)
            return
        try:
            self._make(register)
        except Overtaken:
            self._registry.blobs.delete(register.blob_id)
        except Rejected as no:
            self._fail(register, no.code)

    def _make(self, register: Register) -> None:
        registry, order = self._registry, register.order
        lease = Lease(register, registry)
        counted = Counted(self._kept(lease), rows_max=registry.rules.rows_max)
        columns = columns_of(order.kind)
        rows = self._rows(counted, columns)
        sheet = registry.sheets[order.format](order, columns, rows)
        file_ends = registry.real_clock.now() + timedelta(hours=registry.rules.file_hours)
        chunks = lease.kept_over(sheet)
        blob = registry.blobs.put(register.blob_id, chunks, gone_at=file_ends + LEFT_OVER)
        registry.reached("register.file.after")
        ready = replace(
            register,
            progress=Progress.READY,
            rows=counted.rows,
            blob=blob,
            ready_at=registry.real_clock.now(),
            expires_at=file_ends,
        )
        if not registry.queue.finish(ready):
            raise Overtaken
        registry.reached("register.finish.after")

    def _rows(self, lines: "Counted", columns: tuple[Column, ...]) -> Iterator[list[Cell]]:
        for line in lines:
            named = self._registry.codes.named(line.material, legal_day(line.at))
            yield cells_of(line, named, columns)

    def _kept(self, lease: "Lease") -> Iterator[Line]:
        """Return the wanted lines, and keep the lease while they come."""
        wanted = wanted_of(lease.register.order)
        sources = [each for each in self._registry.sources if wanted.kind in each.kinds]
        streams = [each.lines(wanted) for each in sources]
        for number, line in enumerate(merge(*streams, key=lambda each: each.order)):
            if number % LOOK_EVERY_ROWS == 0:
                lease.keep()
            if wanted.takes(line):
                yield line
            if number == 0:
                self._registry.reached("register.line.after")

    def _fail(self, register: Register, why: str) -> None:
        self._registry.queue.finish(replace(register, progress=Progress.FAILED, why=why))
        self._registry.blobs.delete(register.blob_id)


class Lease:
    """An attempt's hold of its job, made longer in time; lost, it is `Overtaken`."""

    def __init__(self, register: Register, registry: Registry) -> None:
        """It was claimed just now."""
        self.register = register
        self._registry = registry
        self._renewed_at = registry.real_clock.now()

    def keep(self) -> None:
        """Renew it where a quarter of it has passed."""
        now = self._registry.real_clock.now()
        if (now - self._renewed_at).total_seconds() < self._registry.rules.lease_s / 4:
            return
        if not self._registry.queue.renew(self.register, until=lease_end(now, self._registry)):
            raise Overtaken
        self._renewed_at = now

    def kept_over(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Return the chunks, and keep the lease while they come."""
        for chunk in chunks:
            self.keep()
            yield chunk


def lease_end(now: datetime, registry: Registry) -> datetime:
    """Return when a lease that is taken now is over."""
    return now + timedelta(seconds=registry.rules.lease_s)


class Counted:
    """Lines, counted on their way; too many are refused, so that no file is cut short."""

    def __init__(self, lines: Iterator[Line], *, rows_max: int) -> None:
        """Nothing is read yet."""
        self._lines = lines
        self._rows_max = rows_max
        self.rows = 0

    def __iter__(self) -> Iterator[Line]:
        """Give the lines; raise `Invalid` (registers.too_many_rows) at the first that is more."""
        for line in self._lines:
            if self.rows == self._rows_max:
                raise Invalid("registers.too_many_rows", "ask for a shorter period, or one place")
            self.rows += 1
            yield line
