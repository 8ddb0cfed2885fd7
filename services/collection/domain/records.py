"""What is kept with a pickup beside its state: steps, reviews, disputes, proposals, remarks."""

from collections.abc import Sequence
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
    """One thing that happened. `by` is a role, never a person."""

    act: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Review:
    """Something for a person to look at; open until it is resolved."""

    code: str
    opened_at: datetime
    resolved_at: datetime | None = None
    resolution: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What of the reviews is open, as lists look for it: since when the oldest is, and of what."""

    since: datetime
    codes: tuple[str, ...]


def waiting_of(reviews: Sequence[Review]) -> Waiting | None:
    """Return what is open of reviews, or None."""
    waiting = [each for each in reviews if each.resolved_at is None]
    if not waiting:
        return None
    return Waiting(min(each.opened_at for each in waiting), tuple(each.code for each in waiting))


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
