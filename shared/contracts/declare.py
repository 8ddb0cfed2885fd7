"""Declares topics by script, with partitions, retention and replication; never by a client."""

import sys

from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from shared.contracts.catalogue import TOPICS
from shared.contracts.topic import Topic
from shared.kernel.errors import Conflict, Unavailable

TIMEOUT_MS = 20_000
REPLICAS_MAX = 9


def declare_topics(bootstrap_servers: str, *, replication: int = 1) -> None:
    """Create the topics that are missing; may be repeated.

    Raises `Conflict` (topics.partitions) where one exists with another number of partitions,
    which are frozen in v1, and `Unavailable` (topics.unavailable) where no broker answers.
    """
    try:
        admin = KafkaAdminClient(bootstrap_servers=bootstrap_servers)
    except KafkaError as error:
        raise Unavailable("topics.unavailable", "no broker answers") from error
    try:
        present = {each["name"]: len(each["partitions"]) for each in admin.describe_topics()}
        _check_partitions(present)
        missing = [topic for topic in TOPICS if topic.name not in present]
        if missing:
            admin.create_topics(
                [_new(topic, replication) for topic in missing], timeout_ms=TIMEOUT_MS
            )
    except TopicAlreadyExistsError:
        return  # another process declared them at the same time, from the same catalogue
    except KafkaError as error:
        raise Unavailable("topics.unavailable", "the topics could not be declared") from error
    finally:
        admin.close()


def topic_config(topic: Topic, *, replication: int = 1) -> dict[str, str]:
    """Return the settings that a topic is created with.

    Of three replicas or more, all but one are to have what is acknowledged: one broker may be
    away, and none that dies takes an event with it.
    """
    return {
        "min.insync.replicas": str(max(1, replication - 1)),
        "retention.ms": str(topic.retention_ms),
        "cleanup.policy": "compact,delete" if topic.compacted else "delete",
        "message.timestamp.type": "CreateTime",
        "max.message.bytes": "1048588",
    }


def _check_partitions(present: dict[str, int]) -> None:
    for topic in TOPICS:
        held = present.get(topic.name, topic.partitions)
        if held != topic.partitions:
            raise Conflict(
                "topics.partitions",
                f"{topic.name} has {held} partitions, not {topic.partitions}: "
                "the key decides the order, so the number is frozen",
            )


def _new(topic: Topic, replication: int) -> NewTopic:
    return NewTopic(
        name=topic.name,
        num_partitions=topic.partitions,
        replication_factor=replication,
        topic_configs=topic_config(topic, replication=replication),
    )


if __name__ == "__main__":
    brokers, replicas = (*sys.argv[1:], "1")[:2] if sys.argv[1:] else ("", "")
    if not (brokers and replicas.isdecimal() and 1 <= int(replicas) <= REPLICAS_MAX):
        sys.exit("usage: python -m shared.contracts.declare BROKERS [REPLICAS]   (1 to 9)")
    declare_topics(brokers, replication=int(replicas))
