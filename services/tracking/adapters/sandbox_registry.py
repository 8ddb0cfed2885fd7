"""A stand-in for the state's system of manifests: it can be slow, away, or answer twice.

It knows each number once, with its newest revision, however often it is told. "Twice" means what is
hardest for the caller: it takes the document, its answer is lost, and the next time it answers with
the receipt that it gave before.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from services.tracking.application.consignment_ports import Receipt
from shared.kernel.errors import Unavailable
from shared.kernel.ids import derived_id
from shared.messaging.mongo_client import storage_errors

ANSWERS_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Temper:
    """How the sandbox behaves; `delay_s` past 5 s is no answer."""

    delay_s: float = 0.0
    is_away: bool = False
    answers_twice: bool = False


class SandboxRegistry:
    """`NationalRegistry` over the collection `sandbox_registry`."""

    def __init__(
        self,
        collection: Collection[dict[str, Any]],
        temper: Temper,
        *,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        """`pause` waits for the given seconds; tests pass one that does not."""
        self._known = collection
        self._temper = temper
        self._pause = pause

    def declare(self, number: str, revision: int, document: str) -> Receipt:
        """Take a manifest's document."""
        if self._temper.is_away:
            raise Unavailable("registry.away", "the national registry does not answer")
        self._pause(min(self._temper.delay_s, ANSWERS_WITHIN_S))
        tellings = self._took(number, revision, document)
        if self._temper.delay_s > ANSWERS_WITHIN_S:
            raise Unavailable("registry.no_answer", "it was told, and did not answer in time")
        if self._temper.answers_twice and tellings == 1:
            raise Unavailable("registry.no_answer", "its first answer was lost")
        return Receipt(derived_id("receipt", number))

    def _took(self, number: str, revision: int, document: str) -> int:
        """Keep the newest revision; return how often this one was told."""
        newest = {"_id": number, "revision": {"$lte": revision}}
        kept = {"revision": revision, "document": document, "at": datetime.now(UTC)}
        with storage_errors():
            try:
                found = self._known.find_one_and_update(
                    newest,
                    {"$set": kept, "$inc": {f"tellings.{revision}": 1}},
                    upsert=True,
                    return_document=ReturnDocument.AFTER,
                )
            except DuplicateKeyError:  # it knows a newer one
                return 2
        return int((found or {})["tellings"][str(revision)])
