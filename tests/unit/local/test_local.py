"""The supervisor's parts: ports, identities, back-off, one clear line for what is wrong."""

import json
import os
import resource
import signal
import socket
import subprocess
import sys

import pytest

from deploy.local.kafka import java_version
from deploy.local.layout import Layout
from deploy.local.ports import BLOCKS, HOST, Ports
from deploy.local.problems import StackProblem
from deploy.local.processes import (
    OPEN_FILES,
    Identity,
    Spec,
    allow_open_files,
    end,
    uninterrupted,
)
from deploy.local.stack import clear_leftovers, running
from deploy.local.supervisor import Supervisor, backoff_s
from tests.architecture.source_tree import ROOT
from tests.polling import eventually

STUBBORN = "import signal,time; signal.signal(15, signal.SIG_IGN); print('up', flush=True)\n" + (
    "while True: time.sleep(1)"
)


def spec(name, code, *, ready=lambda: True):
    return Spec(name, [sys.executable, "-c", code], dict(os.environ), 0, ready=ready)


@pytest.fixture
def supervisor(tmp_path):
    made = Supervisor(Layout(tmp_path), {"mongodb": "-", "kafka": "-"}, lambda _: None)
    yield made
    made.stop()


def test_gives_the_next_free_port_and_says_so():
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        wanted = taken.getsockname()[1]
        ports = Ports()

        given = ports.free("thing", wanted)

    assert given > wanted
    assert ports.moved == {"thing": (wanted, given)}


def test_processes_that_take_any_free_ports_never_take_the_same():
    asks = "from deploy.local.ports import Ports; print(Ports(any_free=True).free('x', 0))"
    own = [Ports(any_free=True).free("thing", 0) for _ in range(50)]

    other = subprocess.run([sys.executable, "-c", asks], capture_output=True, check=True, cwd=ROOT)

    assert len(set(own)) == len(own)
    blocks = {(port - BLOCKS.start) // BLOCKS.step for port in own}
    assert (int(other.stdout) - BLOCKS.start) // BLOCKS.step not in blocks


def test_a_recycled_pid_is_not_signalled():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        other = Identity(process.pid, Identity.of(process.pid).started_at_s - 100)

        other.signal(signal.SIGKILL)

        assert process.poll() is None
        process.kill()


def test_a_child_that_ignores_sigterm_is_ended_by_force():
    with subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE) as process:
        process.stdout.readline()

        forced = end(Identity.of(process.pid), within_s=0.3)

        assert forced
        assert process.wait() == -signal.SIGKILL


OWNER = """
import os, sys, time
from pathlib import Path
from deploy.local.guardian import guarded
from deploy.local.layout import Layout
from deploy.local.processes import Spec
from deploy.local.supervisor import Supervisor

layout = Layout(Path(sys.argv[1]))
supervisor = Supervisor(layout, {"mongodb": "-", "kafka": "-"}, lambda _: None)
sleeping = [sys.executable, "-c", "import time; time.sleep(60)"]
with guarded(layout):
    supervisor.start([Spec("child", sleeping, dict(os.environ), 0, ready=lambda: True)])
    print(supervisor.children["child"].identity.pid, flush=True)
    time.sleep(60)
"""


def test_what_a_killed_owner_had_started_ends(tmp_path):
    command = [sys.executable, "-c", OWNER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as owner:
        child = Identity.of(int(owner.stdout.readline()))
        owner.kill()

    eventually(lambda: child.process() is None)


def test_backs_off_up_to_five_seconds():
    assert [backoff_s(n) for n in (1, 2, 3, 9)] == [0.2, 0.4, 0.8, 5.0]


def test_restarts_a_child_that_died(supervisor):
    supervisor.start([spec("child", "import time; time.sleep(60)")])
    first = supervisor.children["child"].identity
    first.signal(signal.SIGKILL)

    def restarted():
        supervisor.watch_once()
        return supervisor.children["child"].restarts == 1

    eventually(restarted, within_s=10)
    assert supervisor.children["child"].identity != first


def test_says_in_one_line_why_a_child_does_not_start(supervisor):
    broken = spec("broken", "raise SystemExit('no such database')", ready=lambda: False)

    with pytest.raises(StackProblem) as problem:
        supervisor.start([broken])

    assert "broken: ended at once with status 1" in str(problem.value)
    assert "no such database" in str(problem.value)
    assert "\n" not in str(problem.value)


def test_ends_what_a_killed_supervisor_left(tmp_path):
    layout = Layout(tmp_path)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as orphan:
        identity = Identity.of(orphan.pid)
        entry = {"pid": identity.pid, "started_at_s": identity.started_at_s, "port": 0}
        held = {"supervisor": {"pid": 2**22, "started_at_s": 1.0}, "processes": {"x": entry}}
        layout.stack_file.write_text(json.dumps(held), encoding="utf-8")

        clear_leftovers(layout)

        assert orphan.wait(5) == -signal.SIGTERM
    assert running(layout) is None


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('java version "1.8.0_392"', 8),
        ('openjdk version "21" 2023-09-19', 21),
        ("command not found", 0),
    ],
)
def test_reads_the_version_of_java(said, version):
    assert java_version(said) == version


def test_children_may_open_what_the_system_allows():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))

        allow_open_files()

        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == allowed
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def _interrupts_raise():
    """As in a terminal; a worker of pytest ignores them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_interrupts_raise")
def test_what_ends_a_stack_is_not_interrupted():
    with uninterrupted():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(os.getpid(), number)

    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
