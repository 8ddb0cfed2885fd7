"""H3 cells of resolution 9: about 0.1 km², as fine as an event may say (blueprint, rule 4)."""

import h3

RESOLUTION = 9


class H3Cells:
    """`Cells` by the h3 library."""

    def cell_of(self, latitude: float, longitude: float) -> str:
        """Return the cell's id."""
        return str(h3.latlng_to_cell(latitude, longitude, RESOLUTION))
