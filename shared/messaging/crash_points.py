"""Labelled points at which a test may end the process, as kill -9 would (docs/exactness.md).

Unarmed, a point costs one comparison. `arm` is called by a service's bootstrap from its settings.
"""

import os
import signal

_label = ""
_hits_left = 0


def arm(spec: str | None) -> None:
    """Arm one point: "relay.send.after:3" ends the process at the third hit. None disarms."""
    global _label, _hits_left  # noqa: PLW0603 - one armed point a process, by design
    _label, _, hits = (spec or "").partition(":")
    _hits_left = int(hits or 1)


def reached(label: str) -> None:
    """Pass the point `label`; end this process by SIGKILL if it is armed and due."""
    global _hits_left  # noqa: PLW0603 - as above
    if label != _label:
        return
    _hits_left -= 1
    if _hits_left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
