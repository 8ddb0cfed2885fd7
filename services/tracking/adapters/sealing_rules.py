"""The sealing table of shared.reference, as the domain's rules."""

from services.tracking.domain.sealing import Rule, SealingTable
from services.tracking.domain.signatures import Stage
from shared.reference.sealing_table import sealing_rows


def sealing_table() -> SealingTable:
    """Return the table; a stage that the domain does not know is a `ValueError`."""
    return SealingTable(
        tuple(
            Rule(
                row.field,
                requires=frozenset(Stage(stage) for stage in row.requires),
                freezes=frozenset(Stage(stage) for stage in row.freezes),
                about=row.about,
            )
            for row in sealing_rows()
        )
    )
