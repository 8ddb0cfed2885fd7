"""Communities' rules and scales in MongoDB; rules are read at every booking, so they are kept."""

from collections.abc import Iterator
from threading import Lock
from time import monotonic
from typing import Any

from pymongo.collection import Collection

from services.collection.domain.community import CommunityRules
from services.collection.domain.scales import Scale
from shared.contracts.codec import Envelope
from shared.kernel.errors import NotFound
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

FRESH_FOR_S = 3.0
KEPT_MAX = 20_000
COMMUNITIES_MAX = 20_000


def unannounced(event: object) -> Envelope:
    """Refuse: nobody outside is told of rules and scales."""
    raise AssertionError(f"{type(event).__name__} is announced to nobody")


class MongoScales(MongoAggregates[Scale]):
    """`Scales` over one collection."""

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        """`collection` writes with majority and journal."""
        super().__init__(
            collection,
            kind="scale",
            state_type=Scale,
            announce=unannounced,
            audited=lambda _scale: "",
        )

    def find(self, scale_id: str) -> Scale | None:
        """Return the scale, or None."""
        try:
            return self.get(scale_id).state
        except NotFound:
            return None


class MongoRuleBook(MongoAggregates[CommunityRules]):
    """`RuleBook` over one collection; `of` may be 3 s behind."""

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        """`collection` writes with majority and journal."""
        super().__init__(
            collection,
            kind="rules",
            state_type=CommunityRules,
            announce=unannounced,
            audited=lambda rules: rules.community_code,
        )
        self._kept: dict[str, tuple[float, CommunityRules]] = {}
        self._lock = Lock()

    def of(self, community_code: str) -> CommunityRules:
        """Return the rules, or the defaults."""
        with self._lock:
            read_at_s, kept = self._kept.get(community_code, (0.0, None))
        if kept is not None and monotonic() - read_at_s < FRESH_FOR_S:
            return kept
        try:
            rules = self.get(community_code).state
        except NotFound:
            rules = CommunityRules(community_code)
        with self._lock:
            if len(self._kept) >= KEPT_MAX:
                self._kept.clear()
            self._kept[community_code] = (monotonic(), rules)
        return rules

    def all(self) -> Iterator[CommunityRules]:
        """Return all that there are, by community code."""
        with storage_errors():
            for held in self.collection.find({}, sort=[("_id", 1)], limit=COMMUNITIES_MAX):
                yield self.stored(held).state
