"""Starts the children in order, watches them, restarts the dead with back-off, ends them all."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deploy.local.layout import Layout
from deploy.local.problems import StackProblem
from deploy.local.processes import Identity, Spec, end_all, spawn, tail

READY_WITHIN_S = 60.0
WATCH_EVERY_S = 0.1
BACKOFF_FIRST_S = 0.2
BACKOFF_MAX_S = 5.0
HEALTHY_AFTER_S = 10.0
DISK_FREE_MIN = 1024**3

Say = Callable[[str], None]


@dataclass(slots=True)
class Child:
    """One supervised process. `due_at_s` is when a dead one is started again."""

    spec: Spec
    process: subprocess.Popen[bytes] | None = None
    identity: Identity | None = None
    restarts: int = 0
    failures: int = 0
    started_at_s: float = 0.0
    due_at_s: float = 0.0

    def is_dead(self) -> bool:
        """Say whether the process has ended; reaps it."""
        return self.process is None or self.process.poll() is not None


def backoff_s(failures: int) -> float:
    """Return how long to wait before the next start after so many quick ends in a row."""
    return float(min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2 ** max(0, failures - 1)))


@dataclass(slots=True)
class Supervisor:
    """One stack's supervisor; `addresses` are written into stack.json for everybody else."""

    layout: Layout
    addresses: Mapping[str, str]
    say: Say
    children: dict[str, Child] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def start(self, specs: Sequence[Spec]) -> None:
        """Start all of `specs`, then wait until each is ready; raise `StackProblem` otherwise."""
        check_disk(self.layout)
        for spec in specs:
            self.children[spec.name] = Child(spec)
            self._start(self.children[spec.name])
        self.record()
        for spec in specs:
            self._await_ready(self.children[spec.name])
        self.record()

    def watch(self) -> None:
        """Restart what dies, until told to stop."""
        while not self.stopping.wait(WATCH_EVERY_S):
            self.watch_once()

    def watch_once(self) -> None:
        """Look at each child once."""
        with self._lock:
            for child in self.children.values():
                self._look_at(child)

    def stop(self) -> None:
        """End services first, then Kafka, then MongoDB; 10 s a step at the most."""
        self.stopping.set()
        with self._lock:
            names = list(self.children)
            infrastructure = [name for name in ("kafka", "mongod") if name in names]
            services = [name for name in names if name not in infrastructure]
            steps = [services] + [[name] for name in infrastructure]
            for step in steps:
                held = [self.children[name].identity for name in step]
                end_all([identity for identity in held if identity is not None])
            for child in self.children.values():
                child.is_dead()
        self.layout.stack_file.unlink(missing_ok=True)

    def record(self) -> None:
        """Write stack.json, whole or not at all."""
        with self._lock:
            held: dict[str, Any] = {
                **self.addresses,
                "supervisor": _shown(Identity.of(os.getpid())),
                "processes": {child.spec.name: self._entry(child) for child in self._all()},
            }
        beside = self.layout.stack_file.with_suffix(".new")
        beside.write_text(json.dumps(held, indent=1), encoding="utf-8")
        beside.replace(self.layout.stack_file)

    def _all(self) -> list[Child]:
        return list(self.children.values())

    def _entry(self, child: Child) -> dict[str, Any]:
        return {
            **_shown(child.identity),
            "port": child.spec.port,
            "restarts": child.restarts,
            "log": str(self.layout.log_of(child.spec.name)),
        }

    def _start(self, child: Child) -> None:
        child.spec.prepare()
        child.process = spawn(child.spec, self.layout.log_of(child.spec.name))
        child.identity = Identity.of(child.process.pid)
        child.started_at_s = time.monotonic()

    def _await_ready(self, child: Child) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while not self.stopping.is_set():
            child.spec.started()
            if child.spec.ready():
                return
            if child.is_dead():
                self._retry_or_give_up(child)
            elif time.monotonic() > deadline:
                raise StackProblem(self._why(child, f"not ready within {READY_WITHIN_S:.0f} s"))
            time.sleep(0.05)

    def _retry_or_give_up(self, child: Child) -> None:
        """A service may lose a race with its database at the first start; three ends are enough."""
        child.failures += 1
        if child.failures >= 3:
            code = child.process.returncode if child.process else None
            raise StackProblem(self._why(child, f"ended at once with status {code}"))
        time.sleep(backoff_s(child.failures))
        self._start(child)

    def _why(self, child: Child, what: str) -> str:
        log = self.layout.log_of(child.spec.name)
        return f"{child.spec.name}: {what}; its log {log} ends: {tail(log) or 'empty'}"

    def _look_at(self, child: Child) -> None:
        now_s = time.monotonic()
        if not child.is_dead():
            if child.failures and now_s - child.started_at_s > HEALTHY_AFTER_S:
                child.failures = 0
            return
        if not child.due_at_s:
            lived_s = now_s - child.started_at_s
            child.failures = child.failures + 1 if lived_s < HEALTHY_AFTER_S else 1
            child.due_at_s = now_s + backoff_s(child.failures)
            code = child.process.returncode if child.process else None
            self.say(f"{child.spec.name} ended with status {code}, starting it again")
        elif now_s >= child.due_at_s:
            self._restart(child)

    def _restart(self, child: Child) -> None:
        child.due_at_s = 0.0
        child.restarts += 1
        try:
            self._start(child)
        except (StackProblem, OSError) as problem:
            self.say(f"{child.spec.name}: {problem}")
        self.record()


def check_disk(layout: Layout) -> None:
    """Refuse to start on a nearly full disk: databases break on it in ways that cost more."""
    layout.state_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(layout.state_dir).free
    if free < DISK_FREE_MIN:
        raise StackProblem(
            f"only {free // 1024**2} MiB are free on the disk of {layout.state_dir}; free 1 GiB"
        )


def _shown(identity: Identity | None) -> dict[str, float]:
    if identity is None:
        return {}
    return {"pid": identity.pid, "started_at_s": identity.started_at_s}


def stop_on_signals(stopping: threading.Event) -> None:
    """Let SIGTERM and SIGINT stop the supervisor; a hang-up does not."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
