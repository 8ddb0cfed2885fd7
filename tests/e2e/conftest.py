"""One whole stack for all end-to-end tests: its books go on from day to day."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import pytest

from deploy.local.guardian import guarded
from deploy.local.layout import Layout
from deploy.local.stack import Running, bring_up, build, running
from deploy.local.supervisor import Supervisor
from tools.report.books import Books, Line
from tools.report.conservation import lines
from tools.report.day import Day, api_of, drained_books, stage_of, with_logs
from tools.simulator.api import Api
from tools.simulator.company import Company
from tools.simulator.day import run_day
from tools.simulator.tally import Tally


@dataclass
class Quiet:
    """Progress that nobody watches; `steps` tells a fault when to strike."""

    steps: int = 0
    lock: Lock = field(default_factory=Lock)

    def begin(self, phase: str, total: int) -> None:
        """Nothing is shown."""

    def step(self, by: int = 1) -> None:
        with self.lock:
            self.steps += by


@dataclass
class CityStack:
    """A running stack, a company that reads along, and all that was promised so far."""

    layout: Layout
    supervisor: Supervisor
    company: Company
    tally: Tally = field(default_factory=Tally)

    @property
    def running(self) -> Running:
        held = running(self.layout)
        assert held is not None
        return held

    @property
    def api(self) -> Api:
        return api_of(self.layout, self.running, seed=0, repeat_share=0.0)

    def run_day(self, *, pickups: int, seed: int, driving_begins: Any = lambda: None) -> Books:
        """Run a day and return the books once everything has arrived."""
        day = Day(pickups, seed, "")
        stage = stage_of(day, self.layout, self.running, progress=Quiet(), tally=self.tally)
        run_day(stage, driving_begins=driving_begins)
        books = drained_books(stage.api, self.company, self.tally, within_s=45)
        return with_logs(books, self.layout.logs)


def differing(books: Books) -> list[Line]:
    return [line for line in lines(books) if not line.holds]


@pytest.fixture(scope="package")
def city_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CityStack]:
    layout = Layout(Path(tmp_path_factory.mktemp("city")).resolve())
    supervisor, steps = build(layout, infra_only=False, say=lambda _: None, any_free=True)
    company = None
    with guarded(layout):
        try:
            bring_up(supervisor, steps)
            Thread(target=supervisor.watch, name="city-supervisor", daemon=True).start()
            company = Company(supervisor.addresses["kafka"])
            company.start()
            yield CityStack(layout, supervisor, company)
        finally:
            if company is not None:
                company.stop()
            supervisor.stop()


@pytest.fixture
def city(city_stack: CityStack) -> CityStack:
    """A city that has had a day; the first test to come makes one."""
    if not city_stack.tally.counts:
        assert differing(city_stack.run_day(pickups=12, seed=11)) == []
    return city_stack
