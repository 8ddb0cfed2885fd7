"""Aggregates that announce nothing: for a second set of books that nobody but us may hear of."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from shared.kernel.aggregate import Decision
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.ports import EntityChange

S = TypeVar("S")


class QuietAggregates(MongoAggregates[S]):
    """`Reacting` whose decisions' events are dropped: the present generation told them already."""

    def apply(self, changes: Sequence[EntityChange[S]]) -> None:
        """Apply the changes' states and marks."""
        super().apply([replace(each, decide=partial(_unheard, each.decide)) for each in changes])


def _unheard(
    decide: Callable[[S | None], Decision[S] | None], held: S | None
) -> Decision[S] | None:
    decision = decide(held)
    return None if decision is None else Decision(decision.state)
