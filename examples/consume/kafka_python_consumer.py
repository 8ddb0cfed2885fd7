"""A recycling company's consumer with kafka-python: read from the start, count each event once.

pip install "kafka-python>=3.0.12" crc32c
python kafka_python_consumer.py 127.0.0.1:9092 recycling.pickup.events.v1
"""

import json
import sys

from kafka import KafkaConsumer, TopicPartition


def consume(bootstrap_servers: str, topic: str) -> dict[str, int]:
    """Read a topic from its start to its present end; return how many events of each type."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap_servers, enable_auto_commit=False)
    places = [TopicPartition(topic, p) for p in sorted(consumer.partitions_for_topic(topic))]
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    ends = consumer.end_offsets(places)
    seen = dict.fromkeys(places, 0)  # keep this with your own data, in the same transaction
    counts: dict[str, int] = {}
    while any(consumer.position(place) < ends[place] for place in places):
        for place, records in consumer.poll(timeout_ms=500).items():
            for record in records:
                headers = {name: value.decode() for name, value in record.headers}
                sequence = int(headers["ce_sequence"])
                if sequence <= seen[place]:
                    continue  # a repeat: the relay may send an event again, never renumber it
                seen[place] = sequence
                event = json.loads(record.value)
                counts[headers["ce_type"]] = counts.get(headers["ce_type"], 0) + 1
                print(headers["ce_time"], headers["ce_type"], event.get("pickup_id", ""))
    consumer.close()
    return counts


if __name__ == "__main__":
    print(consume(sys.argv[1], sys.argv[2]))
