"""`greenloop codes check|show`: the dated tables of codes, their crosswalk, the exemption rules."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from shared.kernel.clock import SystemClock, legal_day
from shared.kernel.errors import Invalid
from shared.reference.checking import findings
from shared.reference.codes import CodeEntry, code_entries, code_entries_on
from shared.reference.tables import FOLDER

app = typer.Typer(no_args_is_help=True, help=__doc__)
console = Console()
WIDE = 200


@app.command("check")
def check(
    folder: Annotated[Path, typer.Option(help="Folder of the tables.")] = FOLDER,
) -> None:
    """Find gaps, overlaps, references to nothing, missing sources; status 1 where there are any."""
    found = findings(folder)
    for line in found:
        typer.echo(line, err=True)
    if found:
        typer.echo(f"{len(found)} findings", err=True)
        raise typer.Exit(1)


@app.command("show")
def show(
    system: Annotated[str, typer.Argument(help="basel, cn, cn-ewaste, eu, treatment, un, weee")],
    on: Annotated[str, typer.Option(help="A day, or all; today if not given.")] = "",
) -> None:
    """Print the entries of a system that hold on a day, each with how sure it is and its source."""
    entries = code_entries(system) if on == "all" else code_entries_on(system, _day(on))
    table = Table("code", "name", "", "from", "to", "then", "", "source")
    for entry in entries:
        table.add_row(*_cells(entry))
    (console if console.is_terminal else Console(width=WIDE)).print(table)


def _cells(entry: CodeEntry) -> tuple[str, ...]:
    details = " ".join(f"{name}={cell}" for name, cell in entry.details.items() if cell)
    return (
        entry.code,
        f"{entry.name_zh}\n{entry.name_en}",
        details,
        str(entry.period.valid_from),
        str(entry.period.valid_to or ""),
        "\n".join(entry.successors),
        entry.certainty,
        entry.source,
    )


def _day(text: str) -> date:
    if not text:
        return legal_day(SystemClock().now())
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("codes.day", "a day is, for instance, 2026-11-09") from None
