"""Folding deltas into rows, so that each delta is in each row exactly once (exactness.md, 5 to 9).

Every step may be repeated, by the same process or by another one, from any point on.
"""

from collections.abc import Callable

from services.volumes.application.ports import Deltas, Rows
from services.volumes.domain.delta import Delta, FoldMark
from services.volumes.domain.sums import Sums, merge

FOLD_DELTAS_MAX = 64

Reached = Callable[[str], None]


class BrokenLog(Exception):  # noqa: N818 - stops the process: somebody must look
    """The deltas are not contiguous: something outside the protocol changed the log."""


def fold_partition(
    partition: int, *, deltas: Deltas, rows: Rows, reached: Reached = lambda _: None
) -> list[Delta]:
    """Fold what waits for `partition`, at most 64 deltas; return the folded ones.

    A half-done fold is repeated over the range that it recorded, never over a longer one: rows
    that have it already are told apart by their own mark.
    """
    mark = rows.mark(partition)
    waiting = deltas.after(mark, limit=FOLD_DELTAS_MAX)
    if not waiting:
        return []
    _expect_contiguous(mark, waiting)
    last = waiting[-1]
    if not rows.begin(mark, last.n):
        return []
    reached("volumes.fold.before")
    rows.add(partition, last.n, _summed(waiting))
    reached("volumes.fold.after")
    if not rows.end(FoldMark(partition, mark.n, mark.next_offset, last.n), last.next_offset):
        return []
    reached("volumes.delete.before")
    deltas.forget_below(partition, last.n)
    reached("volumes.delete.after")
    return waiting


def _expect_contiguous(mark: FoldMark, waiting: list[Delta]) -> None:
    expected = range(mark.n + 1, mark.n + 1 + len(waiting))
    if [delta.n for delta in waiting] != list(expected):
        raise BrokenLog(f"partition {mark.partition}: deltas after {mark.n} are not contiguous")
    if mark.to is not None and waiting[-1].n != mark.to:
        raise BrokenLog(f"partition {mark.partition}: a recorded range ends before {mark.to}")


def _summed(waiting: list[Delta]) -> Sums:
    sums: Sums = {}
    for delta in waiting:
        merge(sums, delta.sums)
    return sums
