"""A reaction as a process: counts pickup events into counters, one for each subject."""

import sys
from typing import Any

from shared.contracts.pickup import PickupCancelled
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Rejected
from shared.kernel.events import Event
from shared.messaging.crash_points import arm
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import connect, database
from shared.messaging.reactions import Effect, Reaction
from shared.messaging.runner import Runner
from shared.messaging.wiring import runner_of
from shared.observability.settings import ServiceSettings
from tests.fakes.counters import Counter, announce


def decide(entity_id: str, held: Counter | None, event: Event[Any]) -> Decision[Counter]:
    """Count; a name of "reject" or "bug" is refused or crashes."""
    if entity_id.startswith("reject"):
        raise Rejected("counter.refused")
    if entity_id.startswith("bug"):
        raise ZeroDivisionError
    return (held or Counter(entity_id)).add(events=0)


def runner(settings: ServiceSettings) -> Runner:
    """Return the reaction's runner; the group is the database's name, so that it is fresh."""
    db = database(connect(settings.mongodb, name=settings.instance), settings.database)
    counters = MongoAggregates(
        db[f"counted_{settings.generation or 1}"],
        kind="counter",
        state_type=Counter,
        announce=announce,
    )
    effect = Effect(counters, lambda event: [event.data.pickup_id], decide)
    return runner_of(Reaction(settings.database, {PickupCancelled: [effect]}), db, settings)


def main() -> int:
    """React until killed."""
    settings = ServiceSettings()
    arm(settings.crash_at)
    runner(settings).run(lambda: False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
