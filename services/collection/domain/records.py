"""What is kept with a pickup beside its state: steps, reviews, disputes, proposals, remarks."""

from dataclasses import dataclass
from datetime import datetime

from services.collection.domain.weighing import WeighedLot

STEPS_MAX = 64
REVIEWS_MAX = 16
REMARKS_MAX = 16
DISPUTES_MAX = 4
PHOTOS_MAX = 5


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened. `by` is a role, never a person.

    `number` counts a pickup's steps from 1 (life.py). `state` is what it led to, `about` a code or
    an id that the act is about: an outcome, a reason, the pickup that was booked instead.
    """

    act: str
    at: datetime
    by: str
    number: int = 0
    state: str = ""
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """Something for a person to look at; open until it is resolved."""

    code: str
    opened_at: datetime
    resolved_at: datetime | None = None
    resolution: str | None = None


@dataclass(frozen=True, slots=True)
class Dispute:
    """The household does not agree with the weigh-in of a revision."""

    reason: str
    revision: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Proposal:
    """A correction that waits for a second person: the whole new list of lots."""

    supersedes: int
    lots: tuple[WeighedLot, ...]
    reason: str
    author: str
    proposed_at: datetime


@dataclass(frozen=True, slots=True)
class Remark:
    """What the crew noted without ending the visit (outcomes.py)."""

    outcome: str
    collector_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture of what is to be handed over; the picture itself is a blob."""

    photo_id: str
    added_at: datetime
