"""A member whose join the client forgot joins all the same (shared/messaging/kafka_source.py)."""

import pytest

from shared.contracts.price import TOPIC
from shared.kernel.ids import new_id
from shared.messaging.kafka_source import KafkaSource
from tests.polling import eventually

pytestmark = pytest.mark.integration


def test_a_join_that_the_client_forgot_is_made(kafka_bootstrap):
    given = []
    source = KafkaSource(kafka_bootstrap, group=f"g.{new_id()}", instance="test-0")
    source.subscribe([TOPIC.name], assigned=given.append, revoked=lambda _places: None)

    def is_given(times):
        source.poll(timeout_s=0.1, records_max=10)
        return len(given) >= times

    eventually(lambda: is_given(1))
    # As kafka-python leaves it where new metadata asked for the join and a poll's time was over.
    coordinator = source._consumer._coordinator
    coordinator.rejoining, coordinator.rejoin_needed = True, False

    eventually(lambda: is_given(2))

    assert not coordinator.rejoining
    source.close()
