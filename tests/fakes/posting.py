"""Twins of posting's ports, in which every write of one document is a step of its own."""

from collections import Counter
from dataclasses import dataclass, field

from shared.posting.batch import Balance, balances_of
from shared.posting.poster import Unposted


def _at_once():
    """Go on without letting anybody else in."""


class InMemoryPostingLog:
    def __init__(self, step=_at_once):
        self._step = step
        self.batches, self._head = {}, 0

    def head(self):
        self._step()
        return self._head

    def batch(self, n):
        self._step()
        return self.batches.get(n)

    def decide(self, batch):
        self._step()
        if batch.n in self.batches:
            return False
        self.batches[batch.n] = batch
        if self.head() >= batch.n:
            self._step()
            self.batches.pop(batch.n, None)
            return False
        return True

    def finish(self, n):
        self._step()
        if self._head == n - 1:
            self._head = n
        self._step()
        self.batches = {each: held for each, held in self.batches.items() if each >= n}


@dataclass
class Ledger:
    """A document with entries."""

    entries: list = field(default_factory=list)
    posted: int = 0
    unposted: bool = False


class InMemoryLedgers:
    def __init__(self, step=_at_once):
        self._step = step
        self.documents = {}

    def append(self, document_id, *entries):
        """What a service's own write does."""
        held = self.documents.setdefault(document_id, Ledger())
        held.entries.extend(entries)
        held.unposted = True

    def unposted(self, *, limit):
        self._step()
        found = [
            Unposted("ledgers", name, held.posted, tuple(held.entries[held.posted :]))
            for name, held in self.documents.items()
            if held.unposted
        ][:limit]
        for each in found:
            if not each.entries:
                self._settle(each.document_id, each.posted)
        return [each for each in found if each.entries]

    def mark(self, ranges):
        for each in ranges:
            self._step()
            held = self.documents[each.document_id]
            if held.posted == each.first:
                held.posted = each.last
            self._settle(each.document_id, each.last)

    def _settle(self, document_id, posted):
        self._step()
        held = self.documents[document_id]
        if held.posted == posted == len(held.entries):
            held.unposted = False


class InMemoryRows:
    def __init__(self, step=_at_once):
        self._step = step
        self.rows = {}

    def add(self, batch):
        for name, cells in batch.sums.items():
            self._step()
            held, m = self.rows.get(name, (Counter(), 0))
            if m < batch.n:
                added = {**held, **{cell: held[cell] + amount for cell, amount in cells.items()}}
                self.rows[name] = (Counter(added), batch.n)

    def now(self, account):
        return balances_of(
            Balance(name.account, name.measure, name.kind, cells["amount"])
            for name, (cells, _) in self.rows.items()
            if not name.period and name.account == account
        )
