"""A received event as rules see it: plain values, no client library, no model class."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

D_co = TypeVar("D_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Event(Generic[D_co]):
    """One CloudEvent off a topic. `data` is the contract's model; ids are opaque text.

    `time` is when the fact happened (ce_time), `recorded_time` when its service accepted it.
    `sequence` is dense per (topic, partition), from 1.
    """

    id: str
    type: str
    subject: str
    time: datetime
    recorded_time: datetime
    topic: str
    partition: int
    offset: int
    sequence: int
    key: str
    traceparent: str | None
    data: D_co
