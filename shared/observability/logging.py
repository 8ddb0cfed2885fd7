"""Logs: one JSON object a line on standard output, with the trace's id and no personal data."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from shared.observability.tracing import trace_id


def configure(*, level: str, service: str) -> None:
    """Configure logging for this process, once, at its start."""
    logging.basicConfig(format="%(message)s", stream=sys.stdout, level=logging.WARNING, force=True)
    structlog.contextvars.bind_contextvars(service=service)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_trace,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )


def _with_trace(
    _logger: object, _name: str, entry: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    held = trace_id()
    if held is not None:
        entry["trace_id"] = held
    return entry
