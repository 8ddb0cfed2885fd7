"""How long MongoDB's commands take, as metrics: by command and outcome, both closed sets.

A duplicate key is an answer, not a failure: "failed" counts what the server or the network refused.
"""

from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from shared.observability import metrics

COMMANDS = (
    "find",
    "getMore",
    "aggregate",
    "count",
    "distinct",
    "insert",
    "update",
    "delete",
    "findAndModify",
    "createIndexes",
    "ping",
)
OTHER = "other"
MICROSECONDS = 1_000_000


class CommandTimes(CommandListener):
    """Observes each command of a client, in the thread that waits for it; keeps no reply."""

    def __init__(self) -> None:
        """Look the series up once: a label look-up would cost more than the observation."""
        names = (*COMMANDS, OTHER)
        latency = metrics.DATABASE_LATENCY_S
        self._done = {name: latency.labels(name, "ok") for name in names}
        self._failed = {name: latency.labels(name, "failed") for name in names}

    def started(self, event: CommandStartedEvent) -> None:
        """Nothing: its end tells how long it took."""

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Observe a command that was answered."""
        series = self._done.get(event.command_name) or self._done[OTHER]
        series.observe(event.duration_micros / MICROSECONDS)

    def failed(self, event: CommandFailedEvent) -> None:
        """Observe a command that was refused, or whose answer never came."""
        series = self._failed.get(event.command_name) or self._failed[OTHER]
        series.observe(event.duration_micros / MICROSECONDS)
