"""Sets of updates that are each made or not, those of many threads by one command (ADR 0025)."""

from collections.abc import Sequence
from typing import Any

from pymongo import UpdateOne
from pymongo.collection import Collection

from shared.messaging.group_commit import GroupCommit


class Updates:
    """Updates in one collection."""

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        """`collection` says how durable a write is."""
        self._collection = collection
        self._group = GroupCommit[list[UpdateOne]](self._update_all)

    def all_made(self, updates: list[UpdateOne]) -> bool:
        """Make them; False where one may not have changed anything: its caller makes sure."""
        return self._group.write(updates)

    def _update_all(self, asked: Sequence[list[UpdateOne]]) -> Sequence[bool]:
        updates = [update for each in asked for update in each]
        made = self._collection.bulk_write(updates, ordered=False).modified_count
        # Only their number is told: where it is short, it may be anybody's.
        return [made == len(updates)] * len(asked)
