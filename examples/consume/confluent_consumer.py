"""A recycling company's consumer with confluent-kafka (librdkafka), in a group of its own.

pip install confluent-kafka
python confluent_consumer.py 127.0.0.1:9092 recycling.pickup.events.v1 my-company
"""

import json
import sys

from confluent_kafka import Consumer

IDLE_POLLS = 10


def consume(bootstrap_servers: str, topic: str, group: str) -> dict[str, int]:
    """Read a topic until nothing comes for five seconds; return how many events of each type."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap_servers,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([topic])
    seen: dict[int, int] = {}
    counts: dict[str, int] = {}
    idle = 0
    while idle < IDLE_POLLS:
        message = consumer.poll(0.5)
        if message is None or message.error():
            idle += 1
            continue
        idle = 0
        headers = {name: value.decode() for name, value in message.headers()}
        sequence = int(headers["ce_sequence"])
        if sequence <= seen.get(message.partition(), 0):
            continue  # a repeat
        seen[message.partition()] = sequence
        event = json.loads(message.value())
        counts[headers["ce_type"]] = counts.get(headers["ce_type"], 0) + 1
        print(headers["ce_time"], headers["ce_type"], event.get("pickup_id", ""))
        consumer.commit(message)
    consumer.close()
    return counts


if __name__ == "__main__":
    print(consume(sys.argv[1], sys.argv[2], sys.argv[3]))
