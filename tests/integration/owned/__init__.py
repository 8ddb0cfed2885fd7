"""Proofs of `own` and `area`: for each such cell of docs/permissions.md, an object and two callers.

A service's proofs are `tests/integration/owned/<service>.py` with a list `CASES`. A declared cell
without a case fails tests/integration/test_ownership.py.
"""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.integration.every_service import Api


@dataclass(frozen=True)
class Asking:
    """A request: `who` are the token's subject and claims, `sent` what httpx takes."""

    path: str
    who: dict[str, Any]
    sent: dict[str, Any] = field(default_factory=dict)


def succeeds(response: httpx.Response) -> bool:
    return response.is_success


@dataclass(frozen=True)
class Case:
    """`arrange` makes an object of the first caller and returns how both callers ask for it.

    `reaches` says whether an answer reaches the object; of a list, whether the object is in it.
    """

    operation: str
    role: str
    arrange: Callable[[Api], tuple[Asking, Asking]]
    reaches: Callable[[httpx.Response], bool] = succeeds

    def __str__(self) -> str:
        return f"{self.role}: {self.operation}"


def cases_of(service: str) -> list[Case]:
    """Return a service's proofs."""
    name = f"tests.integration.owned.{service}"
    if importlib.util.find_spec(name) is None:
        return []
    cases: list[Case] = importlib.import_module(name).CASES
    return cases
