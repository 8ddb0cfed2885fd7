"""The simulator's progress as bars on a terminal."""

from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress


@dataclass(slots=True)
class Bars:
    """The simulator's progress as bars on a terminal."""

    bars: RichProgress
    lock: Lock = field(default_factory=Lock)
    task: Any = None
    steps: int = 0

    def begin(self, phase: str, total: int) -> None:
        """Start a bar."""
        with self.lock:
            self.task = self.bars.add_task(phase, total=total)

    def step(self, by: int = 1) -> None:
        """Advance the newest bar."""
        with self.lock:
            self.steps += by
        self.bars.advance(self.task, by)


def progress_bars(console: Console) -> RichProgress:
    """Return the bars' look."""
    return RichProgress(
        TextColumn("{task.description:<28}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )
