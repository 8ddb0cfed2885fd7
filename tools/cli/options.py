"""Options that several commands share."""

from typing import Annotated

import typer

StateDir = Annotated[str, typer.Option(help="Folder of the stack: data, logs, addresses.")]
Pickups = Annotated[int, typer.Option(min=1, max=20_000, help="How many pickups are booked.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same city and day.")]
Sites = Annotated[str, typer.Option(help="GeoJSON, CSV or folder of sites; default: Fuzhou.")]
