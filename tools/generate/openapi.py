"""Each service's OpenAPI 3.1 document, asked of the service itself: tools import no service."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from deploy.local.services import SERVICES
from tools.generate.schemas import ROOT, as_json

TIMEOUT_S = 60


def files() -> dict[Path, str]:
    """Return all documents."""
    return {
        ROOT / "docs" / "openapi" / f"{name}.json": as_json(document(name)) for name in SERVICES
    }


@cache
def document(service: str) -> dict[str, Any]:
    """Return one service's document."""
    done = subprocess.run(
        [sys.executable, "-m", f"services.{service}", "openapi"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told
