"""Starts a Python module as a process of its own, to be killed, paused or left to die."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.architecture.source_tree import ROOT

KILLED = -9


@contextmanager
def started(
    *arguments: str, log: Path | None = None, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python ARGUMENTS` with GREENLOOP_… settings; killed on the way out.

    What it says is appended to `log`, or lost.
    """
    with ExitStack() as held:
        output = held.enter_context(log.open("ab")) if log else subprocess.DEVNULL
        process = held.enter_context(
            subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=settings(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with the named settings instead of its own."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("GREENLOOP_")}
    named = {f"GREENLOOP_{name.upper()}": value for name, value in environment.items()}
    return {**inherited, "PYTHONPATH": str(ROOT), **named}


def died_at(label: str, *arguments: str, within_s: float = 40, **environment: str) -> None:
    """Run until the process dies at a crash point; fail where it does not."""
    with started(*arguments, **environment, crash_at=label) as process:
        assert process.wait(timeout=within_s) == KILLED
