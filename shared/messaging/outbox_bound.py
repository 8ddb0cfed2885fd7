"""With Kafka down, bookings go on up to a bound, then 503 (promise P6).

The bound is on the pending documents of a service and on the oldest event's age. It is measured at
most once a second, in the writing thread that finds the figure old: commands pay next to nothing.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pymongo.collection import Collection

from shared.kernel.errors import Unavailable
from shared.messaging.mongo_client import storage_errors

# Pending documents only: an index that is empty when nothing waits costs nothing.
PENDING = {"outbox.0": {"$exists": True}}

DOCUMENTS_MAX = 50_000
AGE_S_MAX = 6 * 3600.0
MEASURED_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Backlog:
    """Documents with pending events, and the age of the oldest event in seconds."""

    documents: int
    age_s: float


class OutboxBound:
    """Measures a service's collections and refuses commands past the bound."""

    def __init__(
        self,
        collections: Sequence[Collection[dict[str, Any]]],
        *,
        documents_max: int = DOCUMENTS_MAX,
        age_s_max: float = AGE_S_MAX,
    ) -> None:
        """`collections` are those with an outbox."""
        self._collections = tuple(collections)
        self._documents_max = documents_max
        self._age_s_max = age_s_max
        self._lock = threading.Lock()
        self._measured_at_s = -MEASURED_EVERY_S
        self._full = False

    def check(self) -> None:
        """Raise `Unavailable` (outbox.backlog) past the bound."""
        if time.monotonic() - self._measured_at_s > MEASURED_EVERY_S and self._lock.acquire(
            blocking=False
        ):
            try:
                backlog = self.measure()
                self._full = (
                    backlog.documents >= self._documents_max or backlog.age_s >= self._age_s_max
                )
                self._measured_at_s = time.monotonic()
            finally:
                self._lock.release()
        if self._full:
            raise Unavailable(
                "outbox.backlog", "too many events wait to be published", retry_after_s=10
            )

    def measure(self) -> Backlog:
        """Count the backlog up to the bound, with one index read a collection."""
        documents, age_s = 0, 0.0
        for collection in self._collections:
            with storage_errors():
                documents += collection.count_documents(
                    PENDING, hint="pending", limit=self._documents_max
                )
                oldest = collection.find_one(
                    PENDING, {"outbox.at": 1}, sort=[("outbox.id", 1)], hint="pending"
                )
            if oldest is not None and oldest["outbox"]:
                waited = datetime.now(UTC) - oldest["outbox"][0]["at"]
                age_s = max(age_s, waited.total_seconds())
        return Backlog(documents, age_s)
