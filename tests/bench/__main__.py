"""`make bench`: timed figures from one run, each beside its baseline. Not part of the suite."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from deploy.local.testing import Infrastructure, infrastructure
from tests.bench import (
    booking,
    drive_search,
    postings,
    relay,
    search,
    signatures,
    slot_race,
    volumes,
)
from tests.bench.rows import Row

PARTS: dict[str, Callable[[Infrastructure], list[Row]]] = {
    "booking": booking.rows,
    "slot-race": slot_race.rows,
    "latency": booking.latency_rows,
    "relay": relay.rows,
    "search": search.rows,
    "drives": drive_search.rows,
    "volumes": volumes.rows,
    "postings": postings.rows,
    "signatures": signatures.rows,
}


def main(wanted: list[str]) -> int:
    """Run all parts, or those that are named, each on a fresh MongoDB and Kafka."""
    table = Table("what", "measured", "baseline", "ratio", "aim", "beside")
    for name in wanted or list(PARTS):
        with tempfile.TemporaryDirectory() as folder, infrastructure(Path(folder)) as infra:
            for row in PARTS[name](infra):
                table.add_row(*_cells(row))
    Console(width=140).print(table)
    return 0


def _cells(row: Row) -> tuple[str, ...]:
    baseline = f"{row.baseline:,.1f} {row.unit}" if row.baseline else ""
    return row.what, f"{row.measured:,.1f} {row.unit}", baseline, row.ratio, row.aim, row.beside


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
