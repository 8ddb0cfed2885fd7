"""What registers need from the outside: the queue, their lines, codes, sheets, files."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from services.tracking.domain.register import Format, Kind, Order, Register
from services.tracking.domain.register_columns import Cell, Column, Named
from services.tracking.domain.register_lines import Line
from shared.kernel.aggregate import Decision, Request, Stored
from shared.kernel.blobs import Blobs
from shared.kernel.clock import Clock, at_local, end_of_legal_day

MIDNIGHT = datetime.min.time()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: those of [since, until) whose division begins with `division`.

    A source may give more divisions, and more places, than are wanted; never fewer.
    """

    kind: Kind
    since: datetime
    until: datetime
    division: str = ""
    place_id: str | None = None

    def takes(self, line: Line) -> bool:
        """Say whether a line is wanted. Without a known division nobody of an area sees it."""
        is_there = self.place_id is None or line.place_id == self.place_id
        return is_there and line.division.startswith(self.division)


def wanted_of(order: Order) -> Wanted:
    """Return what an order wants: from the first moment of its first day to the end of its last."""
    since = at_local(order.first_day, MIDNIGHT)
    until = end_of_legal_day(order.last_day)
    return Wanted(order.kind, since, until, order.division, order.place_id)


class RegisterLines(Protocol):
    """A source of lines. Calls block and raise `Unavailable`."""

    @property
    def kinds(self) -> frozenset[Kind]:
        """The registers that it has lines for."""

    def lines(self, wanted: Wanted) -> Iterator[Line]:
        """Return its lines by `Line.order`, one after another and never all at once.

        Each posting is a line of one source only.
        """


class RegisterQueue(Protocol):
    """Registers and their jobs. Calls block and raise `Unavailable`. Times are real."""

    def create(
        self, register_id: str, decision: Decision[Register], *, request: Request[Register]
    ) -> Stored[Register]:
        """Keep an order; `Conflict` (registers.hold_taken) where its owner's hold is in use.

        A repeat of the request gets the stored answer.
        """

    def get(self, register_id: str) -> Stored[Register]:
        """Return one, or raise `NotFound` (register.not_found)."""

    def claim(self, *, now: datetime, until: datetime) -> Register | None:
        """Take the oldest whose lease is over, else the oldest that waits; count the attempt.

        None where nothing waits, or where all seats are taken.
        """

    def renew(self, register: Register, *, until: datetime) -> bool:
        """Make the lease of this attempt longer; False where another has the job."""

    def finish(self, register: Register) -> bool:
        """Store how this attempt ended, where it still has the job: ready or failed."""

    def expired(self, *, now: datetime, limit: int) -> Sequence[Register]:
        """Return those that are ready and past their time."""

    def expire(self, register: Register) -> None:
        """Note that a file is gone; may be repeated."""


class WasteCodes(Protocol):
    """What the dated code tables say."""

    def named(self, material: str, on: date) -> Named:
        """Return what a material is called on a day; an unknown one has no code."""


# Makes a file of columns and rows, part by part. The same rows always make the same bytes.
Sheet = Callable[[Order, Sequence[Column], Iterable[Sequence[Cell]]], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class RegisterRules:
    """Limits: none of them has a legal source."""

    rows_max: int = 200_000
    lease_s: float = 120.0
    file_hours: int = 24


def _unlabelled(_label: str) -> None:
    """Pass a point that no test armed."""


@dataclass(frozen=True, slots=True)
class Registry:
    """What commands and the job work with. `clock` is business time, `real_clock` for leases."""

    queue: RegisterQueue
    sources: Sequence[RegisterLines]
    codes: WasteCodes
    sheets: Mapping[Format, Sheet]
    blobs: Blobs
    clock: Clock
    real_clock: Clock
    rules: RegisterRules = RegisterRules()
    reached: Callable[[str], None] = _unlabelled
