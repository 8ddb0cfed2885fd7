"""A batch of entries that are added to the rows of balances together, exactly once.

An account's balance is kept in one row in total and in one a month of business time, which has its
days and hours inside: so a balance at any time is a few rows and not a walk over all entries, and a
posting changes two rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from shared.kernel.clock import SHANGHAI

TOTAL = ""
AMOUNT, DAYS, HOURS = "amount", "days", "hours"


class UnitLike(Protocol):
    """`shared.kernel.ledger.Unit`, or as much of it as was read."""

    @property
    def measure(self) -> str:
        """What is counted, like "g"."""

    @property
    def kind(self) -> str:
        """Of what, like "cardboard"."""


class PostingLike(Protocol):
    """`shared.kernel.ledger.Posting`, or as much of it as was read."""

    @property
    def account(self) -> str:
        """The account's name."""

    @property
    def amount(self) -> int:
        """Whole units, signed."""

    @property
    def unit(self) -> UnitLike:
        """The unit."""


class EntryLike(Protocol):
    """`shared.kernel.ledger.Entry`, or as much of it as was read."""

    @property
    def postings(self) -> Sequence[PostingLike]:
        """What moves."""

    @property
    def at(self) -> datetime | None:
        """When it happened."""


class RowName(NamedTuple):
    """Which row: `period` is "" of the total, else a month like "2026-11" (Asia/Shanghai)."""

    account: str
    measure: str
    kind: str
    period: str


# By how much the cells of a row change: "amount", and of a month "days.26" and "hours.26T09".
Cells = Mapping[str, int]
Sums = Mapping[RowName, Cells]


@dataclass(frozen=True, slots=True, order=True)
class Balance:
    """What lies on one account, in whole units of one kind."""

    account: str
    measure: str
    kind: str
    amount: int


@dataclass(frozen=True, slots=True)
class Range:
    """Entries [first, last) of one document's list."""

    collection: str
    document_id: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Batch `n`: which entries it takes, and by how much each row changes."""

    n: int
    ranges: tuple[Range, ...]
    sums: Sums


def balances_of(parts: Iterable[Balance]) -> list[Balance]:
    """Return the sums of partial balances, by account and kind; zeros are left out."""
    sums: dict[tuple[str, str, str], int] = {}
    for part in parts:
        name = (part.account, part.measure, part.kind)
        sums[name] = sums.get(name, 0) + part.amount
    return [Balance(*name, amount) for name, amount in sorted(sums.items()) if amount]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an instant lies in the rows: its month, day and hour."""

    month: str
    day: str
    hour: str


def place_of(at: datetime) -> Place:
    """Return the place of an instant; days and hours are of Asia/Shanghai."""
    local = at.astimezone(SHANGHAI)
    return Place(
        f"{local.year:04}-{local.month:02}",
        f"{local.day:02}",
        f"{local.day:02}T{local.hour:02}",
    )


def hours_of(sums: Sums) -> dict[str, datetime]:
    """Return the earliest full hour of business time at which each account changes."""
    earliest: dict[str, datetime] = {}
    for name, cells in sums.items():
        hours = [cell.partition(".")[2] for cell in cells if cell.startswith(f"{HOURS}.")]
        for hour in hours:
            at = datetime.strptime(f"{name.period}-{hour}", "%Y-%m-%dT%H").replace(tzinfo=SHANGHAI)
            earliest[name.account] = min(earliest.get(name.account, at), at)
    return earliest


def summed(entries: Iterable[EntryLike], *, otherwise_at: datetime) -> Sums:
    """Return the changes of all rows that the entries touch.

    An entry without a time of its own counts at `otherwise_at`.
    """
    sums: dict[RowName, dict[str, int]] = {}
    for entry in entries:
        place = place_of(entry.at or otherwise_at)
        of_month = (AMOUNT, f"{DAYS}.{place.day}", f"{HOURS}.{place.hour}")
        for posting in entry.postings:
            unit = posting.unit
            for period, cells in ((TOTAL, (AMOUNT,)), (place.month, of_month)):
                row = sums.setdefault(RowName(posting.account, unit.measure, unit.kind, period), {})
                for cell in cells:
                    row[cell] = row.get(cell, 0) + posting.amount
    return sums
