"""Where things are: the project, one stack's state folder, and what all stacks share."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED_CACHE = ROOT / ".local" / "cache"


@dataclass(frozen=True, slots=True)
class Layout:
    """The state folder of one stack. One folder is one stack."""

    state_dir: Path

    @property
    def data(self) -> Path:
        """Databases and topics; kept over restarts."""
        return self.state_dir / "data"

    @property
    def logs(self) -> Path:
        """One log file a process."""
        return self.state_dir / "log"

    @property
    def stack_file(self) -> Path:
        """What runs: addresses, pids, restarts."""
        return self.state_dir / "stack.json"

    @property
    def clock_file(self) -> Path:
        """The development clock."""
        return self.state_dir / "clock.json"

    def log_of(self, name: str) -> Path:
        """Return the log file of one process."""
        return self.logs / f"{name}.log"
