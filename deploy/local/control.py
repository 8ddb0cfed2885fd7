"""What people do with a stack: up, down, status, logs."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from deploy.local.layout import ROOT, Layout
from deploy.local.problems import StackProblem
from deploy.local.processes import Identity, end, end_all, tail, uninterrupted
from deploy.local.services import is_ready
from deploy.local.stack import Running, bring_up, build, clear_leftovers, running
from deploy.local.supervisor import Say, stop_on_signals

UP_WITHIN_S = 180.0
DOWN_WITHIN_S = 45.0
RESTARTED_WITHIN_S = 60.0
SUPERVISOR_LOG = "supervisor"


def run_in_foreground(layout: Layout, *, infra_only: bool, say: Say) -> None:
    """Bring a stack up and watch it until SIGTERM or SIGINT; everything is ended on the way out."""
    clear_leftovers(layout)
    supervisor, steps = build(layout, infra_only=infra_only, say=say)
    stop_on_signals(supervisor.stopping)
    try:
        bring_up(supervisor, steps)
        say("ready")
        (layout.state_dir / "ready").touch()
        supervisor.watch()
    finally:
        (layout.state_dir / "ready").unlink(missing_ok=True)
        supervisor.stop()


def up(layout: Layout, *, infra_only: bool = False) -> Running:
    """Start a stack in the background; return when all is ready, raise `StackProblem` if not."""
    layout.logs.mkdir(parents=True, exist_ok=True)
    held = running(layout)
    if held is not None and held.supervisor is not None:
        return held
    (layout.state_dir / "ready").unlink(missing_ok=True)
    log = layout.log_of(SUPERVISOR_LOG)
    command = [sys.executable, "-m", "deploy.local", "run", "--state-dir", str(layout.state_dir)]
    if infra_only:
        command.append("--infra-only")
    with log.open("wb") as output:
        child = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        return _await_ready(layout, child, log)
    except BaseException:  # also an interrupt: half a stack is not left behind
        with uninterrupted():
            end_tree(layout, child)
        raise


def _await_ready(layout: Layout, child: subprocess.Popen[bytes], log: Path) -> Running:
    deadline = time.monotonic() + UP_WITHIN_S
    while time.monotonic() < deadline:
        held = running(layout)
        if (layout.state_dir / "ready").exists() and held is not None:
            return held
        if child.poll() is not None:
            raise StackProblem(tail(log, 1) or f"the supervisor ended at once; see {log}")
        time.sleep(0.05)
    raise StackProblem(f"not ready within {UP_WITHIN_S:.0f} s; see the logs in {layout.logs}")


def end_tree(layout: Layout, child: subprocess.Popen[bytes]) -> None:
    """End a supervisor that is still starting, and all that it has started."""
    identity = Identity.of(child.pid)
    if identity is not None:
        end(identity, within_s=DOWN_WITHIN_S)
    down(layout)


def down(layout: Layout) -> bool:
    """Stop a stack, also one whose supervisor was killed; False where nothing ran."""
    held = running(layout)
    if held is None:
        return False
    if held.supervisor is not None:
        end(held.supervisor, within_s=DOWN_WITHIN_S)
    end_all(held.children())
    layout.stack_file.unlink(missing_ok=True)
    return True


def restart(layout: Layout, names: Sequence[str]) -> None:
    """End processes of a running stack; return when its supervisor has each of them ready again."""
    before = _identities(layout, names)
    end_all(list(before.values()))
    deadline = time.monotonic() + RESTARTED_WITHIN_S
    while not all(_is_back(layout, name, before[name]) for name in names):
        if time.monotonic() > deadline:
            raise StackProblem(f"not ready again: {', '.join(names)}; see the logs")
        time.sleep(0.1)


def _identities(layout: Layout, names: Sequence[str]) -> dict[str, Identity]:
    held = running(layout)
    if held is None:
        raise StackProblem("no stack runs here; `make up` starts one")
    entries = {name: held.processes[name] for name in names}
    return {n: Identity(int(e["pid"]), float(e["started_at_s"])) for n, e in entries.items()}


def _is_back(layout: Layout, name: str, before: Identity) -> bool:
    held = running(layout)
    entry = held.processes[name] if held else {}
    return entry.get("pid") != before.pid and is_ready(int(entry.get("port", 0)))


def follow(layout: Layout, name: str | None, *, lines: int) -> Iterator[str]:
    """Yield the newest lines of one log, or of all, each with its name."""
    logs = [layout.log_of(name)] if name else sorted(layout.logs.glob("*.log"))
    for log in logs:
        if not log.exists():
            raise StackProblem(f"there is no log {log.name} in {layout.logs}")
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]:
            yield f"{log.stem}: {line}"


def resident_mib(pid: int, started_at_s: float) -> int:
    """Return a live process's resident memory in MiB, 0 where it has ended."""
    process = Identity(pid, started_at_s).process()
    return process.memory_info().rss // 1024**2 if process else 0
