"""Logs are one JSON object a line, with the service and the trace, of libraries too."""

import json
import subprocess
import sys

from tests.architecture.source_tree import ROOT

SCRIPT = """
import logging
import structlog
from shared.observability import tracing
from shared.observability.logging import configure

configure(level="INFO", service="sample-api")
tracing.begin("00-" + "ab" * 16 + "-" + "cd" * 8 + "-01")
log = structlog.get_logger("sample")
log.debug("quiet")
log.info("ours", mass_g=1)
logging.getLogger("kafka.client").info("quiet too")
logging.getLogger("kafka.client").warning("%s is away", "node 1")
try:
    raise KeyError("x")
except KeyError:
    logging.getLogger("uvicorn.error").exception("broken")
"""


def lines():
    # A process of its own: configuring is once for a process.
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_line_is_an_object_with_service_time_level_and_trace():
    ours, library, broken = lines()

    assert (ours["event"], ours["level"], ours["mass_g"]) == ("ours", "info", 1)
    assert (library["event"], library["logger"]) == ("node 1 is away", "kafka.client")
    assert "KeyError" in broken["exception"]
    for line in (ours, library, broken):
        assert (line["service"], line["trace_id"]) == ("sample-api", "ab" * 16)
        assert line["timestamp"].endswith("Z")
