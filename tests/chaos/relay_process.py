"""A relay as a process: `python -m tests.chaos.relay_process`."""

import sys

from shared.contracts.pickup import TOPIC
from shared.messaging.crash_points import arm
from shared.messaging.kafka_producer import KafkaSender
from shared.messaging.leases import MongoLeases
from shared.messaging.mongo_client import connect, database
from shared.messaging.pending import MongoPendingEvents
from shared.messaging.quarantine import MongoQuarantine
from shared.messaging.relay import Relay
from shared.observability.settings import ServiceSettings

LEASE_MS = 3_000  # twice as long as it takes to renew: what waits for its end waits less


def relay(settings: ServiceSettings, *, owner: str) -> Relay:
    """Return a relay of the collection `counters`."""
    db = database(connect(settings.mongodb, name=owner), settings.database)
    return Relay(
        MongoPendingEvents([db["counters"]]),
        MongoLeases(db["relay"], [TOPIC], owner=owner, lease_ms=LEASE_MS),
        producer=KafkaSender(settings.kafka, client_id=owner),
        quarantine=MongoQuarantine(db["quarantine"]),
    )


def main() -> int:
    """Relay until killed."""
    settings = ServiceSettings()
    arm(settings.crash_at)
    relay(settings, owner=settings.instance).run(lambda: False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
