"""What a benchmark measured: a figure, its baseline of the same run, and the aim of their ratio."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    measured: float
    unit: str
    baseline: float | None = None
    beside: str = ""
    aim: str = ""

    @property
    def ratio(self) -> str:
        """Return measured over baseline, or nothing where there is none."""
        return f"{self.measured / self.baseline:.2f}" if self.baseline else ""
