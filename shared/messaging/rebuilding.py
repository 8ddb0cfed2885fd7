"""Rebuilding what a group derived, from the start of its topics, beside what is being read.

The rebuilt generation takes the place of the present one only where both say the same of the same
events, or where a person accepts the difference (after a mended bug there is one).
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pymongo.collection import Collection

from shared.messaging.mongo_client import storage_errors

COMPARED_WITHIN_S = 60.0
SAID_EVERY_S = 2.0
DIFFERING_SHOWN = 10

Documents = Collection[dict[str, Any]]
Look = Callable[[Mapping[str, Any]], object]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many documents both generations have between them, and which say different things."""

    documents: int
    differing: int
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Positions:
    """The last sequence of each partition, of the present and of the rebuilt generation."""

    present: Mapping[str, int]
    rebuilt: Mapping[str, int]

    @property
    def are_one(self) -> bool:
        """Say whether both have applied the same events."""
        return self.present == self.rebuilt


class Rebuilding(Protocol):
    """A rebuild under way. All calls block; an error ends the rebuild, which may be begun again."""

    def advance(self) -> bool:
        """Do some work; say whether all that was on the topics at the start is applied."""

    def positions(self) -> Positions:
        """Return how far both generations are."""

    def compare(self) -> Comparison:
        """Compare both generations as they are now."""


def rebuild(
    work: Rebuilding, *, say: Say, within_s: float = COMPARED_WITHIN_S
) -> Comparison | None:
    """Rebuild and compare. None: the present generation never stood at the same events.

    Events may go on coming: both generations follow them, and are compared when they meet.
    """
    _catch_up(work, say)
    deadline_s = time.monotonic() + within_s
    while time.monotonic() < deadline_s:
        work.advance()
        before = work.positions()
        if before.are_one:
            found = work.compare()
            if work.positions() == before:
                return found
    return None


def compare_documents(present: Documents, rebuilt: Documents, *, look: Look) -> Comparison:
    """Compare two collections id by id, by what `look` sees in a document."""
    documents, differing, shown = 0, 0, list[str]()
    with storage_errors():
        for name, one, other in _paired(_sorted(present), _sorted(rebuilt)):
            documents += 1
            if one is None or other is None or look(one) != look(other):
                differing += 1
                shown += [name][: DIFFERING_SHOWN - len(shown)]
    return Comparison(documents, differing, tuple(shown))


def _catch_up(work: Rebuilding, say: Say) -> None:
    said_at_s = time.monotonic()
    while not work.advance():
        if time.monotonic() - said_at_s > SAID_EVERY_S:
            said_at_s = time.monotonic()
            say(f"{sum(work.positions().rebuilt.values()):,} events applied")


Held = Mapping[str, Any] | None


def _sorted(collection: Documents) -> Iterator[Mapping[str, Any]]:
    return iter(collection.find({}, sort=[("_id", 1)]))


def _paired(
    ones: Iterator[Mapping[str, Any]], others: Iterator[Mapping[str, Any]]
) -> Iterator[tuple[str, Held, Held]]:
    """Merge two collections that are sorted by id."""
    one, other = next(ones, None), next(others, None)
    while one is not None or other is not None:
        name = min(held["_id"] for held in (one, other) if held is not None)
        mine = one if one is not None and one["_id"] == name else None
        its = other if other is not None and other["_id"] == name else None
        yield str(name), mine, its
        one = next(ones, None) if mine is not None else one
        other = next(others, None) if its is not None else other
