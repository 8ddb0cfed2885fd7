"""Posting: entries that documents carry are added to the rows of balances, each exactly once.

A batch has a dense number; its insert is the decision, and names its entries and sums. Rows carry
the number of the newest batch that they have, documents how many of their entries are posted, and
the head the newest finished batch. Every step may be repeated, by the same process or by another,
from any point on; a paused owner's late insert meets a head that has moved on, and is dropped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.kernel.clock import Clock
from shared.posting.batch import Batch, EntryLike, Range, summed

DOCUMENTS_A_BATCH = 3_000

Reached = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Unposted:
    """A document with entries that no batch has taken: `entries` are those from `posted` on."""

    collection: str
    document_id: str
    posted: int
    entries: Sequence[EntryLike]

    @property
    def range(self) -> Range:
        """What a batch takes of it."""
        last = self.posted + len(self.entries)
        return Range(self.collection, self.document_id, self.posted, last)


class PostingLog(Protocol):
    """Batches and their head. Calls block and raise `Unavailable`."""

    def head(self) -> int:
        """Return the number of the newest finished batch; 0 before the first."""

    def batch(self, n: int) -> Batch | None:
        """Return a batch that was decided."""

    def decide(self, batch: Batch) -> bool:
        """Insert a batch; False where its number is taken, or finished already."""

    def finish(self, n: int) -> None:
        """Move the head to `n` where it is at n - 1, and forget the batches below `n`."""


class Ledgers(Protocol):
    """Documents that carry entries. Calls block and raise `Unavailable`."""

    def unposted(self, *, limit: int) -> Sequence[Unposted]:
        """Return documents with entries that are not posted, and settle those without any."""

    def mark(self, ranges: Sequence[Range]) -> None:
        """Note that entries are posted; may be repeated."""


class Rows(Protocol):
    """Rows of balances. Calls block and raise `Unavailable`."""

    def add(self, batch: Batch) -> None:
        """Add a batch's sums to each row that lacks it; may be repeated."""


def _unlabelled(_label: str) -> None:
    """Pass a point that no test armed."""


def _unnoticed(_batch: Batch) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Poster:
    """Posts what is there, a batch a round.

    `notice` is told of each batch whose rows are there, at least once, before it is finished.
    """

    log: PostingLog
    ledgers: Ledgers
    rows: Rows
    clock: Clock
    reached: Reached = _unlabelled
    notice: Callable[[Batch], None] = _unnoticed

    def post(self) -> int:
        """Finish a batch that was begun, or take a new one; return how many documents it took."""
        n = self.log.head() + 1
        batch = self.log.batch(n) or self._next(n)
        if batch is None:
            return 0
        self.reached("posting.rows.before")
        self.rows.add(batch)
        self.notice(batch)
        self.reached("posting.rows.after")
        self.ledgers.mark(batch.ranges)
        self.reached("posting.mark.after")
        self.log.finish(n)
        return len(batch.ranges)

    def post_all(self, *, rounds_max: int = 100) -> int:
        """Post until nothing is left, so many rounds at the most; return how many documents."""
        posted = 0
        for _ in range(rounds_max):
            taken = self.post()
            if not taken:
                break
            posted += taken
        return posted

    def settle(self, *, tries_max: int = 20) -> None:
        """Post what waits, also where another owner posts at the same time.

        What was written before is in the rows then, unless so much is written that `tries_max`
        rounds do not end it.
        """
        for _ in range(tries_max):
            self.post_all()
            if not self.ledgers.unposted(limit=1):
                return

    def _next(self, n: int) -> Batch | None:
        """Decide about the next batch; None where nothing waits, or another owner decided."""
        found = self.ledgers.unposted(limit=DOCUMENTS_A_BATCH)
        if not found:
            return None
        entries = [entry for each in found for entry in each.entries]
        sums = summed(entries, otherwise_at=self.clock.now())
        batch = Batch(n, tuple(each.range for each in found), sums)
        self.reached("posting.decide.before")
        return batch if self.log.decide(batch) else None
