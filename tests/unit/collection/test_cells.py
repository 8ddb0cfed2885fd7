"""Cells: where a door is, as coarse as an event may say."""

import h3
from hypothesis import given
from hypothesis import strategies as st

from services.collection.adapters.cells import H3Cells

RESOLUTION_MAX = 9


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_no_cell_is_finer_than_an_event_may_say(latitude, longitude):
    cell = H3Cells().cell_of(latitude, longitude)

    assert h3.get_resolution(cell) == RESOLUTION_MAX
    assert h3.cell_area(cell, unit="m^2") > 50_000


def test_neighbouring_doors_are_in_one_cell():
    doors = {H3Cells().cell_of(26.0812 + step / 100_000, 119.3021) for step in range(10)}

    assert len(doors) == 1
