"""Any schedule of owners, crashes and repeats folds each delta exactly once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.volumes.application.folding import BrokenLog, fold_partition
from services.volumes.domain.delta import Delta
from tests.fakes.volumes import InMemoryDeltas, InMemoryRows

ROWS = [("350102001001", 0), ("350102001001", 3600), ("350102001002", 0)]


class Killed(BaseException):
    """The process ended here."""


def delta(n, mass_g=100, row=0):
    return Delta(
        partition=0,
        n=n,
        first_offset=n - 1,
        next_offset=n,
        last_sequence=n,
        last_id=f"e{n}",
        events=1,
        duplicates_total=0,
        sums={ROWS[row]: {"cardboard|A": [mass_g, 1]}},
    )


def total_g(rows):
    return sum(
        cells["cardboard|A"][0] for held in rows.rows.values() for cells in held["sums"].values()
    )


def test_folds_what_waits_and_keeps_the_last_delta():
    deltas, rows = InMemoryDeltas(), InMemoryRows()
    for n in (1, 2, 3):
        deltas.append([delta(n)])

    fold_partition(0, deltas=deltas, rows=rows)

    assert total_g(rows) == 300
    assert sorted(deltas.log) == [(0, 3)]
    assert deltas.position(0).next_offset == 3


def test_stops_on_a_log_with_a_hole():
    deltas = InMemoryDeltas()
    deltas.append([delta(2)])

    with pytest.raises(BrokenLog):
        fold_partition(0, deltas=deltas, rows=InMemoryRows())


class HalfRows(InMemoryRows):
    """Dies after some of the rows were written."""

    def __init__(self, dies_after):
        super().__init__()
        self.dies_after = dies_after

    def add(self, partition, to, sums):
        for key, cells in sums.items():
            if self.dies_after == 0:
                self.dies_after = -1
                raise Killed
            self.dies_after -= 1
            super().add(partition, to, {key: cells})


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(1, 500), st.integers(0, 2)),
        st.tuples(
            st.just("fold"),
            st.sampled_from(
                [
                    "",
                    "volumes.fold.before",
                    "volumes.fold.after",
                    "volumes.delete.before",
                    "volumes.delete.after",
                ]
            ),
        ),
        st.tuples(st.just("fold-half"), st.integers(0, 2)),
    ),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_any_schedule_of_kills_counts_each_delta_once(steps):
    deltas, rows = InMemoryDeltas(), HalfRows(-1)
    expected_g, n = 0, 0
    for step in steps:
        if step[0] == "append":
            n += 1
            deltas.append([delta(n, step[1], step[2])])
            expected_g += step[1]
        else:
            fold_and_die(step, deltas, rows)

    rows.dies_after = -1
    while fold_partition(0, deltas=deltas, rows=rows):
        pass

    assert total_g(rows) == expected_g


def fold_and_die(step, deltas, rows):
    def reached(label):
        if step[0] == "fold" and step[1] == label:
            raise Killed

    rows.dies_after = step[1] if step[0] == "fold-half" else -1
    try:
        fold_partition(0, deltas=deltas, rows=rows, reached=reached)
    except Killed:
        rows.dies_after = -1
