"""What every service's `__main__` does: read the settings, log, arm crash points, run."""

import json
import sys
from collections.abc import Callable
from typing import TypeVar

from fastapi import FastAPI

from shared.messaging.crash_points import arm
from shared.observability.logging import configure
from shared.observability.settings import ServiceSettings

T = TypeVar("T", bound=ServiceSettings)
Run = Callable[[T], int]
USAGE = 2


def main(
    name: str,
    settings_type: Callable[[], T],
    *,
    build_api: Callable[[T], FastAPI],
    api: Run[T],
    worker: Run[T],
) -> int:
    """Run as the first argument says; return the exit status.

    `api` serves, `worker` relays and reacts, `openapi` prints the API's document.
    """
    roles = {"api": api, "worker": worker}
    role = sys.argv[1] if len(sys.argv) == 2 else ""
    settings = settings_type()
    if role == "openapi":
        sys.stdout.write(json.dumps(build_api(settings).openapi()))
        return 0
    if role not in roles:
        sys.stderr.write(f"usage: python -m services.{name} api|worker|openapi\n")
        return USAGE
    configure(level=settings.log_level, service=f"{name}-{role}")
    arm(settings.crash_at)
    return roles[role](settings)
