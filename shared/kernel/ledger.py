"""A pure double-entry ledger over any integer unit: fen of money, or grams of one material.

An entry moves amounts between accounts and balances to zero in each unit. Entries are never
changed or deleted: a mistake is reversed by an entry of its own (Pacioli, 1494; still the rule).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.errors import Invalid

POSTINGS_MAX = 512


@dataclass(frozen=True, slots=True, order=True)
class Unit:
    """What is counted: ("fen", "CNY") or ("g", "cardboard"). Units never mix in a sum."""

    measure: str
    kind: str


FEN = Unit("fen", "CNY")


@dataclass(frozen=True, slots=True)
class Posting:
    """`amount` > 0 is put into `account`, < 0 taken out of it; in whole `unit`s."""

    account: str
    amount: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Entry:
    """One balanced movement. `id` is derived from what caused it, so that a repeat is the same.

    `at` is the business time at which it happened; None where nobody asks for balances of a time.
    """

    id: str
    postings: tuple[Posting, ...]
    reason: str
    reverses: str | None = None
    at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse an entry that is empty, oversized or does not balance in each unit."""
        if not 0 < len(self.postings) <= POSTINGS_MAX:
            raise Invalid("ledger.size", f"an entry has 1 to {POSTINGS_MAX} postings")
        off = {unit: total for unit, total in totals(self.postings).items() if total}
        if off:
            raise Invalid("ledger.unbalanced", "an entry sums to zero in each unit")


def transfer(source: str, target: str, *, amount: int, unit: Unit) -> tuple[Posting, Posting]:
    """Return the two postings that move `amount` from `source` to `target`."""
    return Posting(source, -amount, unit), Posting(target, amount, unit)


def reversal(entry: Entry, *, entry_id: str, reason: str, at: datetime | None = None) -> Entry:
    """Return the entry that undoes `entry` to the last unit."""
    undone = tuple(Posting(each.account, -each.amount, each.unit) for each in entry.postings)
    return Entry(entry_id, undone, reason, reverses=entry.id, at=at)


def totals(postings: Iterable[Posting]) -> dict[Unit, int]:
    """Return the sum per unit; all zero for whole entries."""
    sums: Counter[Unit] = Counter()
    for posting in postings:
        sums[posting.unit] += posting.amount
    return dict(sums)


def balances(entries: Iterable[Entry]) -> Mapping[tuple[str, Unit], int]:
    """Return the balance of each (account, unit) that any entry touches."""
    sums: Counter[tuple[str, Unit]] = Counter()
    for entry in entries:
        for posting in entry.postings:
            sums[posting.account, posting.unit] += posting.amount
    return dict(sums)
