"""The report on one screen."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from shared.kernel.clock import SHANGHAI
from tools.report.books import Line
from tools.report.custody import Custody


def percentile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile; 0.0 of nothing."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def print_report(
    console: Console,
    lines: Sequence[Line],
    *,
    latencies: Mapping[str, tuple[float, float]],
    urls: Mapping[str, str],
) -> None:
    """Print all lines, the latencies (p50, p99 in seconds) and where to look on."""
    table = Table(title="Conservation report", show_lines=False, expand=False)
    for column in ("", "what", "values", ""):
        table.add_column(column)
    section = ""
    for line in lines:
        if line.section != section:
            table.add_section()
        shown = line.section if line.section != section else ""
        section = line.section
        mark = "[green]=[/]" if line.holds else "[bold red]DIFFERS[/]"
        table.add_row(shown, line.what, _values(line), mark)
    console.print(table)
    for name, (p50_s, p99_s) in latencies.items():
        console.print(f"{name}: p50 {p50_s * 1000:,.0f} ms, p99 {p99_s * 1000:,.0f} ms")
    for name, url in urls.items():
        console.print(f"{name:<12} {url}", highlight=False)
    broken = [line for line in lines if not line.holds]
    if broken:
        console.print(f"[bold red]{len(broken)} of {len(lines)} lines differ[/]")
    else:
        console.print(f"[bold green]all {len(lines)} lines reconcile[/]")


def print_custody(console: Console, tag: str, chain: Sequence[Custody]) -> None:
    """Print who had a container when, in the legal time of Shanghai."""
    console.print(f"Custody of container {tag}", style="bold", soft_wrap=True)
    for each in chain:
        when = f"{each.at.astimezone(SHANGHAI):%m-%d %H:%M}"
        mass = "" if each.mass_g is None else f"{each.mass_g:,} g"
        told = f"{when}  {each.number or '':<14}  {mass:>11}  {each.what} {each.who}"
        console.print(told.rstrip(), soft_wrap=True, highlight=False)


def _values(line: Line) -> str:
    if line.holds:
        shown = f"{line.values[0][1]:,}"
        return f"{shown}  ({line.note})" if line.note else shown
    parts = ", ".join(f"{name} {value:,}" for name, value in line.values)
    return f"{parts}  ({line.note})" if line.note else parts
