"""`python -m tests.fuzz [SERVICE …]`: at least FUZZ_CASES hostile requests over all services."""

import os
import sys
import tempfile
from pathlib import Path

from deploy.local.testing import infrastructure
from shared.observability.logging import configure
from tests.fuzz.harness import Report, fuzz
from tests.integration.every_service import SERVICES, running

CASES = int(os.environ.get("FUZZ_CASES", "20000"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
EXAMPLES_A_ROUND = 60
CHAINS_A_ROUND = 100
ROUNDS_MAX = 50


def main(names: list[str]) -> int:
    """Fuzz round by round, each with another seed, until enough was sent; 1: something is found."""
    configure(level="ERROR", service="fuzz")
    services = names or list(SERVICES)
    reports = {name: Report(name) for name in services}
    with (
        tempfile.TemporaryDirectory() as folder,
        infrastructure(Path(folder) / "stack") as infra,
    ):
        for round_ in range(ROUNDS_MAX):
            for name in services:
                with running(name, infra.mongodb_uri, Path(folder) / name) as api:
                    found = fuzz(
                        api, examples=EXAMPLES_A_ROUND, seed=SEED + round_, chains=CHAINS_A_ROUND
                    )
                reports[name].add(found)
                say(f"round {round_ + 1}, {name}: {found.total:,} cases in {found.took_s:.0f} s")
            if sum(report.total for report in reports.values()) >= CASES:
                break
    return summary(list(reports.values()))


def summary(reports: list[Report]) -> int:
    """Print what was sent and found."""
    for report in reports:
        phases = ", ".join(f"{name} {count:,}" for name, count in sorted(report.cases.items()))
        statuses = ", ".join(f"{code}: {n:,}" for code, n in sorted(report.statuses.items()))
        say(f"\n{report.service}: {report.total:,} cases ({phases})\n  answers {statuses}")
        for each in (*report.findings, *report.errors):
            say(f"\n  {each}".replace("\n", "\n  "))
    found = sum(len(report.findings) + len(report.errors) for report in reports)
    say(f"\n{sum(report.total for report in reports):,} cases, {found} findings")
    return 1 if found else 0


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
