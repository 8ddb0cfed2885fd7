"""Lanes: the partitions of all topics that carry lots, numbered as one.

The delta log, the marks and the intake know lanes only. A row of a community's hour has lots of all
topics; each topic has a mark of its own in it. The topics have one key and as many partitions, so
that a community's lots of all topics are in one and the same row.
"""

from dataclasses import dataclass

from shared.contracts import drive, pickup
from shared.contracts.topic import Topic


@dataclass(frozen=True, slots=True)
class Source:
    """A topic with lots. Its lanes begin at `first`; `mark` is its field in a row."""

    topic: Topic
    first: int
    mark: str

    @property
    def prefix(self) -> bytes:
        """What the types of its events begin with."""
        return self.topic.name.encode().split(b".events")[0] + b"."


# Only ever added to: a lane's number is in the log.
SOURCES = (Source(pickup.TOPIC, 0, "m"), Source(drive.TOPIC, pickup.TOPIC.partitions, "m_drive"))
MARKS = tuple(source.mark for source in SOURCES)
assert len({source.topic.partitions for source in SOURCES}) == 1, "one row for all topics"
# By lane, for each record that is counted.
PREFIXES = tuple(source.prefix for source in SOURCES for _ in range(source.topic.partitions))
_SOURCE_OF = {source.topic.name: source for source in SOURCES}


def lane_of(topic: str, partition: int) -> int:
    """Return the lane of a topic's partition."""
    return _SOURCE_OF[topic].first + partition


def source_of(lane: int) -> tuple[Source, int]:
    """Return the topic of a lane, and the partition of it."""
    source = next(each for each in reversed(SOURCES) if each.first <= lane)
    return source, lane - source.first
