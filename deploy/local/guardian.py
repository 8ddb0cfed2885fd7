"""Ends the stack of a test run that was killed: nobody else is left to do it.

It waits for the end of a pipe whose other end only its owner holds, then ends what is written down
as running. Where the owner ended its stack itself, nothing is.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.layout import Layout
from deploy.local.stack import clear_leftovers

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def guarded(layout: Layout) -> Iterator[None]:
    """Have the stack of `layout` ended when this process ends, also by SIGKILL."""
    with subprocess.Popen(
        [sys.executable, "-m", "deploy.local.guardian", str(layout.state_dir)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is its owner's
    ):
        yield


if __name__ == "__main__":
    sys.stdin.buffer.read()
    clear_leftovers(Layout(Path(sys.argv[1])))
