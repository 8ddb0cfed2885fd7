"""Households do not change: the ones asked for last are kept in memory, 50,000 at most."""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

from services.collection.application.ports import Household, Households
from shared.kernel.aggregate import Decision, Request, Stored

KEPT_MAX = 50_000


class CachedHouseholds:
    """`Households` in front of another."""

    def __init__(self, households: Households) -> None:
        """Begin empty."""
        self._households = households
        self._kept: OrderedDict[str, Stored[Household]] = OrderedDict()
        self._lock = Lock()

    def get(self, entity_id: str) -> Stored[Household]:
        """Return the household, from memory where it was asked for before."""
        with self._lock:
            kept = self._kept.get(entity_id)
        if kept is None:
            kept = self._households.get(entity_id)
            with self._lock:
                self._kept[entity_id] = kept
                if len(self._kept) > KEPT_MAX:
                    self._kept.popitem(last=False)
        return kept

    def create(
        self,
        entity_id: str,
        decision: Decision[Household],
        *,
        request: Request[Household] | None = None,
    ) -> Stored[Household]:
        """Insert."""
        return self._households.create(entity_id, decision, request=request)

    def of_owner(self, owner: str) -> Sequence[Stored[Household]]:
        """Return the households of an account, from storage."""
        return self._households.of_owner(owner)
