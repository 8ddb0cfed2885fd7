"""kill -9 of random service processes during a day; the supervisor starts them again."""

import random
import signal
import threading
from collections.abc import Callable

from deploy.local.layout import Layout
from deploy.local.processes import Identity
from deploy.local.stack import running

INFRASTRUCTURE = ("mongod", "kafka")
HURRIED_S = 0.5
# Of all kills, how many may come earlier than the day's progress asks for.
AHEAD_MAX = 4
Share = Callable[[], float]


class Killer:
    """Kills `count` times, `every_s` seconds apart or more, until stopped; `done` counts.

    `share` says how much of the day is over (0 to 1): where all is slow, kills wait for later
    phases too.
    """

    def __init__(
        self,
        layout: Layout,
        *,
        count: int,
        every_s: float,
        seed: int,
        share: Share = lambda: 1.0,
    ) -> None:
        """Nothing is killed before `start`."""
        self._layout = layout
        self._share = share
        self._count = count
        self._every_s = every_s
        self._random = random.Random(seed)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="killer", daemon=True)
        self.done = 0

    def start(self) -> None:
        """Start killing."""
        if self._count:
            self._thread.start()

    def finish(self) -> None:
        """Kill what is still owed, quickly, and wait for the end."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while self.done < self._count:
            if self._stopping.wait(self._every_s):
                threading.Event().wait(HURRIED_S)
            elif self.done >= self._share() * self._count + AHEAD_MAX:
                continue
            self._kill_one()

    def _kill_one(self) -> None:
        held = running(self._layout)
        names = [n for n in (held.processes if held else {}) if n not in INFRASTRUCTURE]
        if held is None or not names:
            return
        entry = held.processes[self._random.choice(names)]
        identity = Identity(int(entry["pid"]), float(entry["started_at_s"]))
        if identity.process() is not None:
            identity.signal(signal.SIGKILL)
            self.done += 1
