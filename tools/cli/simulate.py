"""`greenloop simulate` and `greenloop report`: a city day over a running stack, and its books."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

from deploy.local.layout import Layout
from deploy.local.problems import StackProblem
from deploy.local.stack import Running, running, state_layout
from shared.http.local_issuer import issue_token
from shared.kernel.clock import FileClock, legal_day, write_clock_file
from tools.cli.options import Pickups, Seed, Sites, StateDir
from tools.report.conservation import Books, Line, lines
from tools.report.render import percentile, print_report
from tools.simulator.api import OPERATOR, Api
from tools.simulator.calibration import Noise
from tools.simulator.city import make_city
from tools.simulator.company import Company
from tools.simulator.day import run_day
from tools.simulator.sites import read_sites
from tools.simulator.stage import Stage
from tools.simulator.tally import Tally

console = Console()
DRAINED_WITHIN_S = 120.0
POLL_S = 0.5
TOKEN_TTL_S = 6 * 3600


@dataclass(frozen=True, slots=True)
class Day:
    """What is asked for."""

    pickups: int
    seed: int
    sites: str


@dataclass(slots=True)
class Bars:
    """The simulator's progress as bars on a terminal."""

    bars: RichProgress
    lock: Lock = field(default_factory=Lock)
    task: Any = None

    def begin(self, phase: str, total: int) -> None:
        """Start a bar."""
        with self.lock:
            self.task = self.bars.add_task(phase, total=total)

    def step(self, by: int = 1) -> None:
        """Advance the newest bar."""
        self.bars.advance(self.task, by)


def running_stack(state_dir: str) -> tuple[Layout, Running]:
    """Return a running stack, or raise `StackProblem`."""
    layout = state_layout(state_dir)
    held = running(layout)
    if held is None or held.supervisor is None:
        raise StackProblem("no stack runs here; `make up` starts one")
    return layout, held


def api_of(layout: Layout, held: Running, *, seed: int, repeat_share: float) -> Api:
    """Return the way into a running stack's APIs, as any caller."""

    @lru_cache(maxsize=50_000)
    def token(role: str, subject: str) -> str:
        return issue_token(layout.state_dir, subject=subject, roles=[role], ttl_s=TOKEN_TTL_S)

    return Api(held.urls(), token, repeat_share, random.Random(seed))


def stage_of(day: Day, layout: Layout, held: Running, *, bars: Bars) -> Stage:
    """Return a new day's stage: the day after the business clock's present day."""
    noise = Noise()
    given = read_sites(Path(day.sites)) if day.sites else None
    today = legal_day(FileClock(layout.clock_file).now())
    city = make_city(
        pickups=day.pickups,
        seed=day.seed,
        service_day=today + timedelta(days=2),
        given=given,
        noise=noise,
    )

    def set_clock(instant: datetime) -> None:
        write_clock_file(layout.clock_file, base=instant, rate=1.0)

    api = api_of(layout, held, seed=day.seed, repeat_share=noise.repeated_request)
    return Stage(city, api, noise, Tally(), bars, set_clock, day.seed)


def progress_bars() -> RichProgress:
    """Return the bars' look."""
    return RichProgress(
        TextColumn("{task.description:<28}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def drained_books(api: Api, company: Company, tally: Tally | None) -> Books:
    """Return the books once everything has arrived everywhere, or as they are after two minutes."""
    deadline = time.monotonic() + DRAINED_WITHIN_S
    while True:
        books = read_books(api, company, tally)
        if all(line.holds for line in lines(books)) or time.monotonic() > deadline:
            return books
        time.sleep(POLL_S)


def read_books(api: Api, company: Company, tally: Tally | None) -> Books:
    """Ask every service for its books, and the company for what it saw."""
    services = {name: api.get(name, "/v1/reconciliation", caller=OPERATOR) for name in api.urls}
    if company.failure is not None:
        raise StackProblem(f"the sample company stopped: {company.failure}")
    return Books(
        services=services,
        topics=company.published(),
        duplicates=company.duplicates,
        gaps=len(company.gaps),
        company_volume_g=company.volume_by_material(),
        tally_counts=dict(tally.counts) if tally else None,
        tally_mass_g=dict(tally.mass_g) if tally else {},
    )


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


def _percentiles(values: list[float]) -> tuple[float, float]:
    return percentile(values, 0.5), percentile(values, 0.99)


def simulate_day(
    day: Day, layout: Layout, held: Running, *, while_driving: Callable[[], None] = lambda: None
) -> Stage:
    """Run one day with bars; return its stage."""
    with progress_bars() as bars:
        stage = stage_of(day, layout, held, bars=Bars(bars))
        run_day(stage, driving_begins=while_driving)
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
