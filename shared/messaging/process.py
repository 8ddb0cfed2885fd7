"""What every service's `__main__` does: read the settings, log, arm crash points, run."""

import sys
from collections.abc import Callable
from typing import TypeVar

from shared.messaging.crash_points import arm
from shared.observability.logging import configure
from shared.observability.settings import ServiceSettings

T = TypeVar("T", bound=ServiceSettings)
Run = Callable[[T], int]
USAGE = 2


def main(name: str, settings_type: Callable[[], T], *, api: Run[T], worker: Run[T]) -> int:
    """Run as `api` or `worker`, by the first argument; return the exit status."""
    roles = {"api": api, "worker": worker}
    role = sys.argv[1] if len(sys.argv) == 2 else ""
    if role not in roles:
        sys.stderr.write(f"usage: python -m services.{name} api|worker\n")
        return USAGE
    settings = settings_type()
    configure(level=settings.log_level, service=f"{name}-{role}")
    arm(settings.crash_at)
    return roles[role](settings)
