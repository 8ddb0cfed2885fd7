"""What every service's `__main__` does: read the settings, log, arm crash points, run."""

import gc
import json
import sys
from collections.abc import Callable, Iterable
from typing import TypeVar

from fastapi import FastAPI

from shared.messaging.crash_points import arm
from shared.messaging.rebuild_role import REBUILD_WORDS
from shared.observability.logging import configure
from shared.observability.settings import ServiceSettings

T = TypeVar("T", bound=ServiceSettings)
Run = Callable[[T], int]
Rebuild = Callable[[T, frozenset[str]], int]
USAGE = 2


def main(
    name: str,
    settings_type: Callable[[], T],
    *,
    build_api: Callable[[T], FastAPI],
    api: Run[T],
    worker: Run[T],
    rebuild: Rebuild[T] | None = None,
) -> int:
    """Run as the first argument says; return the exit status.

    `api` serves, `worker` relays and reacts, `rebuild` rebuilds what was derived from topics (the
    words behind it are its options), `openapi` prints the API's document.
    """
    role, words = (sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else ("", [])
    roles: dict[str, Run[T]] = {"api": api, "worker": worker}
    if rebuild is not None and set(words) <= REBUILD_WORDS:
        roles["rebuild"] = _with_words(rebuild, words)
    settings = settings_type()
    if role == "openapi" and not words:
        sys.stdout.write(json.dumps(build_api(settings).openapi()))
        return 0
    if role not in roles or (words and role != "rebuild"):
        sys.stderr.write(_usage(name, rebuilds=rebuild is not None))
        return USAGE
    configure(level=settings.log_level, service=f"{name}-{role}")
    arm(settings.crash_at)
    # What was imported lives as long as the process: a full collection that looks at it again
    # holds every thread up for 40 ms and more.
    gc.freeze()
    return roles[role](settings)


def _with_words(rebuild: Rebuild[T], words: Iterable[str]) -> Run[T]:
    return lambda settings: rebuild(settings, frozenset(words))


def _usage(name: str, *, rebuilds: bool) -> str:
    more = f"|rebuild [{'|'.join(sorted(REBUILD_WORDS))}]" if rebuilds else ""
    return f"usage: python -m services.{name} api|worker|openapi{more}\n"
