"""A batch of entries that are added to the rows of balances together, exactly once.

An account's balance is kept in rows of four levels: in total, and by month, day and hour of
business time, so that a balance at any time is a few rows and not a walk over all entries.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from shared.kernel.clock import legal_day
from shared.kernel.ledger import Entry

TOTAL, MONTH, DAY, HOUR = "total", "month", "day", "hour"
LEVELS = (TOTAL, MONTH, DAY, HOUR)


class RowName(NamedTuple):
    """Which row: `period` is "" of a total, "2026-11", "2026-11-26" (Shanghai), or an hour."""

    level: str
    account: str
    measure: str
    kind: str
    period: str


Sums = Mapping[RowName, int]


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
    sums: Counter[tuple[str, str, str]] = Counter()
    for part in parts:
        sums[part.account, part.measure, part.kind] += part.amount
    return [Balance(*name, amount) for name, amount in sorted(sums.items()) if amount]


def period_of(level: str, at: datetime) -> str:
    """Return the period of a level in which an instant lies."""
    if level == TOTAL:
        return ""
    if level == HOUR:
        return at.astimezone(UTC).strftime("%Y-%m-%dT%H")
    day = legal_day(at).isoformat()
    return day if level == DAY else day[:7]


def summed(entries: Iterable[Entry], *, otherwise_at: datetime) -> Sums:
    """Return the sums of all rows that the entries touch; rows that change by 0 are left out.

    An entry without a time of its own counts at `otherwise_at`.
    """
    sums: Counter[RowName] = Counter()
    for entry in entries:
        at = entry.at or otherwise_at
        periods = [(level, period_of(level, at)) for level in LEVELS]
        for posting in entry.postings:
            unit = posting.unit
            for level, period in periods:
                name = RowName(level, posting.account, unit.measure, unit.kind, period)
                sums[name] += posting.amount
    return {name: amount for name, amount in sums.items() if amount}
