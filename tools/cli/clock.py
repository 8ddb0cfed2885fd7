"""`greenloop clock show|set|advance`: the business clock of a local stack. Development only."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from deploy.local.stack import state_layout
from shared.contracts.topic import EARLIEST, LATEST
from shared.kernel.clock import FileClock, read_clock_file, write_clock_file
from shared.kernel.errors import Invalid
from tools.cli.development import Environment, development_only
from tools.cli.options import StateDir

app = typer.Typer(no_args_is_help=True, help=__doc__)


@app.command("show")
def show(state_dir: StateDir = ".local") -> None:
    """Print the business time."""
    typer.echo(FileClock(state_layout(state_dir).clock_file).now().isoformat())


@app.command("set")
def set_clock(
    instant: Annotated[str, typer.Argument(help="RFC 3339, with its offset.")],
    rate: Annotated[float, typer.Option(min=0, max=100_000, help="Seconds a second.")] = 1.0,
    state_dir: StateDir = ".local",
    *,
    environment: Environment = "development",
) -> None:
    """Set the business time; every deadline moves with it."""
    development_only(environment)
    try:
        base = datetime.fromisoformat(instant)
    except ValueError:
        message = "an instant is, for instance, 2026-11-24T08:00+08:00"
        raise Invalid("clock.instant", message) from None
    if base.tzinfo is None:
        raise Invalid("clock.instant", "an instant has an offset, for instance +08:00")
    _write(state_layout(state_dir).clock_file, base, rate=rate)


@app.command("advance")
def advance(
    hours: Annotated[float, typer.Argument(help="How far, in hours.", min=0)],
    state_dir: StateDir = ".local",
    *,
    environment: Environment = "development",
) -> None:
    """Move the business time forward, which keeps its speed."""
    development_only(environment)
    file = state_layout(state_dir).clock_file
    setting = read_clock_file(file)
    rate = 1.0 if setting is None else setting[2]
    try:
        base = FileClock(file).now() + timedelta(hours=hours)
    except (OverflowError, ValueError):
        raise _beyond() from None
    _write(file, base, rate=rate)


def _write(file: Path, base: datetime, *, rate: float) -> None:
    """Set the clock; to no instant that no service could store, or would take from anybody."""
    if not EARLIEST <= base < LATEST:
        raise _beyond()
    write_clock_file(file, base=base.astimezone(UTC), rate=rate)


def _beyond() -> Invalid:
    return Invalid("clock.instant", f"the clock is set from {EARLIEST.year} to {LATEST.year - 1}")
