"""Making, ending and reading calendar feeds."""

from collections.abc import Sequence
from typing import Protocol

from services.collection.domain.feeds import (
    Entry,
    Feed,
)
from shared.kernel.aggregate import Aggregates

HOUSEHOLD = "household"


class Feeds(Aggregates[Feed], Protocol):
    """Feeds by their id."""

    def by_token(self, token_sha256: str) -> Feed | None:
        """Return the feed that a token reads."""


class Source(Protocol):
    """Whose entries a kind of feed shows. Calls block and raise `Unavailable`."""

    def check(self, subject_id: str, caller: str, *, is_staff: bool) -> None:
        """Raise `NotFound` where the caller may not have a feed of this."""

    def entries(self, subject_id: str) -> Sequence[Entry]:
        """Return the entries, by start; 400 at the most. `NotFound` where the thing is gone."""
