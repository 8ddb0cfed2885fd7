"""What is kept with a pickup beside its state: steps, reviews, disputes, proposals, remarks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.collection.domain.weighing import WeighedLot

STEPS_MAX = 64
REVIEWS_MAX = 16
REMARKS_MAX = 16
DISPUTES_MAX = 4
PHOTOS_MAX = 5
# A pickup was collected, and another is booked in its place.
AFTER_REBOOKING = "weighing.after_rebooking"


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


def with_review(reviews: Sequence[Review], code: str, *, at: datetime) -> tuple[Review, ...]:
    """Return the reviews with one opened, once for each code at a time.

    Of more than 16 the oldest that is resolved goes; its steps are in the history.
    """
    if any(each.code == code and each.resolved_at is None for each in reviews):
        return tuple(reviews)
    opened = [*reviews, Review(code, at)]
    resolved = [each for each in opened if each.resolved_at is not None]
    if len(opened) > REVIEWS_MAX and resolved:
        opened.remove(resolved[0])
    return tuple(opened)


def with_resolved(
    reviews: Sequence[Review], code: str, *, resolution: str, now: datetime
) -> tuple[Review, ...]:
    """Return the reviews with the open ones of a code closed."""
    return tuple(
        replace(each, resolved_at=now, resolution=resolution)
        if each.code == code and each.resolved_at is None
        else each
        for each in reviews
    )


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
