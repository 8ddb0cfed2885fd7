"""H3 cells as points: all that routing knows of a door is its cell."""

from functools import lru_cache

import h3

from services.routing.domain.problem import Spot
from shared.kernel.errors import Invalid


class H3Cells:
    """`Cells` by the h3 library."""

    def centre(self, cell: str) -> Spot:
        """Return the cell's centre."""
        return _centre(cell)


@lru_cache(maxsize=50_000)
def _centre(cell: str) -> Spot:
    if not h3.is_valid_cell(cell):
        raise Invalid("routing.cell", "this is not a cell")
    latitude, longitude = h3.cell_to_latlng(cell)
    return Spot(round(latitude, 6), round(longitude, 6))
