"""Modules run in forks of one process that has imported the services: a start costs no imports.

A crash test starts a process for each label; importing takes two seconds, and a fork none. What is
tested is the same: a process of its own, with its own pid, environment and end.
"""

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.process import BaseProcess

from deploy.local.services import SERVICES

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([f"services.{name}.bootstrap" for name in SERVICES])


class Fork:
    """What is used of `subprocess.Popen`."""

    def __init__(self, process: BaseProcess) -> None:
        self._process = process
        self.pid = process.pid or 0

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit status (-9: killed), or raise `TimeoutExpired`."""
        self._process.join(timeout)
        status = self._process.exitcode
        if status is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0.0)
        return status

    def poll(self) -> int | None:
        """Return the exit status, or None while it runs."""
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Signal it, unless it has ended."""
        if self._process.exitcode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it by force."""
        self.send_signal(signal.SIGKILL)


@contextmanager
def forked(
    module: str, words: Sequence[str], *, environment: Mapping[str, str], output: str
) -> Iterator[Fork]:
    """Run `python -m MODULE WORDS`; what it says is appended to `output`. Killed on the way out."""
    process = _FORKS.Process(
        target=_run, args=(module, list(words), dict(environment), output), name=module, daemon=True
    )
    process.start()
    fork = Fork(process)
    try:
        yield fork
    finally:
        fork.kill()
        fork.wait()


def _run(module: str, words: list[str], environment: dict[str, str], output: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    held = os.open(output, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(held, stream.fileno())
    os.close(held)
    threading.Thread(
        target=_end_with, args=(multiprocessing.parent_process(),), daemon=True
    ).start()
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _end_with(parent: BaseProcess) -> None:
    """End with the test run, also where that is killed."""
    parent.join()
    os._exit(1)
