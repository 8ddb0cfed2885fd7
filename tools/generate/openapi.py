"""Each service's OpenAPI 3.1 document, asked of the service itself: tools import no service."""

import json
import subprocess
import sys
from pathlib import Path

from deploy.local.services import SERVICES
from tools.generate.schemas import ROOT, as_json

TIMEOUT_S = 60


def files() -> dict[Path, str]:
    """Return all documents."""
    return {ROOT / "docs" / "openapi" / f"{name}.json": _document(name) for name in SERVICES}


def _document(service: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", f"services.{service}", "openapi"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=True,
    )
    return as_json(json.loads(done.stdout))
