"""Hostile input for every route of a service: schemathesis over its OpenAPI document.

All phases run: the document's examples, each boundary of each schema, random cases, and chains of
calls that use what earlier ones returned. A finding is an answer that the document does not allow:
a 5xx, a status, header or body that is not declared, input that breaks the schema and is taken, a
route that works without its token.
"""

import logging
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import schemathesis
import structlog
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from shared.http.access import ROLES
from shared.http.openapi import ROLES_KEY
from tests.fuzz.served import served
from tests.integration.every_service import Api

SUBJECTS = ("fuzz-1", "fuzz-2")
TIMEOUT_S = 20  # an answer that takes longer is a finding
# Refusals that schemathesis does not count among those of a broken request.
REFUSED = [
    "400",
    "401",
    "403",
    "404",
    "405",
    "408",
    "409",
    "412",
    "413",
    "415",
    "422",
    "428",
    "429",
]


INVALID = (422, "http.invalid_input")
# What a schema cannot say: bounds of days, two fields that fit; and 1.0, an integer for it only.
BEYOND_SCHEMAS = frozenset({"int_type", "less_than", "greater_than_equal", "format", "value_error"})


@schemathesis.check
def takes_what_the_document_allows(_context: Any, response: Any, case: Any) -> None:
    """Find input that the schema allows and that is called misshapen.

    A rule may refuse it, under the rule's own code; that is no finding.
    """
    is_valid = case.meta is not None and case.meta.generation.mode.is_positive
    if not is_valid or response.status_code != INVALID[0] or response.json()["code"] != INVALID[1]:
        return
    told = [each for each in response.json()["errors"] if each["code"] not in BEYOND_SCHEMAS]
    assert told == [], f"valid input is called invalid: {told}"


@dataclass(frozen=True)
class Finding:
    """An answer that the document does not allow, and how to get it."""

    operation: str
    title: str
    message: str
    phase: str
    example: str

    @property
    def kind(self) -> tuple[str, str]:
        return self.operation, self.title

    def __str__(self) -> str:
        return f"{self.operation}: {self.title} ({self.phase})\n{self.message}\n{self.example}"


@dataclass
class Report:
    """What was sent to one service, how it answered, and what is wrong."""

    service: str
    cases: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    took_s: float = 0.0

    @property
    def total(self) -> int:
        return sum(self.cases.values())

    def find(self, finding: Finding) -> None:
        """Keep the first finding of its kind."""
        if all(each.kind != finding.kind for each in self.findings):
            self.findings.append(finding)

    def add(self, other: "Report") -> None:
        """Take over another round's counts, and findings that are not known yet."""
        self.cases += other.cases
        self.statuses += other.statuses
        for each in other.findings:
            self.find(each)
        self.errors += other.errors
        self.took_s += other.took_s


class Tokens:
    """A valid token a call: mostly of a role that the route lets pass, of one of two people."""

    def __init__(self, api: Api, seed: int) -> None:
        self._random = random.Random(seed)
        self._api = api
        self._made: dict[tuple[str, tuple[str, ...]], str] = {}

    def token(self, allowed: list[str]) -> str:
        """Return a token; one in ten is of any role, and one in three of all of them."""
        roll = self._random.random()
        roles = ROLES if roll < 0.33 or not allowed else (self._random.choice(allowed),)
        if roll > 0.9:
            roles = (self._random.choice(ROLES),)
        subject = self._random.choice(SUBJECTS)
        return self._made.setdefault(
            (subject, tuple(roles)), self._api.token(*roles, subject=subject)
        )


def fuzz(api: Api, *, examples: int, seed: int, chains: int) -> Report:
    """Send all boundary cases of each route, `examples` random ones, and `chains` of calls.

    Without chains it is a sample: no boundary cases either, and the same cases each time.
    """
    report = Report(api.name)
    begun_s = time.monotonic()
    with served(api) as address, quiet_logs():
        for event in from_schema(
            _schema(api, address, examples, seed=seed, chains=chains)
        ).execute():
            _take(event, report)
    report.took_s = time.monotonic() - begun_s
    return report


@contextmanager
def quiet_logs() -> Iterator[None]:
    """Log bugs only: a line for each hostile request costs more than the request."""
    held = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    try:
        yield
    finally:
        structlog.configure(**held)


def _schema(api: Api, address: str, examples: int, *, seed: int, chains: int) -> Any:
    config = SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "request-timeout": TIMEOUT_S,
            "generation": {
                "max-examples": examples,
                "database": "none",
                "no-shrink": True,
                "deterministic": chains == 0,
            },
            "phases": {
                "examples": {"fill-missing": True},
                "coverage": {"enabled": chains > 0},
                "stateful": {"enabled": chains > 0, "generation": {"max-examples": max(chains, 1)}},
            },
            "checks": {
                "positive_data_acceptance": {"enabled": False},  # rules refuse what a schema allows
                "negative_data_rejection": {"expected-statuses": REFUSED},
                "missing_required_header": {"expected-statuses": REFUSED},
            },
        }
    )
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json", config=config)
    tokens = Tokens(api, seed)

    @schema.auth(refresh_interval=None)
    class Bearer:
        def get(self, _case: Any, context: Any) -> str:
            told = context.operation.definition.raw
            return tokens.token(list(told.get(ROLES_KEY, ())))

        def set(self, case: Any, token: str, _context: Any) -> None:
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}

    return schema


def _take(event: Any, report: Report) -> None:
    if isinstance(event, events.ScenarioFinished):
        recorder = event.recorder
        report.cases[event.phase.name.lower()] += len(recorder.cases)
        answers = (each.response for each in recorder.interactions.values())
        report.statuses.update(each.status_code for each in answers if each is not None)
        for each in _findings(recorder, event.phase.name.lower()):
            report.find(each)
    elif isinstance(event, events.NonFatalError):
        report.errors.append(f"{event.label}: {event.value!r}")
    elif isinstance(event, events.FatalError):
        report.errors.append(repr(event.exception))


def _findings(recorder: Any, phase: str) -> Iterator[Finding]:
    for case_id, checks in recorder.checks.items():
        operation = recorder.cases[case_id].value.operation.label
        for failed in (check.failure_info for check in checks):
            if failed is not None:
                title, message = failed.failure.title, str(failed.failure.message)
                yield Finding(operation, title, message, phase, failed.code_sample)
