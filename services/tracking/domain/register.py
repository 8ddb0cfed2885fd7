"""A register that an authority or an operator asked for: what is wanted, and how far it is.

Registers are files made by a job. Its states are data: queued → running → ready → expired, or
failed. A job whose worker died is claimed again when its lease is over, and begins anew; the file
of an attempt counts only when the update that ends this attempt names it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from shared.kernel.blobs import Blob
from shared.kernel.errors import Forbidden, Invalid

OPEN_OF_PERSON_MAX = 3
DAYS_MAX = 366
# Whoever claimed it died so often: it is the register's own fault.
ATTEMPTS_MAX = 5
GIVEN_UP = "registers.given_up"


class Kind(StrEnum):
    """Which register."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"
    TRANSPORTED = "transported"
    STOCK = "stock"


class Format(StrEnum):
    """Which kind of file."""

    CSV = "csv"
    XLSX = "xlsx"


class Progress(StrEnum):
    """How far the job is."""

    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    EXPIRED = "expired"


class Step(StrEnum):
    """What may happen to the job."""

    CLAIM = "claim"
    FINISH = "finish"
    FAIL = "fail"
    EXPIRE = "expire"


TRANSITIONS: Mapping[tuple[Progress, Step], Progress] = {
    (Progress.QUEUED, Step.CLAIM): Progress.RUNNING,
    (Progress.RUNNING, Step.CLAIM): Progress.RUNNING,  # by another worker, past the lease
    (Progress.RUNNING, Step.FINISH): Progress.READY,
    (Progress.RUNNING, Step.FAIL): Progress.FAILED,
    (Progress.READY, Step.EXPIRE): Progress.EXPIRED,
}
OPEN = frozenset({Progress.QUEUED, Progress.RUNNING})


def from_states(step: Step) -> list[str]:
    """Return the states in which a step may be taken."""
    return [before.value for before, each in TRANSITIONS if each is step]


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted: legal days [first, last] of Asia/Shanghai, both included.

    `division` is the prefix of a division code; "" is everything. `with_bom`: the CSV begins with a
    byte order mark, without which Excel takes Chinese for something else.
    """

    kind: Kind
    format: Format
    first_day: date
    last_day: date
    division: str = ""
    place_id: str | None = None
    with_bom: bool = False

    def checked(self, today: date) -> "Order":
        """Return the order, or raise `Invalid` (registers.period)."""
        days = (self.last_day - self.first_day).days + 1
        if not 0 < days <= DAYS_MAX:
            raise Invalid("registers.period", f"a register is of 1 to {DAYS_MAX} days")
        if self.last_day > today:
            raise Invalid("registers.period", "a register ends today at the latest")
        return self

    def within(self, area_code: str | None) -> "Order":
        """Return the order as somebody may have it who sees one area only (None: all).

        Without a prefix it is the own area; another one is `Forbidden` (registers.area).
        """
        if not area_code:
            return self
        if not self.division:
            return replace(self, division=area_code)
        if not self.division.startswith(area_code):
            raise Forbidden("registers.area", "this division is not in your area")
        return self


@dataclass(frozen=True, slots=True)
class Register:
    """An order and its job.

    `owner` is the token's subject of who asked. `hold` is one of the few places that a person has
    for open jobs, `seat` one of the few of all workers together; both are None once it has ended.
    Times are real ones. `why` is the code of a failure.
    """

    register_id: str
    owner: str
    order: Order
    asked_at: datetime
    hold: str | None = None
    progress: Progress = Progress.QUEUED
    attempt: int = 0
    seat: int | None = None
    lease_until: datetime | None = None
    rows: int | None = None
    blob: Blob | None = None
    ready_at: datetime | None = None
    expires_at: datetime | None = None
    why: str | None = None

    @property
    def blob_id(self) -> str:
        """The name of the file of the present attempt."""
        return f"{self.register_id}.{self.attempt}"

    @property
    def file_name(self) -> str:
        """What the file is to be called by whoever keeps it."""
        order = self.order
        where = f"_{order.division}" if order.division else ""
        return f"{order.kind}_{order.first_day}_{order.last_day}{where}.{order.format}"

    def progress_at(self, now: datetime) -> Progress:
        """Return how far it is: a file past its time is expired, noted or not."""
        late = self.expires_at is not None and now >= self.expires_at
        return Progress.EXPIRED if late and self.progress is Progress.READY else self.progress


def holds_of(owner: str) -> list[str]:
    """Return the places that a person has for open jobs."""
    return [f"{number}/{owner}" for number in range(1, OPEN_OF_PERSON_MAX + 1)]
