"""What is logged of a bug: its type and where it happened, never what it says.

Messages of errors repeat submitted values (Pydantic's, a driver's duplicate key): a phone number
would end up in the log.
"""

import traceback
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

FRAMES_MAX = 20
CAUSES_MAX = 5


def log_bug(bug: BaseException) -> None:
    """Log types and places of an error and its causes."""
    log.error("http.bug", causes=[_told(each) for each in _chain(bug)])


def _chain(bug: BaseException) -> list[BaseException]:
    chain = [bug]
    while len(chain) < CAUSES_MAX:
        before = chain[-1].__cause__ or chain[-1].__context__
        if before is None:
            break
        chain.append(before)
    return chain


def _told(error: BaseException) -> dict[str, str | list[str]]:
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES_MAX:]
    return {
        "type": type(error).__qualname__,
        "at": [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames],
    }
