"""What is on the pickup topic from a given position on, as any reader may see it."""

from kafka import KafkaConsumer, TopicPartition

from shared.contracts.pickup import TOPIC

PLACES = [TopicPartition(TOPIC.name, partition) for partition in range(TOPIC.partitions)]


def ends(bootstrap):
    """Return where each partition ends now."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap)
    found = consumer.end_offsets(PLACES)
    consumer.close()
    return found


def read_from(bootstrap, starts):
    """Return [(partition, sequence, event id, subject)] from `starts` to the present end."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    consumer.assign(PLACES)
    for place, offset in starts.items():
        consumer.seek(place, offset)
    upto = consumer.end_offsets(PLACES)
    found = []
    while any(consumer.position(place) < upto[place] for place in PLACES):
        for records in consumer.poll(timeout_ms=300).values():
            for record in records:
                headers = dict(record.headers)
                found.append(
                    (
                        record.partition,
                        int(headers["ce_sequence"]),
                        headers["ce_id"].decode(),
                        headers["ce_subject"].decode(),
                    )
                )
    consumer.close()
    return found
