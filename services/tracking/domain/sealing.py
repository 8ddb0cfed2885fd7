"""The sealing table: which signature requires a field, and which one freezes it for good.

The table itself is data (shared/reference/sealing_table.csv). It drives what a signature is
refused for, what a later change is refused for, what a signature's hash covers, the page in docs/
and the tests (every field × every signature).
"""

from collections.abc import Collection
from dataclasses import dataclass

from services.tracking.domain.signatures import Stage


@dataclass(frozen=True, slots=True)
class Rule:
    """One field's row. `about` says what it is, for people."""

    field: str
    requires: frozenset[Stage]
    freezes: frozenset[Stage]
    about: str


@dataclass(frozen=True, slots=True)
class SealingTable:
    """All rows, in the order of the page."""

    rules: tuple[Rule, ...]

    def required(self, stage: Stage) -> tuple[str, ...]:
        """Return the fields that must be there for a signature."""
        return tuple(rule.field for rule in self.rules if stage in rule.requires)

    def frozen(self, passed: Collection[Stage]) -> tuple[str, ...]:
        """Return the fields that these signatures froze."""
        return tuple(rule.field for rule in self.rules if not rule.freezes.isdisjoint(passed))
