"""`make demo`: a fresh stack, a city day, the conservation report."""

import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.local.control import down, up
from deploy.local.layout import Layout
from deploy.local.processes import STOPPING, uninterrupted
from deploy.local.stack import Running, state_layout
from tools.cli.killer import Killer
from tools.cli.options import Pickups, Seed, Sites, StateDir
from tools.cli.progress import Bars, progress_bars
from tools.cli.simulate import show_custody, show_report, simulate_day
from tools.report.day import Day, drained_books, with_logs
from tools.simulator.company import Company
from tools.simulator.interrupts import deferred
from tools.simulator.sites import read_sites

console = Console()
KILLS_MAX = 500
# A day of 500 pickups takes about 40 s; kills are spread over it, and the rest follows its end.
KILL_EVERY_S = 2.5
STEPS_A_PICKUP = 4.2


def demo(
    *,
    pickups: Pickups = 500,
    seed: Seed = 1,
    sites: Sites = "",
    kill: Annotated[int, typer.Option(min=0, max=KILLS_MAX, help="kill -9 so many times.")] = 0,
    state_dir: StateDir = ".local/demo",
) -> None:
    """Run a city day on a fresh local stack; status 0 only if every line reconciles."""
    if sites:
        read_sites(Path(sites))  # a wrong file is refused before anything starts
    layout = state_layout(state_dir)
    begun_s = time.monotonic()
    interrupt_on_signals()
    fresh(layout)
    try:
        console.print("starting MongoDB, Kafka and the services …")
        held = up(layout)
        console.print(f"ready after {time.monotonic() - begun_s:.0f} s")
        with deferred():
            reconciled = _run(Day(pickups, seed, sites), layout, held, kill=kill)
        console.print(f"took {time.monotonic() - begun_s:.0f} s; logs in {layout.logs}")
        if sys.stdin.isatty() and sys.stdout.isatty():
            console.print("the stack stays up; Ctrl-C stops it")
            _until_interrupted()
    finally:
        with uninterrupted():
            down(layout)
    if not reconciled:
        raise typer.Exit(1)


def _run(day: Day, layout: Layout, held: Running, *, kill: int) -> bool:
    company = Company(held.held["kafka"])
    company.start()
    bars = Bars(progress_bars(console))
    steps = STEPS_A_PICKUP * day.pickups
    pace = {"count": kill, "seed": day.seed}
    killer = Killer(layout, **pace, every_s=KILL_EVERY_S, share=lambda: bars.steps / steps)
    killer.start()
    try:
        stage = simulate_day(day, layout, held, bars=bars)
        killer.finish()
        begun_s = time.monotonic()
        books = with_logs(drained_books(stage.api, company, stage.tally), layout.logs)
    finally:
        company.stop()
    drained_s = time.monotonic() - begun_s
    found = show_report(books, company, held)
    show_custody(stage.api)
    retried = f"requests retried {stage.api.retries}, repeated on purpose {stage.api.repeats}"
    console.print(f"{retried}; processes killed {killer.done}; drained in {drained_s:.0f} s")
    return all(line.holds for line in found)


def interrupt_on_signals() -> None:
    """Let SIGTERM and a hang-up do what Ctrl-C does: nothing stays behind."""
    for number in STOPPING:
        signal.signal(number, signal.default_int_handler)


def fresh(layout: Layout) -> None:
    """Stop what an earlier demo left, and delete its data: a demo's city is always new."""
    down(layout)
    if layout.data.exists():
        shutil.rmtree(layout.data)
    layout.clock_file.unlink(missing_ok=True)


def _until_interrupted() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        console.print("stopping …")
