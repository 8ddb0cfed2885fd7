"""`greenloop simulate` and `greenloop report`: a city day over a running stack, and its books."""

from collections.abc import Mapping
from typing import Annotated

import typer
from rich.console import Console

from deploy.local.layout import Layout
from deploy.local.problems import StackProblem
from deploy.local.stack import Running, running, state_layout
from tools.cli.options import Pickups, Seed, Sites, StateDir
from tools.cli.progress import Bars, progress_bars
from tools.report.books import Books, Line
from tools.report.conservation import lines
from tools.report.custody import battery_container, custody_of
from tools.report.day import Day, api_of, drained_books, read_books, stage_of
from tools.report.render import percentile, print_custody, print_report
from tools.simulator.api import Api
from tools.simulator.company import Company
from tools.simulator.day import run_day
from tools.simulator.stage import Stage
from tools.simulator.tally import Tally

console = Console()


def running_stack(state_dir: str) -> tuple[Layout, Running]:
    """Return a running stack, or raise `StackProblem`."""
    layout = state_layout(state_dir)
    held = running(layout)
    if held is None or held.supervisor is None:
        raise StackProblem("no stack runs here; `make up` starts one")
    return layout, held


def show_report(books: Books, company: Company, held: Running) -> list[Line]:
    """Print the report; return its lines."""
    found = lines(books)
    facts = books.services["volumes"]["facts"]
    latencies = {
        "booked → on the topic": _percentiles(company.booked_to_topic_s),
        "weighed → settled": _percentiles(company.weighed_to_settled_s),
        "weighed → in the volume": (
            float(facts["weighed_to_volume_p50_s"]),
            float(facts["weighed_to_volume_p99_s"]),
        ),
    }
    urls = {name: f"{url}/docs   {url}/metrics" for name, url in held.urls().items()}
    print_report(console, found, latencies=latencies, urls=urls)
    return found


def show_custody(api: Api, tag: str | None = None) -> None:
    """Print the custody of a container; without a tag of one with batteries, if there is one."""
    chosen = tag or battery_container(api)
    if chosen is None:
        console.print("no container of batteries was on a manifest")
    else:
        print_custody(console, chosen, custody_of(api, chosen))


def custody(
    tag: Annotated[str | None, typer.Argument(help="Default: one with batteries.")] = None,
    state_dir: StateDir = ".local",
) -> None:
    """Print who had a container when: from kitchens and drives to a receiver's verdict."""
    layout, held = running_stack(state_dir)
    show_custody(api_of(layout, held, seed=0, repeat_share=0.0), tag)


def _percentiles(values: list[float]) -> tuple[float, float]:
    return percentile(values, 0.5), percentile(values, 0.99)


def simulate_day(day: Day, layout: Layout, held: Running, *, bars: Bars | None = None) -> Stage:
    """Run one day with bars; return its stage."""
    shown = bars or Bars(progress_bars(console))
    with shown.bars:
        stage = stage_of(day, layout, held, progress=shown, tally=Tally())
        run_day(stage)
    return stage


def simulate(
    pickups: Pickups = 500, seed: Seed = 1, sites: Sites = "", state_dir: StateDir = ".local"
) -> None:
    """Run a city day over a running stack."""
    layout, held = running_stack(state_dir)
    stage = simulate_day(Day(pickups, seed, sites), layout, held)
    _print_tally(stage.tally.counts)


def _print_tally(counts: Mapping[str, int]) -> None:
    shown = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
    console.print(shown, highlight=False)


def report(
    state_dir: StateDir = ".local",
    drain: Annotated[bool, typer.Option(help="Wait until everything has arrived.")] = True,
) -> None:
    """Print the conservation report of a running stack; status 0 only if every line holds."""
    layout, held = running_stack(state_dir)
    api = api_of(layout, held, seed=0, repeat_share=0.0)
    company = Company(held.held["kafka"])
    company.start()
    try:
        books = drained_books(api, company, None) if drain else read_books(api, company, None)
    finally:
        company.stop()
    if not all(line.holds for line in show_report(books, company, held)):
        raise typer.Exit(1)
