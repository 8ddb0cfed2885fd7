"""The relay's producer: idempotent, acks of all in-sync replicas, unlimited retries, one flush.

Measured: with a 3 s delivery timeout a stalled broker left sends unresolved; without a limit they
recover in order. The bound is on the process instead: no acknowledgement for 30 s ends it.
"""

from collections.abc import Sequence

from kafka import KafkaProducer
from kafka.errors import KafkaError

from shared.messaging.ports_out import NoAcknowledgement, Outgoing

ACK_TIMEOUT_S = 30.0
UNLIMITED = 2**31 - 1
REQUEST_BYTES_MAX = 1_048_576


class KafkaSender:
    """`Producer` over kafka-python."""

    def __init__(
        self, bootstrap_servers: str, *, client_id: str, ack_timeout_s: float = ACK_TIMEOUT_S
    ) -> None:
        """Connects at once; raises `NoAcknowledgement` where no broker answers in time."""
        self._ack_timeout_s = ack_timeout_s
        try:
            self._producer = KafkaProducer(
                bootstrap_servers=bootstrap_servers,
                client_id=client_id,
                enable_idempotence=True,
                acks="all",
                retries=UNLIMITED,
                delivery_timeout_ms=UNLIMITED,
                request_timeout_ms=10_000,
                linger_ms=2,
                max_request_size=REQUEST_BYTES_MAX,
                bootstrap_timeout_ms=int(ack_timeout_s * 1000),
                reconnect_backoff_max_ms=1_000,
            )
        except KafkaError as error:
            raise NoAcknowledgement(str(error)) from error

    def send_all(self, records: Sequence[Outgoing]) -> None:
        """Send and wait for all acknowledgements."""
        try:
            promises = [
                self._producer.send(
                    record.topic,
                    key=record.key,
                    value=record.value,
                    headers=record.headers,
                    partition=record.partition,
                )
                for record in records
            ]
            self._producer.flush(timeout=self._ack_timeout_s)
        except KafkaError as error:
            raise NoAcknowledgement(str(error)) from error
        if not all(promise.succeeded() for promise in promises):
            raise NoAcknowledgement(f"not all of {len(records)} records were acknowledged")

    def close(self) -> None:
        """Close within 5 s."""
        self._producer.close(timeout=5)
