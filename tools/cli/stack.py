"""`greenloop up|down|status|logs`."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.local.control import down as stop_stack
from deploy.local.control import follow, resident_mib
from deploy.local.control import up as start_stack
from deploy.local.problems import StackProblem
from deploy.local.stack import Running, running, state_layout
from tools.cli.options import StateDir

console = Console()


def add_to(app: typer.Typer) -> None:
    """Add the four commands."""
    app.command("up")(up)
    app.command("down")(down)
    app.command("status")(status)
    app.command("logs")(logs)


def up(
    state_dir: StateDir = ".local",
    infra_only: Annotated[bool, typer.Option(help="MongoDB and Kafka only.")] = False,
) -> None:
    """Start the stack in the background; returns when all is ready."""
    layout = state_layout(state_dir)
    held = start_stack(layout, infra_only=infra_only)
    log = layout.log_of("supervisor")
    for line in log.read_text(encoding="utf-8").splitlines() if log.exists() else []:
        console.print(line, highlight=False)
    print_urls(held)


def print_urls(held: Running) -> None:
    """Print where everything is."""
    for service, url in held.urls().items():
        console.print(f"{service:<12} {url}/docs   {url}/metrics", highlight=False)
    console.print(f"{'mongodb':<12} {held.held['mongodb']}", highlight=False)
    console.print(f"{'kafka':<12} {held.held['kafka']}", highlight=False)


def down(state_dir: StateDir = ".local") -> None:
    """Stop the stack; data stays."""
    stopped = stop_stack(state_layout(state_dir))
    console.print("stopped" if stopped else "nothing was running")


def status(state_dir: StateDir = ".local") -> None:
    """Show what runs, on which port, how often it was restarted, how large it is."""
    held = running(state_layout(state_dir))
    if held is None:
        console.print("nothing is running; `make up` starts the stack")
        raise typer.Exit(1)
    table = Table("process", "pid", "state", "port", "restarts", "MiB")
    for name, entry in held.processes.items():
        mib = resident_mib(int(entry.get("pid", 0)), float(entry.get("started_at_s", 0)))
        state = "[green]up[/]" if mib else "[red]down[/]"
        row = (name, entry.get("pid", "-"), state, entry["port"], entry["restarts"], mib)
        table.add_row(*(str(cell) for cell in row))
    console.print(table)


def logs(
    name: Annotated[str | None, typer.Argument(help="One process; default: all.")] = None,
    state_dir: StateDir = ".local",
    lines: Annotated[int, typer.Option(min=1, max=10_000)] = 20,
) -> None:
    """Print the newest lines of one log, or of all."""
    layout = state_layout(state_dir)
    if name is None and not layout.logs.exists():
        raise StackProblem(f"there are no logs in {layout.logs}; `make up` starts the stack")
    for line in follow(layout, name, lines=lines):
        console.print(line, highlight=False, markup=False)
