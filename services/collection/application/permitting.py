"""Judging the permits that lots came with, when a weigh-in is told."""

from collections.abc import Sequence
from typing import Protocol

from services.collection.domain.permits import PermitUse, PermitVerdict, noted, uses_of
from services.collection.domain.weighing import Weighing

# As `shared.permits.model` names it: the keys could not be had.
UNVERIFIED = "permit.unverified"


class Permits(Protocol):
    """Who can tell whether a permit is tracking's, and whether a lot is within it."""

    def judged(self, uses: Sequence[PermitUse]) -> list[PermitVerdict]:
        """Return a verdict a use, in their order; never raises. May wait a second for keys."""


class NoPermits:
    """Nobody can tell: each is `permit.unverified`."""

    def judged(self, uses: Sequence[PermitUse]) -> list[PermitVerdict]:
        """Return that nothing is known."""
        return [PermitVerdict(None, UNVERIFIED) for _ in uses]


def with_permits(weighing: Weighing, tokens: Sequence[str | None], *, permits: Permits) -> Weighing:
    """Return the weigh-in with what is to be said of its permits; it is never refused for them.

    `tokens` are in the order of the lots; None: a lot came with none. May be repeated: what was
    recorded first stands, and another verdict makes no other weigh-in (`Weighing.is_same`).
    """
    uses = uses_of(weighing, tokens)
    if not uses:
        return weighing
    verdicts = permits.judged(list(uses.values()))
    return noted(weighing, dict(zip(uses, verdicts, strict=True)))
