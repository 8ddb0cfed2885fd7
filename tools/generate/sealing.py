"""The page of the sealing table: which signature of a manifest requires and freezes which field."""

from pathlib import Path

from shared.reference.sealing_table import STAGES, SealingRow, sealing_rows
from tools.generate.schemas import ROOT

TITLES = {
    "seal": "seal",
    "consignor": "consignor",
    "carrier": "first carrier",
    "handover": "next carrier",
    "redirect": "to an alternate",
    "receiver": "receiver",
    "receipt": "receipt of a return",
}
INTRODUCTION = """# The sealing table

Generated from `shared/reference/sealing_table.csv` by `make docs`. **R**: the signature is refused
without it. **F**: it cannot change from this signature on, and the signature's hash covers it.
A lapsed permit stops no arrival and no way back: there it is a flag on the consignment.
"""


def files() -> dict[Path, str]:
    """Return the page."""
    return {ROOT / "docs" / "sealing-table.md": page()}


def page() -> str:
    """Return the page's text."""
    head = ["field", *(TITLES[stage] for stage in STAGES), "what it is"]
    lines = [_line(head), _line(["---"] * len(head))]
    lines += [_line(_cells(row)) for row in sealing_rows()]
    return f"{INTRODUCTION}\n" + "\n".join(lines) + "\n"


def _cells(row: SealingRow) -> list[str]:
    marks = [
        ("R" if stage in row.requires else "") + ("F" if stage in row.freezes else "")
        for stage in STAGES
    ]
    return [f"`{row.field}`", *marks, row.about]


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
