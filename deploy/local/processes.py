"""Child processes: started in their own group, told apart from recycled pids, ended in time."""

import contextlib
import os
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

TERMINATE_WITHIN_S = 10.0
LOG_BYTES_MAX = 50 * 1024 * 1024
LOG_TAIL_LINES = 5
OPEN_FILES = 65_536
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Spec:
    """How one process is started. `ready` says whether it does its work; `port` is 0 for none."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    port: int
    ready: Callable[[], bool]
    prepare: Callable[[], None] = field(default=lambda: None)
    started: Callable[[], None] = field(default=lambda: None)


@dataclass(frozen=True, slots=True)
class Identity:
    """A process beyond doubt: a pid is used again, a pid with its start time is not."""

    pid: int
    started_at_s: float

    @classmethod
    def of(cls, pid: int) -> "Identity | None":
        """Return the identity of a live process, or None."""
        try:
            return cls(pid, psutil.Process(pid).create_time())
        except psutil.NoSuchProcess:
            return None

    def process(self) -> psutil.Process | None:
        """Return the process, unless it has ended (a zombie has)."""
        try:
            found = psutil.Process(self.pid)
            same = abs(found.create_time() - self.started_at_s) < 0.05
            return found if same and found.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None

    def signal(self, number: int) -> None:
        """Signal the process if it is still this one."""
        found = self.process()
        if found is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                found.send_signal(number)


def spawn(spec: Spec, log: Path) -> subprocess.Popen[bytes]:
    """Start a process; its output is appended to `log`, which is cut when it is over 50 MiB."""
    allow_open_files()
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as output:
        return subprocess.Popen(
            list(spec.command),
            env=dict(spec.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def allow_open_files() -> None:
    """Let this process and its children open as many files as the system lets them.

    mongod opens a file for each collection and index and aborts where it can open no more; a
    shell's usual soft limit of 1,024 is below what six services and their indexes need.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Ignore SIGINT, SIGTERM and SIGHUP for a while: what ends a stack is done to its end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held = {number: signal.signal(number, signal.SIG_IGN) for number in STOPPING}
    try:
        yield
    finally:
        for number, handler in held.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


def end(identity: Identity, *, within_s: float = TERMINATE_WITHIN_S) -> bool:
    """End a process: SIGTERM, and SIGKILL when it is still there; True where force was needed."""
    identity.signal(signal.SIGCONT)
    identity.signal(signal.SIGTERM)
    if _gone(identity, within_s):
        return False
    identity.signal(signal.SIGKILL)
    _gone(identity, within_s)
    return True


def end_all(identities: Sequence[Identity], *, within_s: float = TERMINATE_WITHIN_S) -> None:
    """End several processes at once: all are told first, then waited for."""
    for identity in identities:
        identity.signal(signal.SIGCONT)
        identity.signal(signal.SIGTERM)
    deadline = time.monotonic() + within_s
    for identity in identities:
        if not _gone(identity, max(0.0, deadline - time.monotonic())):
            identity.signal(signal.SIGKILL)
            _gone(identity, within_s)


def _gone(identity: Identity, within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while identity.process() is not None:
        _reap(identity.pid)
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _reap(pid: int) -> None:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def tail(log: Path, lines: int = LOG_TAIL_LINES) -> str:
    """Return the last lines of a log, on one line."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 8192))
        text = file.read().decode(errors="replace")
    return " | ".join(line.strip() for line in text.splitlines()[-lines:] if line.strip())
