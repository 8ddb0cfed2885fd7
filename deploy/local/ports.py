"""Ports on loopback: the well-known one, or the next free one where it is taken.

A stack listens on its ports seconds after it has chosen them. So that two stacks that start at once
choose different ones, each port is claimed by a locked file until the process that chose it ends.
Tests need hundreds: their process claims a whole block, below what the kernel gives to clients.
"""

import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from functools import cache
from itertools import cycle
from pathlib import Path

from deploy.local.problems import StackProblem

TRIES = 200
HOST = "127.0.0.1"
BLOCKS = range(11_000, 20_600, 200)
# Files that stay open, and locked, as long as this process lives.
_CLAIMS: dict[int, int] = {}


class Ports:
    """Gives each port once. `taken` tells, by name, which well-known ones were not free."""

    def __init__(self, *, any_free: bool = False) -> None:
        """`any_free` takes those of this process's own block: for tests, several at once."""
        self._any_free = any_free
        self._given: set[int] = set()
        self.moved: dict[str, tuple[int, int]] = {}

    def free(self, name: str, wanted: int) -> int:
        """Return `wanted` or the next free port; raise `StackProblem` when 200 are taken."""
        if self._any_free:
            return self._of_block()
        for port in range(wanted, wanted + TRIES):
            if port not in self._given and is_free(port) and claim(port):
                self._given.add(port)
                if port != wanted:
                    self.moved[name] = (wanted, port)
                return port
        raise StackProblem(
            f"{name}: ports {wanted} to {wanted + TRIES - 1} are all taken; free one"
        )

    def _of_block(self) -> int:
        for _ in range(BLOCKS.step):
            port = next(_block())
            if port not in self._given and is_free(port):
                self._given.add(port)
                return port
        raise StackProblem("all ports of this process's block are taken")


@cache
def _block() -> Iterator[int]:
    """Return the ports of a block that no other process has, over and over.

    Processes begin to look at different blocks, also where a claim cannot be written down.
    """
    begin = os.getpid() % len(BLOCKS)
    for first in (*BLOCKS[begin:], *BLOCKS[:begin]):
        if claim(first):
            return cycle(range(first, first + BLOCKS.step))
    raise StackProblem(f"all ports from {BLOCKS.start} to {BLOCKS.stop} are claimed")


def claim(port: int) -> bool:
    """Claim a port for this process until it ends; False where another process has claimed it."""
    if port in _CLAIMS:
        return True
    folder = Path(tempfile.gettempdir()) / f"greenloop-ports-{os.getuid()}"
    try:
        folder.mkdir(exist_ok=True)
        held = os.open(folder / str(port), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:  # nowhere to write it down: whoever listens first has it
        return True
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        return False
    _CLAIMS[port] = held
    return True


def is_free(port: int) -> bool:
    """Say whether nobody listens on a port of loopback, nor holds it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def accepts(port: int, *, timeout_s: float = 0.2) -> bool:
    """Say whether somebody accepts connections on a port of loopback."""
    with socket.socket() as probe:
        probe.settimeout(timeout_s)
        return probe.connect_ex((HOST, port)) == 0
