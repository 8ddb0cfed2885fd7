"""`python -m deploy.local run|fetch`: what `greenloop up` and `make setup` call."""

import argparse
import sys

from deploy.local.control import run_in_foreground
from deploy.local.kafka import fetch, java
from deploy.local.problems import StackProblem
from deploy.local.stack import state_layout


def main() -> int:
    """Run one of the two commands; a problem is one line and status 1."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("command", choices=("run", "fetch"))
    parser.add_argument("--state-dir", default=".local")
    parser.add_argument("--infra-only", action="store_true")
    asked = parser.parse_args()
    try:
        if asked.command == "fetch":
            java()
            fetch()
        else:
            layout = state_layout(asked.state_dir)
            run_in_foreground(layout, infra_only=asked.infra_only, say=_say)
    except StackProblem as problem:
        _say(str(problem))
        return 1
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"greenloop: {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
