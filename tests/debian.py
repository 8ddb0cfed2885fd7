"""Tools out of Debian packages, unpacked without root where they are not installed."""

import subprocess

import pytest

from tests.architecture.source_tree import ROOT


def tool(inside: str, package: str) -> str:
    """Return the path of a tool with its libraries; skip where it truly cannot be had."""
    script = ROOT / "deploy" / "debian-tool.sh"
    found = subprocess.run(
        [str(script), "--with-libraries", inside, package],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    path = found.stdout.strip()
    if not path:
        pytest.skip(f"no {package} here: {found.stderr.strip()}")
    return path
