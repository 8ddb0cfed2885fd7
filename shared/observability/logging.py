"""Logs: one JSON object a line on standard output, with the trace's id and no personal data.

Libraries that log by the standard library (uvicorn, kafka-python, Faust) come out in the same form,
from WARNING on.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

from shared.observability.tracing import trace_id

_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def configure(*, level: str, service: str) -> None:
    """Configure logging for this process, once, at its start."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_library_formatter(service))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    structlog.contextvars.bind_contextvars(service=service)
    structlog.configure(
        processors=[
            *_SHARED,
            _with_trace,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )


def _library_formatter(service: str) -> logging.Formatter:
    def with_service(
        _logger: object, _name: str, entry: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        # A library's thread has no context of ours.
        entry.setdefault("service", service)
        return entry

    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_SHARED, structlog.stdlib.add_logger_name, _with_trace, with_service],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
    )


def _with_trace(
    _logger: object, _name: str, entry: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    held = trace_id()
    if held is not None:
        entry["trace_id"] = held
    return entry
