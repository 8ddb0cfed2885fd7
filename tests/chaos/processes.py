"""Starts a Python module as a process of its own, to be killed, paused or left to die."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.architecture.source_tree import ROOT
from tests.chaos.forked import Fork, forked

KILLED = -9


@contextmanager
def started(
    module: str, *words: str, log: Path | None = None, **environment: str
) -> Iterator[Fork]:
    """Run `python -m MODULE WORDS` with GREENLOOP_… settings; killed on the way out.

    What it says is appended to `log`, or lost.
    """
    output = str(log) if log else os.devnull
    with forked(module, words, environment=settings(environment), output=output) as process:
        yield process


@contextmanager
def spawned(module: str, *words: str, **environment: str) -> Iterator[None]:
    """Run it in an interpreter of its own, as it is deployed: for what is measured."""
    with subprocess.Popen(
        [sys.executable, "-m", module, *words],
        cwd=ROOT,
        env=settings(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield
        finally:
            process.kill()


def settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with the named settings instead of its own."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("GREENLOOP_")}
    named = {f"GREENLOOP_{name.upper()}": value for name, value in environment.items()}
    return {**inherited, "PYTHONPATH": str(ROOT), **named}


def died_at(label: str, module: str, *words: str, within_s: float = 40, **environment: str) -> None:
    """Run until the process dies at a crash point; fail where it does not."""
    with started(module, *words, **environment, crash_at=label) as process:
        assert process.wait(timeout=within_s) == KILLED
