"""Ports on loopback: the well-known one, or the next free one where it is taken."""

import socket

from deploy.local.problems import StackProblem

TRIES = 200
HOST = "127.0.0.1"


class Ports:
    """Gives each port once. `taken` tells, by name, which well-known ones were not free."""

    def __init__(self, *, any_free: bool = False) -> None:
        """`any_free` takes whatever the kernel gives: for tests, several at once."""
        self._any_free = any_free
        self._given: set[int] = set()
        self.moved: dict[str, tuple[int, int]] = {}

    def free(self, name: str, wanted: int) -> int:
        """Return `wanted` or the next free port; raise `StackProblem` when 200 are taken."""
        if self._any_free:
            return self._kernel_choice()
        for port in range(wanted, wanted + TRIES):
            if port not in self._given and is_free(port):
                self._given.add(port)
                if port != wanted:
                    self.moved[name] = (wanted, port)
                return port
        raise StackProblem(
            f"{name}: ports {wanted} to {wanted + TRIES - 1} are all taken; free one"
        )

    def _kernel_choice(self) -> int:
        while True:
            with socket.socket() as probe:
                probe.bind((HOST, 0))
                port = int(probe.getsockname()[1])
            if port not in self._given:
                self._given.add(port)
                return port


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
