"""Writes numbered events as a relay does, and what no relay would write."""

from collections.abc import Sequence

from kafka import KafkaProducer

from shared.contracts.codec import wire_headers
from shared.contracts.pickup import TOPIC
from tests.fakes.counters import Added, announce


class Writer:
    """Numbers events densely in one partition, from where the topic is."""

    def __init__(self, bootstrap: str, partition: int = 0) -> None:
        self._producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
        self._partition = partition
        self.last = 0
        self.sent: list[tuple[bytes, list[tuple[str, bytes]]]] = []

    def add(self, *names: str) -> None:
        """Write an event for each name."""
        for name in names:
            self.last += 1
            record = announce(Added(name, self.last))
            self._send(record.value, wire_headers(record.headers, sequence=self.last))

    def again(self) -> None:
        """Write everything once more, as it was."""
        for value, headers in list(self.sent):
            self.raw(value, headers)

    def _send(self, value: bytes, headers: list[tuple[str, bytes]]) -> None:
        self.sent.append((value, headers))
        self.raw(value, headers)

    def poison(self, value: bytes | None, *, type_: str, numbered: bool = True) -> None:
        """Write a broken event, with its sequence or without."""
        whole = {**announce(Added("poison", 0)).headers, "ce_type": type_}
        headers = [(name, text.encode()) for name, text in whole.items()]
        if numbered:
            self.last += 1
            headers = wire_headers(whole, sequence=self.last)
        self.raw(value, headers)

    def raw(self, value: bytes | None, headers: Sequence[tuple[str, bytes]]) -> None:
        """Write a record."""
        self._producer.send(
            TOPIC.name, key=b"k", value=value, headers=list(headers), partition=self._partition
        ).get(timeout=10)
