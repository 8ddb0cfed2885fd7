"""The page of a pickup's states, asked of collection itself: tools import no service."""

import subprocess
import sys
from pathlib import Path

from tools.generate.schemas import ROOT

TIMEOUT_S = 60


def files() -> dict[Path, str]:
    """Return the page."""
    done = subprocess.run(
        [sys.executable, "-m", "services.collection", "states"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=True,
    )
    return {ROOT / "docs" / "pickup-states.md": done.stdout}
