"""Journals in MongoDB: a pickup's changes are written one after another, also within a poll."""

from collections.abc import Sequence

from services.tracking.domain.journal import Journal
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.ports import EntityChange


class MongoJournals(MongoAggregates[Journal]):
    """A change of a journal asks containers under its turn, so the turn before is to be durable.

    Else a process that died between two changes of one poll would ask again under a turn that
    containers have answered beyond.
    """

    def apply(self, changes: Sequence[EntityChange[Journal]]) -> None:
        """Apply in rounds in which each journal changes once."""
        waiting = list(changes)
        while waiting:
            now: list[EntityChange[Journal]] = []
            later: list[EntityChange[Journal]] = []
            seen: set[str] = set()
            for change in waiting:
                (later if change.entity_id in seen else now).append(change)
                seen.add(change.entity_id)
            super().apply(now)
            waiting = later
