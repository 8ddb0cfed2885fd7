"""A tiny aggregate for tests of the messaging: a counter that announces each of its steps."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from shared.contracts.codec import Envelope, encode
from shared.contracts.pickup import PickupCancelled
from shared.kernel.aggregate import Answer, Decision, Request

COMMUNITY = "350102001001"


@dataclass(frozen=True, slots=True)
class Counter:
    name: str
    total: int = 0

    def add(self, amount: int = 1, *, events: int = 1) -> Decision["Counter"]:
        after = replace(self, total=self.total + amount)
        return Decision(after, tuple(Added(self.name, after.total) for _ in range(events)))


@dataclass(frozen=True, slots=True)
class Added:
    name: str
    total: int
    community_code: str = COMMUNITY


def announce(event: object) -> Envelope:
    assert isinstance(event, Added)
    payload = PickupCancelled(
        pickup_id=event.name,
        household_id=f"total-{event.total}",
        community_code=event.community_code,
        by="city",
        reason="test",
        cancelled_at=datetime.now(UTC),
    )
    return encode(
        payload,
        key=event.community_code,
        subject=event.name,
        time=payload.cancelled_at,
        source="greenloop/test",
    )


def request(scope: str = "scope-1", body: str = "body-1") -> Request[Counter]:
    return Request(scope, body, lambda stored: Answer(201, f"{stored.state.total}".encode()))
