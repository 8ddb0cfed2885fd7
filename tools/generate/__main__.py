"""`python -m tools.generate [--check]`: write all generated files, or say which are stale."""

import sys
from pathlib import Path

from tools.generate import (
    asyncapi,
    catalogues,
    dashboard,
    exemptions,
    openapi,
    permissions,
    schemas,
    sealing,
    states,
)

GENERATORS = (
    schemas,
    asyncapi,
    openapi,
    permissions,
    dashboard,
    exemptions,
    sealing,
    states,
)


def stale(wanted: dict[Path, bytes]) -> list[Path]:
    """Return the files that are missing or say something else."""
    return [
        path
        for path, content in wanted.items()
        if not path.exists() or path.read_bytes() != content
    ]


def everything() -> dict[Path, bytes]:
    """Return all generated files."""
    texts = {path: text for each in GENERATORS for path, text in each.files().items()}
    return {path: text.encode() for path, text in texts.items()} | catalogues.files()


def main(arguments: list[str]) -> int:
    """Return 1 where `--check` finds something stale."""
    wanted = everything()
    outdated = stale(wanted)
    if "--check" in arguments:
        for path in outdated:
            sys.stderr.write(f"stale: {path.relative_to(schemas.ROOT)}; run `make docs`\n")
        return 1 if outdated else 0
    for path in outdated:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wanted[path])
        sys.stdout.write(f"wrote {path.relative_to(schemas.ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
